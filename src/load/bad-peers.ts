/**
 * Peers that do not behave, among the connections of a load: every server has some. They have no part in the plan, and are
 * counted apart, so that what they suffer is not taken for what the others do.
 */
import type { Duplex } from 'node:stream'
import type { ConnectOptions } from '../api/connect-options.js'
import { Connector } from '../api/connector.js'
import type { WebSocketConnection } from '../api/websocket-connection.js'
import type { CloseRecord } from '../connection/close-record.js'
import { type HandshakeError, type TransportError, UsageError } from '../errors.js'
import { deal } from './deal.js'
import type { Exchange } from './exchange.js'
import { failureExample } from './failure-example.js'
import { failureKind } from './failure-kind.js'
import type { LoadSettings } from './load-settings.js'
import type { PacerWorld } from './pacer.js'
import type { Opening } from './scenario/opening.js'
import { Tally } from './tally.js'

/** The ways in which they do not behave. */
export const badPeerKinds = ['slowReaders', 'slowWriters', 'halfOpen', 'resetting'] as const

/**
 * A way in which peers do not behave. `slowReaders`: they take in a message each 100 ms, and ask for more than that.
 * `slowWriters`: they send a message in fragments of 8 octets, one each 100 ms, and then the next one.
 * `halfOpen`: they are silently gone: nothing is read, no Ping answered, and TCP stays. `resetting`: each resets TCP after a
 * second on average, and comes back.
 */
export type BadPeerKind = (typeof badPeerKinds)[number]

/** Milliseconds from one message of a slow reader to the next, and from one fragment of a slow writer. */
const slowness = 100
/** Octets in such a fragment. */
const fragment = 8
/** What a slow reader has asked for and not read: octets, or that many messages where they are small. */
const greed = { octets: 4 * 1024 * 1024, messages: 4096 } as const
/** Milliseconds on average until a connection is reset. */
const patience = 1000
/**
 * In so many turns of the event loop, so many milliseconds apart, those that were silently gone hear what has become of them:
 * by time alone a thread that gets no core would not have read what had long come.
 */
const hearing = { turns: 10, apart: 5 } as const

/** Of the connections of a load, the shares of those that do not behave: each from 0 to 1, all together below 1. */
export type BadPeerShares = Readonly<Partial<Record<BadPeerKind, number>>>

/** What those of a kind have come to: they are not among the others. */
export interface BadPeerReport {
  /** How many there were. */
  readonly connections: number
  /** What was counted: a connection that came back has been opened again. */
  readonly counts: Pick<Tally['counts'], 'opened' | 'failed' | 'dropped' | 'sent' | 'received'>
  /** How often the server ended one, with which status code; 1006: without a Close frame. */
  readonly closeCodes: Readonly<Record<string, number>>
}

/** What those of each kind have come to. */
export type BadPeersReport = Readonly<Partial<Record<BadPeerKind, BadPeerReport>>>

/** Those of several threads or machines together. */
export function addBadPeers(a: BadPeersReport, b: BadPeersReport): BadPeersReport {
  return Object.fromEntries(
    badPeerKinds.flatMap(kind => {
      const both = [a[kind], b[kind]].filter(one => one !== undefined)
      return both.length === 0 ? [] : [[kind, both.reduce(added)]]
    }),
  )
}

function added(a: BadPeerReport, b: BadPeerReport): BadPeerReport {
  return {
    connections: a.connections + b.connections,
    counts: sums(a.counts, b.counts) as BadPeerReport['counts'],
    closeCodes: sums(a.closeCodes, b.closeCodes),
  }
}

function sums(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  const names = [...Object.keys(a), ...Object.keys(b)]
  return Object.fromEntries(names.map(name => [name, (a[name] ?? 0) + (b[name] ?? 0)]))
}

export function areShares(value: unknown): boolean {
  const shares = Object.entries(Object(value) as Record<string, unknown>)
  const known = shares.every(
    ([kind, share]) => badPeerKinds.some(one => one === kind) && typeof share === 'number' && share >= 0,
  )
  return known
}

/** So many of the connections of a thread have to behave, where some do not: however they are dealt out, one is among them. */
const fewestBehaving = 4

/**
 * Among how many threads the connections can be divided, so that in each there are some that behave.
 *
 * @param shards - processes that divide them before.
 * @throws UsageError WS_INVALID_OPTION: a share is not one whole connection, or too few are left.
 */
export function mostThreads(connections: number, shares: BadPeerShares, shards: number): number {
  const asked = badPeerKinds.map(kind => shares[kind] ?? 0)
  if (asked.reduce((sum, share) => sum + share) >= 1)
    refuse('`badPeers` are all of the connections: none is left that behaves')
  if (asked.every(share => share === 0)) return Math.floor(connections / shards)
  const kinds = Array.from({ length: connections }, (_, number) => deal(number, asked))
  const missing = badPeerKinds.find((_, kind) => asked[kind]! > 0 && !kinds.includes(kind))
  if (missing !== undefined) refuse(`\`${missing}\` have none of ${connections} connections`)
  const behaving = kinds.filter(kind => kind === badPeerKinds.length).length / shards
  if (behaving < (shards === 1 ? 1 : fewestBehaving)) refuse('`badPeers`: too few connections are left that behave')
  return Math.max(1, Math.floor(behaving / fewestBehaving))
}

function refuse(message: string): never {
  throw new UsageError('WS_INVALID_OPTION', '6.1', message)
}

/** What they need of their thread. */
export interface BadPeersScope {
  readonly settings: LoadSettings
  readonly exchange: (connection: number) => Exchange
  /** What each does first, if anything: to log in, as the others. */
  readonly opening: ((connection: number) => Opening) | undefined
  /** From 0 to 1. */
  readonly random: () => number
  readonly world: PacerWorld
}

export class BadPeers {
  readonly #tallies = new Map<BadPeerKind, Tally>()
  readonly #scope: BadPeersScope
  readonly #connector: Connector<BadPeer>
  readonly #peers: BadPeer[] = []
  readonly #abort = new AbortController()
  #cancel = () => {}

  constructor(scope: BadPeersScope) {
    this.#scope = scope
    const { url, connect } = scope.settings
    this.#connector = new Connector(url, { ...connect, ...shared })
  }

  /** @param number - of its connection among all. */
  add(kind: BadPeerKind, number: number): void {
    const tally = this.#tallies.get(kind) ?? new Tally()
    this.#tallies.set(kind, tally)
    this.#peers.push(new BadPeer(kind, this.#scope, this.#connector, tally, number))
  }

  /** How many have been opened until now. */
  get opened(): number {
    return [...this.#tallies.values()].reduce((sum, { counts }) => sum + counts.opened, 0)
  }

  /** What those of each kind have come to. */
  get report(): BadPeersReport {
    return Object.fromEntries(
      [...this.#tallies].map(([kind, tally]) => {
        const { opened, failed, dropped, sent, received } = tally.counts
        const connections = this.#peers.filter(peer => peer.kind === kind).length
        const closeCodes = Object.fromEntries(tally.closeCodes)
        return [kind, { connections, counts: { opened, failed, dropped, sent, received }, closeCodes }]
      }),
    )
  }

  /** Opens them, so many at a time, as long as nobody says that it is over. */
  async open(signal: AbortSignal): Promise<void> {
    const waiting = this.#peers.values()
    const atATime = Math.min(this.#scope.settings.opening, this.#peers.length)
    const openers = Array.from({ length: atATime }, async () => {
      for (const peer of waiting) {
        if (signal.aborted) return
        await peer.open(signal)
      }
    })
    const giveUp = () => {
      for (const peer of this.#peers) peer.giveUp()
    }
    signal.addEventListener('abort', giveUp)
    await Promise.all(openers)
    signal.removeEventListener('abort', giveUp)
    if (this.#peers.length > 0) this.#tick()
  }

  /** Ends all of them, without a word. */
  async end(): Promise<void> {
    if (this.#abort.signal.aborted) return
    this.#abort.abort()
    this.#cancel()
    const gone = this.#peers.filter(({ kind }) => kind === 'halfOpen')
    for (const peer of gone) peer.listen()
    for (let turn = 0; turn < hearing.turns && gone.some(({ isOpen }) => isOpen); turn++) {
      await new Promise<void>(resolve => void this.#scope.world.after(hearing.apart, resolve))
    }
    for (const peer of this.#peers) peer.end()
  }

  #tick(): void {
    if (this.#abort.signal.aborted) return
    for (const peer of this.#peers) peer.tick(this.#abort.signal)
    this.#cancel = this.#scope.world.after(slowness, () => this.#tick())
  }
}

/** Of all of them: what is of one is its `data`. */
const shared: ConnectOptions<BadPeer> = {
  handlers: {
    message(connection, data) {
      connection.data.onMessage(data)
    },
    close(connection, record) {
      connection.data.onClose(record)
    },
  },
  deadlines: { pingInterval: 'off' },
}

class BadPeer {
  readonly kind: BadPeerKind
  readonly #scope: BadPeersScope
  readonly #connector: Connector<BadPeer>
  readonly #tally: Tally
  readonly #messages: Exchange
  readonly #opening: Opening | undefined
  readonly #localAddress: string | undefined
  #connection: WebSocketConnection<BadPeer> | undefined
  #ahead = 0
  /** What is left of the message of a slow writer. */
  #rest = Buffer.alloc(0)
  /** We have ended it. */
  #ended = false
  /** It is dialled, or goes through its opening steps: nobody resets what is not there yet, nor dials it twice. */
  #isComing = false

  constructor(kind: BadPeerKind, scope: BadPeersScope, connector: Connector<BadPeer>, tally: Tally, number: number) {
    this.kind = kind
    this.#scope = scope
    this.#connector = connector
    this.#tally = tally
    this.#messages = scope.exchange(number)
    this.#opening = scope.opening?.(number)
    const { sourceAddresses, connect } = scope.settings
    this.#localAddress = sourceAddresses[number % sourceAddresses.length] ?? connect.localAddress
  }

  async open(signal: AbortSignal): Promise<void> {
    this.#isComing = true
    await this.#come(signal)
    this.#isComing = false
  }

  async #come(signal: AbortSignal): Promise<void> {
    const counts = this.#tally.counts
    try {
      const own = { data: this as BadPeer, signal, localAddress: this.#localAddress }
      const connection = await this.#connector.openWith(own)
      this.#connection = connection
      this.#ended = false
      this.#ahead = 0
      this.#rest = Buffer.alloc(0)
      counts.opened++
      if (!(await this.#open(connection))) return
      if (this.kind === 'slowWriters') this.#write()
      else if (this.kind === 'halfOpen') connection.pause()
      else this.#send(this.kind === 'resetting' ? 1 : this.#greed)
    } catch (error) {
      if (signal.aborted) return
      counts.failed++
      const failure = error as HandshakeError | TransportError
      this.#tally.error(failureKind(failure), failureExample(failure))
    }
  }

  /** Its opening steps. Where they fail, it fails: who is not logged in is nobody. */
  async #open(connection: WebSocketConnection<BadPeer>): Promise<boolean> {
    const say = (message: Buffer | string) => connection.send(message) !== 'dropped'
    if (this.#opening === undefined || (await this.#opening.go(say))) return true
    // It may have been ended, or reset, while it was under way.
    if (!this.#ended) this.#tally.counts.failed++
    this.end()
    return false
  }

  /** Every 100 ms. */
  tick(signal: AbortSignal): void {
    if (this.#isComing) return
    if (this.kind === 'slowReaders') {
      this.#connection?.resume()
      this.#send(this.#greed)
    } else if (this.kind === 'slowWriters') this.#write()
    else if (this.kind === 'resetting' && this.#scope.random() < slowness / patience) {
      this.#reset()
      void this.open(signal)
    }
  }

  onMessage(data: Buffer | string): void {
    if (this.#opening?.isUnderWay) {
      this.#opening.receive(data, this.#scope.world.now())
      return
    }
    this.#tally.counts.received++
    this.#ahead--
    if (this.kind === 'slowReaders') this.#connection?.pause()
  }

  onClose({ code, error, reason }: CloseRecord): void {
    this.#opening?.giveUp()
    if (this.#ended) return
    this.#tally.counts.dropped++
    this.#tally.closeCode(code)
    this.#tally.error(`closed with ${code}`, String(error ?? reason))
  }

  /** As far as it has heard. */
  get isOpen(): boolean {
    return this.#connection !== undefined && this.#connection.state !== 'closed'
  }

  /** Hears again. */
  listen(): void {
    this.#connection?.resume()
  }

  /** It is over before it has come. */
  giveUp(): void {
    if (this.#isComing) this.end()
  }

  end(): void {
    this.#ended = true
    this.#connection?.terminate()
  }

  #reset(): void {
    this.#ended = true
    // It is a socket: nothing else is dialled.
    const stream = this.#connection?.stream as (Duplex & { resetAndDestroy(): void }) | undefined
    stream?.resetAndDestroy()
  }

  get #greed(): number {
    const { size } = this.#scope.settings
    return Math.min(greed.messages, Math.ceil(greed.octets / Math.max(1, size)))
  }

  /** A fragment more. Where a message would go to others, none is sent. */
  #write(): void {
    const { workload, text } = this.#scope.settings
    const connection = this.#connection
    if (workload === 'broadcast' || connection?.state !== 'open') return
    if (this.#rest.length === 0) {
      this.#rest = Buffer.from(this.#messages.next(0, 0))
      // Nobody waits for the reply to a certain one.
      this.#messages.giveUp(() => {})
    }
    const part = this.#rest.subarray(0, fragment)
    this.#rest = this.#rest.subarray(part.length)
    const fin = this.#rest.length === 0
    connection.send(part, { text, fin })
    if (fin) this.#tally.counts.sent++
  }

  /** Asks for as much as that. Where nobody replies, or it is for others, nothing is asked for. */
  #send(most: number): void {
    const { workload, text } = this.#scope.settings
    const asks = workload === 'echo' || workload === 'request' || workload === 'download'
    while (asks && this.#ahead < most) {
      const message = this.#messages.next(0, 0)
      // Nobody waits for the reply to a certain one.
      this.#messages.giveUp(() => {})
      const verdict = this.#connection?.send(message, { text }) ?? 'dropped'
      if (verdict === 'dropped') return
      this.#tally.counts.sent++
      this.#ahead++
      if (verdict === 'queued') return
    }
  }
}
