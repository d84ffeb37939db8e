/**
 * The share of a load that one thread has: opens its connections, keeps the schedule or keeps messages under way, waits
 * for the last replies, closes. It begins when it is told, so that all threads begin together, and counts into a tally
 * that is taken away once a second.
 */
import { type BadPeerKind, BadPeers, badPeerKinds } from './bad-peers.js'
import { ConnectLoad } from './connect-load.js'
import { deal } from './deal.js'
import { DueParts } from './due-parts.js'
import type { Exchange } from './exchange.js'
import { exchangesOf } from './exchanges.js'
import { LoadConnection, type LoadScope } from './load-connection.js'
import { LoadConnections } from './load-connections.js'
import { loadConnector } from './load-connector.js'
import { noConnection } from './no-connection.js'
import { callAt, eventLoop, Pacer, type PacerWorld } from './pacer.js'
import { randomNumbers } from './random.js'
import { RatePlan } from './rate-plan.js'
import { Reconnections } from './reconnections.js'
import { OpenedExchange, Opening } from './scenario/opening.js'
import { ScriptLoad } from './scenario/script-load.js'
import { countBefore, countOf, Schedule, type Share } from './schedule.js'
import { type Fared, SelfCheck } from './self-check.js'
import { Sleep } from './sleep.js'
import { Tally, type TallyState } from './tally.js'
import type { ThreadSettings } from './thread-settings.js'
import { tooSlow } from './too-slow.js'

/** How often it is told how many connections are open, about. */
const steps = 64

/** Milliseconds. */
const second = 1000

/** Of so many octets are counted at the end of each second; of more as they are looked at, for that takes longer than a message. */
const few = 1000

/** Seconds within which a connection that is only held has a Ping: proxies cut what is silent for a minute. */
const pingedWithin = 30

export class Generator {
  readonly tally: Tally
  /** How this thread has fared, once it has {@link run}; undefined where the warm-up was not over then. */
  fared: Fared | undefined
  /** Those of its connections that do not behave. */
  readonly badPeers: BadPeers
  readonly #settings: ThreadSettings
  readonly #share: Share
  readonly #world: PacerWorld
  readonly #scope: LoadScope & { until: number; carried: Tally; inTime: boolean }
  readonly #connections: LoadConnections
  readonly #exchange: (connection: number) => Exchange
  #connects: ConnectLoad | undefined
  readonly #reconnections: Reconnections | undefined
  readonly #script: ScriptLoad | undefined
  /** Connections that were made, ended ones too. */
  #made = 0
  #looks = 0
  readonly #abort = new AbortController()
  #pacer: Pacer | undefined
  #draining = false
  readonly #sleep: Sleep
  readonly #parts: DueParts
  /** When the warm-up is over. */
  #measuredFrom = Number.POSITIVE_INFINITY
  /** The number of the second that is counted now, and when it is over; and seconds before it that nobody has taken yet. */
  #second = 0
  #secondEnd = Number.POSITIVE_INFINITY
  readonly #over: TallyState[] = []
  #check: SelfCheck | undefined

  /** @param tally - what it counts into. */
  constructor(settings: ThreadSettings, share: Share, world: PacerWorld = eventLoop, tally = new Tally()) {
    this.tally = tally
    this.#settings = settings
    this.#share = share
    this.#world = world
    this.#sleep = new Sleep(world)
    this.#connections = new LoadConnections(world)
    this.#parts = new DueParts(settings, tally)
    this.#scope = {
      settings,
      parts: this.#parts,
      // Nobody asks for what was carried before it begins.
      carried: new Tally(),
      inTime: true,
      now: world.now,
      connector: loadConnector(settings),
      until: Number.NEGATIVE_INFINITY,
      settled: () => this.#rest(),
      dropped: connection => void this.#reconnections?.bringBack(connection),
    }
    if (settings.workload === 'steps') this.#script = this.#users()
    const random = randomNumbers(settings.seed, 'peers', share.index)
    const { script } = settings
    const opening =
      script.opening.length === 0
        ? undefined
        : (number: number) => new Opening({ script, tally: this.tally, world, random }, number)
    this.#exchange = this.#exchanges(opening)
    this.badPeers = new BadPeers({ settings, exchange: exchangesOf(settings), opening, random, world })
    if (settings.workload !== 'storm') return
    this.#reconnections = new Reconnections({
      tally,
      measuredFrom: () => this.#measuredFrom,
      parts: this.#parts,
      signal: this.#abort.signal,
      backoff: settings.backoff,
      random: randomNumbers(settings.seed, 'returns', share.index),
      world,
    })
  }

  /**
   * Opens the connections of this share, some at a time. Resolves when all are open or have failed.
   *
   * @param progress - told now and then how many are open.
   */
  async open(progress = (_: number) => {}): Promise<void> {
    const { connections, opening, workload, badPeers } = this.#settings
    if (workload === 'connect') return
    const bad: BadPeerKind[] = []
    const shares = badPeerKinds.map(kind => badPeers[kind] ?? 0)
    const first = countBefore(connections, this.#share)
    for (let i = countOf(connections, this.#share) - 1; i >= 0; i--) {
      const kind = badPeerKinds[deal(first + i, shares)]
      if (kind === undefined) this.#connections.add(this.#create())
      else bad.push(kind)
    }
    // Their numbers are behind those of the others, so that no two are the same.
    for (const kind of bad) this.badPeers.add(kind, this.#share.index + this.#made++ * this.#share.count)
    const { counts } = this.tally
    const step = Math.ceil(this.#connections.count / steps)
    const opened = () => {
      if (counts.opened % step === 0) progress(counts.opened + this.badPeers.opened)
    }
    const { signal } = this.#abort
    await Promise.all([this.#connections.open(opening, signal, opened, counts), this.badPeers.open(signal)])
  }

  /** What goes to and fro on each connection, by its number. */
  #exchanges(opening: ((number: number) => Opening) | undefined): (connection: number) => Exchange {
    const script = this.#script
    // Users go through their opening steps by themselves.
    if (script !== undefined) return number => script.seat(number)
    const messages = exchangesOf(this.#settings)
    return opening === undefined ? messages : number => new OpenedExchange(opening(number), messages(number))
  }

  #create(): LoadConnection {
    const { sourceAddresses } = this.#settings
    const number = this.#made++
    const exchange = this.#exchange(this.#share.index + number * this.#share.count)
    return new LoadConnection(this.#scope, exchange, sourceAddresses[number % sourceAddresses.length])
  }

  /**
   * Runs the load: warm-up, what is measured, and the wait for the last replies.
   *
   * @param start - when the warm-up begins, by `performance.now()` of this thread.
   */
  async run(start: number): Promise<void> {
    if (this.#abort.signal.aborted) return
    const { segments, warmUp, duration, workload } = this.#settings
    this.#measuredFrom = start + warmUp
    this.#parts.begin(start)
    this.#secondEnd = start + second
    this.#countCarried(warmUp === 0 ? this.tally : this.tally.warmUp)
    const end = start + warmUp + duration
    this.#parts.until = end
    // To count for all connections takes a microsecond each: before what is measured.
    const timers = [
      callAt(this.#world, this.#measuredFrom - this.#connections.count / 1000, () => this.#measure()),
      callAt(this.#world, end, () => this.#endTime()),
    ]
    if (workload === 'connect') {
      this.#connects = new ConnectLoad({ ...this.#scope, signal: this.#abort.signal, create: () => this.#create() })
    }
    if (workload === 'storm') await this.#storm()
    else if (segments !== undefined) await this.#keepSchedule(new RatePlan(segments), start)
    else if (await this.#isIn(start)) this.#keepBusy(end)
    // The last message leaves before that, or later where the generator was too slow.
    await this.#isIn(end)
    for (const cancel of timers) cancel()
    this.#endTime()
    this.fared = this.#check?.end()
    await this.#drain()
    this.#script?.end()
  }

  /** The measured time is over, or was cut short. */
  #endTime(): void {
    if (!this.#scope.inTime) return
    this.#countCarried(this.tally)
    this.#scope.inTime = false
    this.#scope.until = Number.NEGATIVE_INFINITY
    const now = this.#scope.now()
    this.#parts.until = Math.min(this.#parts.until, now)
    this.#script?.endTime(now)
  }

  /** Whether all has been sent that was due before a time, as far as there is a plan. */
  passed(time: number): boolean {
    return this.#pacer?.passed(time) ?? true
  }

  /** What was counted in the second that is over: by the plan, however late this is asked for. */
  takeSecond(): TallyState {
    if (this.#over.length === 0) this.#endSecond()
    return this.#over.shift()!
  }

  /** What was counted, and not taken. */
  takeAll(): TallyState {
    for (const state of this.#over.splice(0)) this.tally.add(state)
    return this.tally.take()
  }

  /** Something is due at that time. */
  #reach(time: number): void {
    if (time >= this.#secondEnd) this.#endSecond()
    if (time >= this.#measuredFrom) this.#measure()
  }

  /** The warm-up is over: by the plan, for timers come late, and by the clock where nothing is due. */
  #measure(): void {
    if (this.#check !== undefined) return
    this.#countCarried(this.tally)
    this.#check = new SelfCheck(this.#world)
  }

  #endSecond(): void {
    // Times that are added up may be a little less than they should.
    const isMeasured = this.#secondEnd > this.#measuredFrom - 0.5
    const next = isMeasured ? this.tally : this.tally.warmUp
    if (next !== this.#scope.carried || this.#connections.count <= few) this.#countCarried(next)
    this.#over.push(this.tally.take())
    this.#second++
    this.#parts.second(this.#second)
    this.#secondEnd += second
  }

  /**
   * Counts what TCP has carried since this was done last.
   *
   * @param next - what is carried from now on belongs there.
   */
  #countCarried(next: Tally): void {
    this.#connections.countCarried()
    this.#scope.carried = next
  }

  /** The time is over now: nothing more is sent, and {@link run} waits for the last replies. */
  end(): void {
    if (this.#scope.inTime) this.#cutShort()
  }

  /** Sends nothing more; {@link run} comes to its end without waiting for replies. */
  stop(): void {
    this.#abort.abort()
    this.#cutShort()
  }

  #cutShort(): void {
    this.#endTime()
    this.#pacer?.stop()
    this.#sleep.wake()
  }

  /** Once a second: at what waits in its sockets and for replies, and with a Ping at one of its connections, in turns. */
  look(): void {
    const turns = this.#settings.workload === 'idle' ? pingedWithin : this.#connections.count
    const turn = this.#looks++ % turns
    let buffered = 0
    this.#connections.look((connection, place) => {
      connection.countCarried()
      buffered += connection.buffered
      this.#check?.buffered(buffered)
      if (place % turns === turn) connection.ping()
      connection.expire()
    })
  }

  /** Not one of its connections is open, and none is to come: whatever is planned cannot be sent. */
  get isDeserted(): boolean {
    const { workload } = this.#settings
    // Of a storm whoever was open once comes back; also who is about to end. But not who could not log in at first.
    if (workload === 'storm') return !this.#connections.wereOpen && !this.#reconnections!.areComing
    return workload !== 'connect' && this.#connections.areGone
  }

  /** Closes all connections: with 1001 if it was stopped. */
  async close(): Promise<void> {
    const code = this.#abort.signal.aborted ? 1001 : 1000
    // Nothing comes back any more.
    this.#abort.abort()
    this.#reconnections?.giveUp()
    const { opening, drain } = this.#settings
    await Promise.all([this.#connections.close(code, opening, drain), this.#connects?.settled(), this.badPeers.end()])
  }

  /** Cuts all connections. */
  cut(): void {
    this.stop()
    this.#connections.cut()
    this.#connects?.cut()
    void this.badPeers.end()
  }

  async #keepSchedule(plan: RatePlan, start: number): Promise<void> {
    const { arrival, seed, perConnection } = this.#settings
    // The times of all are a Poisson process; by chance each of them belongs to one connection, and that has one of its own.
    const byChance = perConnection && arrival === 'poisson'
    const random = byChance ? randomNumbers(seed, 'connections', this.#share.index) : undefined
    const script = this.#script
    script?.start(start + plan.duration, false)
    const connections = this.#connections
    const connects = this.#connects
    const { now } = this.#scope
    let next = 0
    const paced = {
      due: (time: number) => {
        this.#reach(time)
        if (connects !== undefined) return void connects.attempt(time)
        if (script !== undefined) return script.due(time)
        const connection = connections.at(next)
        // Of a few connections none may be left that behaves.
        if (connection === undefined) {
          paced.missed(time, 1, noConnection)
          return
        }
        connection.send(time, now())
        if (random !== undefined) next = Math.floor(random() * connections.count)
        else next = next + 1 === connections.count ? 0 : next + 1
      },
      missed: (time: number, count: number, why = tooSlow) => {
        this.#reach(time)
        const { tally } = this.#parts.plan(time, count)
        tally.counts.missed += count
        tally.error(why, '', count)
      },
    }
    this.#pacer = new Pacer(new Schedule(plan, arrival, seed, this.#share), start, plan.duration, paced, this.#world)
    await this.#pacer.finished
  }

  /** Without a rate: users of a scenario, connections and messages, each followed by another one. */
  #keepBusy(end: number): void {
    const { workload, connections } = this.#settings
    if (this.#script !== undefined) this.#script.start(end, true)
    else if (this.#connects !== undefined) void this.#connects.keepUnderWay(countOf(connections, this.#share))
    else if (workload !== 'idle') {
      this.#scope.until = end
      this.#connections.keepUnderWay(this.#scope)
    }
  }

  #users(): ScriptLoad {
    const { script, seed } = this.#settings
    return new ScriptLoad({
      script,
      tally: this.tally,
      world: this.#world,
      random: randomNumbers(seed, 'users', this.#share.index),
      tallyOf: due => this.#parts.of(due).tally,
      plan: due => this.#parts.plan(due).tally,
      settled: () => this.#rest(),
    })
  }

  /** Cuts all connections when the warm-up is over. */
  async #storm(): Promise<void> {
    if ((await this.#isIn(this.#measuredFrom)) && this.#settings.cutAll) this.#connections.drop()
  }

  /** Something has ended: perhaps it was the last that was waited for. */
  #rest(): void {
    if (this.#draining && this.#isIdle()) this.#sleep.wake()
  }

  #isIdle(): boolean {
    return this.#connections.areIdle && !this.#connects?.underWay && !this.#script?.waiting
  }

  async #drain(): Promise<void> {
    if (this.#connects !== undefined) void this.#connects.settled().then(() => this.#sleep.wake())
    if (this.#abort.signal.aborted || this.#isIdle()) return
    this.#draining = true
    await this.#sleep.until(this.#scope.now() + this.#settings.drain)
  }

  /** At that time: whether the load was not cut short before it. */
  async #isIn(time: number): Promise<boolean> {
    if (this.#scope.inTime) await this.#sleep.until(time)
    return this.#scope.inTime
  }
}
