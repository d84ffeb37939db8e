/** A load that runs: its threads, begun together, and what they tell, put together. */
import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { UsageError } from '../errors.js'
import { addBadPeers, type BadPeersReport } from './bad-peers.js'
import { type Condition, type Fallen, hasCome, parseCondition } from './condition.js'
import { connectReport } from './connect-report.js'
import type { LoadOptions } from './load-options.js'
import { loadThread } from './load-thread.js'
import { madeBy } from './made-by.js'
import { eventLoop } from './pacer.js'
import {
  exportedPart,
  type Interruption,
  isWarmUp,
  type LoadPart,
  type LoadReport,
  type LoadSecond,
  reportOn,
  secondOf,
} from './report.js'
import type { SampleWriter } from './sample-writer.js'
import { Phases } from './scenario/phase-report.js'
import type { Fared } from './self-check.js'
import type { SecondOf } from './server/second-of.js'
import { ServerView } from './server/server-view.js'
import { Tally, type TallyState } from './tally.js'
import { passOutput } from './thread-output.js'
import type { ThreadSettings } from './thread-settings.js'
import type { Begin, Order, Told } from './worker.js'

/** Milliseconds from when all threads are ready to when they begin. */
const lead = 50

/** Who is told what while it runs. */
export interface RunningListeners {
  readonly onSecond?: LoadOptions['onSecond']
  /** All that is counted, part by part: what connecting has come to, each second, the end. */
  readonly onPart?: ((part: LoadPart) => void) | undefined
  /** Is given each single time, and ended. */
  readonly samples?: SampleWriter | undefined
  /** The run is over, and what takes the single times is not done within a second. */
  readonly onSamplesWaiting?: (() => void) | undefined
  /** The server's metrics cannot be had. */
  readonly onServerTrouble?: ((message: string) => void) | undefined
}

export class RunningLoad {
  /** Resolves when all is over; rejects with what a listener has thrown, or where a thread has failed, which is a mistake of ours. */
  readonly report: Promise<LoadReport>
  readonly #settings: ThreadSettings
  readonly #listeners: RunningListeners
  readonly #threads: readonly Worker[]
  readonly #all = new Tally()
  /** What came behind the last second. */
  readonly #rest = new Tally()
  readonly #perSecond: LoadSecond[] = []
  readonly #phases: Phases
  /** Seconds that not all threads have told yet. */
  readonly #partial = new Map<number, { readonly tally: Tally; missing: number; deserted: boolean }>()
  readonly #fared: Fared[] = []
  #badPeers: BadPeersReport = {}
  readonly #server: ServerView
  /** Of each thread: how many of its connections are open. */
  readonly #open = new Map<Worker, number>()
  /** Those that may end the run. */
  readonly #conditions: readonly Condition[]
  /** Those that have ended it. */
  #fallen: Fallen = new Map()
  #opening: number
  /** No thread that is ready has an open connection. */
  #deserted = true
  #startedAt: number | undefined
  #stoppedAt: number | undefined
  #interruptedBy: Interruption | undefined
  /** What a listener has thrown first; nobody is told anything then. */
  #fault: { readonly error: unknown } | undefined
  /** All threads are over. */
  #over = false
  /** Takes back that the server is looked at from the start on. */
  #cancel!: () => void

  /** @throws UsageError WS_INVALID_OPTION: something among the options that cannot be sent to a thread. */
  constructor(settings: ThreadSettings, listeners: RunningListeners = {}) {
    this.#settings = settings
    this.#listeners = listeners
    this.#opening = settings.threads
    this.#phases = new Phases(settings.scenario?.phases ?? [], settings.warmUp)
    this.#conditions = settings.failIf.map(parseCondition)
    const { shard, threads } = settings
    const begins = Array.from({ length: threads }, (_, index): Begin => {
      const share = { index: shard.index + index * shard.count, count: threads * shard.count }
      return { settings, share, samples: listeners.samples !== undefined }
    })
    try {
      structuredClone(begins)
    } catch (error) {
      throw new UsageError('WS_INVALID_OPTION', '4.1', `connect has what no thread can be given: ${String(error)}`)
    }
    this.#server = new ServerView(settings, message => this.#tell(told => told.onServerTrouble?.(message)))
    this.#threads = begins.map(begin => {
      const thread = loadThread()
      passOutput(thread)
      thread.on('message', told => this.#onTold(told as Told, thread))
      thread.postMessage(begin)
      return thread
    })
    this.report = Promise.all(this.#threads.map(thread => once(thread, 'exit'))).then(() => this.#conclude())
  }

  /**
   * Ends the run: connections are closed with 1001, and what was measured is reported. Behind the run, it ends the waiting for
   * what takes the single times.
   */
  stop(): void {
    this.#end('stop', 'signal')
  }

  /** The same without closing. */
  cut(): void {
    this.#end('cut', 'signal')
  }

  #end(kind: 'end' | 'stop' | 'cut', by: Interruption, at = Date.now()): void {
    if (this.#over) {
      this.#listeners.samples?.giveUp()
      return
    }
    this.#stoppedAt ??= at
    this.#interruptedBy ??= by
    this.#order({ kind })
    // Threads that wait for their start have none any more.
    if (this.#startedAt === undefined) this.#start()
  }

  #order(order: Order): void {
    for (const thread of this.#threads) thread.postMessage(order)
  }

  #start(): void {
    const now = performance.timeOrigin + performance.now()
    this.#startedAt = Math.max(this.#settings.startAt, now + lead)
    // Until then nobody asks the server for anything.
    this.#cancel = eventLoop.after(this.#startedAt - now, () => this.#server.begin())
    this.#order({ kind: 'start', at: this.#startedAt })
  }

  #onTold(told: Told, thread: Worker): void {
    if (told.kind === 'opening') {
      this.#open.set(thread, told.open)
      this.#server.opened([...this.#open.values()].reduce((sum, open) => sum + open))
      return
    }
    if (told.kind === 'samples') {
      void this.#keep(told.rows, told.dropped, thread)
      return
    }
    if (told.kind === 'second') this.#onSecondOf(told.number, told.tally, told.deserted)
    else this.#add(told.tally)
    if (told.kind === 'finished') {
      this.#rest.add(told.tally)
      if (told.fared !== undefined) this.#fared.push(told.fared)
      this.#badPeers = addBadPeers(this.#badPeers, told.badPeers)
    }
    if (told.kind === 'opened') this.#onOpened(told.deserted)
  }

  /** A thread is ready. */
  #onOpened(deserted: boolean): void {
    this.#deserted &&= deserted
    if (--this.#opening > 0 || this.#startedAt !== undefined) return
    if (this.#deserted) this.#end('stop', 'disconnected')
    else this.#start()
  }

  /** Single times; their memory goes back. */
  async #keep(rows: Float64Array<ArrayBuffer>, dropped: number, thread: Worker): Promise<void> {
    await this.#listeners.samples!.write(rows, dropped)
    const { buffer } = rows
    thread.postMessage({ kind: 'written', rows: new Float64Array(buffer) } satisfies Order, [buffer])
  }

  /** What belongs to no second. */
  #add(state: TallyState): void {
    this.#all.settle(state)
    if (this.#listeners.onPart === undefined) return
    const tally = new Tally()
    tally.settle(state)
    this.#tell(listeners => listeners.onPart?.(exportedPart(tally)))
  }

  /** Tells the listeners something. Where one throws the run ends, and fails with that when it is over. */
  #tell(call: (listeners: RunningListeners) => unknown): void {
    const failed = (error: unknown) => {
      this.#fault ??= { error }
      this.stop()
    }
    if (this.#fault !== undefined) return
    try {
      // It may be an async function, whatever its type says.
      Promise.resolve(call(this.#listeners)).catch(failed)
    } catch (error) {
      failed(error)
    }
  }

  #onSecondOf(number: number, state: TallyState, deserted: boolean): void {
    this.#all.settle(state)
    const partial = this.#partial.get(number) ?? { tally: new Tally(), missing: this.#threads.length, deserted: true }
    this.#partial.set(number, partial)
    partial.tally.add(state)
    partial.deserted &&= deserted
    if (--partial.missing > 0) return
    this.#partial.delete(number)
    const { warmUp, duration } = this.#settings
    const tally = this.#whole(number, partial.tally)
    const second = secondOf(tally, number, warmUp, this.#server.second(this.#partOf(number)))
    this.#perSecond.push(second)
    this.#tell(({ onPart }) => onPart?.(exportedPart(tally, second.server)))
    this.#tell(({ onSecond }) => onSecond?.(second))
    const over = (number + 1) * 1000
    // While the last replies are waited for nothing is left to be cut short.
    if (over >= warmUp + duration) return
    // It is told some milliseconds later: who is ended with the warm-up has measured nothing.
    const at = over > warmUp ? Date.now() : Math.floor(this.#startedAt!) + over
    // That ends any run, and is the graver of the two: a condition that fell by it must not hide it.
    if (partial.deserted) this.#end('stop', 'disconnected', at)
    else if (this.#settings.abortOnFail && this.#interruptedBy === undefined) this.#judge(number + 1, at)
  }

  #partOf(second: number): SecondOf {
    const { warmUp } = this.#settings
    if (isWarmUp(second, warmUp)) return 'warmUp'
    return (second + 1) * 1000 <= warmUp + this.#measured ? 'measured' : 'rest'
  }

  /** Milliseconds behind the warm-up that are measured; below 0 where it was ended before. */
  get #measured(): number {
    const { warmUp, duration } = this.#settings
    return Math.min(duration, (this.#stoppedAt ?? Number.POSITIVE_INFINITY) - this.#startedAt! - warmUp)
  }

  /** All of a second; its phase has what was due in that, and others what was due in them. */
  #whole(number: number, told: Tally): Tally {
    const state = told.take()
    this.#phases.add(number, state)
    const tally = new Tally()
    tally.settle(state)
    return tally
  }

  /**
   * Ends the run where it has come to what it must not come to: of connecting also in the warm-up, for that counts whenever it is.
   *
   * @param seconds - so many of the run are over.
   * @param at - and that was then.
   */
  #judge(seconds: number, at: number): void {
    const measured = seconds - this.#settings.warmUp / 1000
    const server = measured > 0 ? this.#server.report() : undefined
    const part = { tally: this.#all, seconds: measured, server }
    const come = this.#conditions.filter(condition => hasCome(condition, part))
    if (come.length === 0) return
    this.#fallen = new Map(come.map(({ text, value }) => [text, value(part)]))
    this.#end('end', 'failIf', at)
  }

  async #conclude(): Promise<LoadReport> {
    this.#over = true
    this.#cancel()
    this.#server.end()
    const { samples: writer, onSamplesWaiting } = this.#listeners
    const samples = await writer?.end(onSamplesWaiting)
    const { warmUp } = this.#settings
    for (const [number, { tally }] of this.#partial) {
      const whole = this.#whole(number, tally)
      this.#tell(({ onPart }) => onPart?.(exportedPart(whole)))
    }
    if (this.#fault !== undefined) throw this.#fault.error
    this.#phases.add(Math.max(Math.floor(warmUp / 1000), this.#perSecond.length), this.#rest.take())
    const startedAt = this.#startedAt!
    const seconds = Math.max(0, this.#measured) / 1000
    // Threads that began to look at themselves, and were ended before they saw anything, know of nothing.
    const fared = seconds === 0 ? [] : this.#fared
    const { classes: _, script: _script, ...settings } = this.#settings
    return reportOn(this.#all, {
      settings,
      connect: connectReport(settings.connect),
      madeBy: madeBy(),
      startedAt: new Date(startedAt),
      seconds,
      interruptedBy: this.#interruptedBy,
      fallen: this.#fallen,
      // Of the process they all know, over the same time.
      generator: {
        threads: fared.map(({ thread }) => thread),
        cpu: Math.max(0, ...fared.map(({ processCpu }) => processCpu)),
      },
      server: this.#server.report(),
      badPeers: this.#badPeers,
      perSecond: this.#perSecond,
      phases: this.#phases.reports,
      samples,
    })
  }
}
