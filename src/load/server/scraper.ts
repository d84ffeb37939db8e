/**
 * Asks a server for its metrics once a second, from the thread that gathers: those that measure have nothing to do with it.
 * One request is under way at a time, so one that a stalled server answers late takes the place of those behind it.
 */
import { type HttpTarget, httpCall } from '../http-call.js'
import { eventLoop, type PacerWorld } from '../pacer.js'
import { parseExposition } from './exposition.js'
import { type MetricSelector, type Reading, readingOf } from './known-metrics.js'

/** Milliseconds from one request to the next. */
const interval = 1000
/** Milliseconds that an answer is waited for. */
const timeout = 5000

/** What it asks, and whom it tells. */
export interface ScraperScope {
  readonly target: HttpTarget
  readonly selectors: readonly MetricSelector[]
  /** A request was answered, at a time of the world. */
  readonly onReading: (reading: Reading, at: number) => void
  /** One failed, and the one before did not: a sentence. */
  readonly onTrouble: ((message: string) => void) | undefined
  readonly world?: PacerWorld
}

export class Scraper {
  readonly #scope: ScraperScope
  readonly #world: PacerWorld
  #answered = 0
  #failed = 0
  #failing = false
  readonly #over = new AbortController()
  #cancel = () => {}

  /** Begins at once. */
  constructor(scope: ScraperScope) {
    this.#scope = scope
    this.#world = scope.world ?? eventLoop
    void this.#scrape()
  }

  /** How often it has asked. */
  get scrapes(): { readonly answered: number; readonly failed: number } {
    return { answered: this.#answered, failed: this.#failed }
  }

  end(): void {
    this.#over.abort()
    this.#cancel()
  }

  async #scrape(): Promise<void> {
    const { now, after } = this.#world
    const began = now()
    const trouble = await this.#ask()
    if (this.#over.signal.aborted) return
    if (trouble === undefined) this.#answered++
    else this.#fail(trouble)
    this.#failing = trouble !== undefined
    this.#cancel = after(Math.max(0, began + interval - now()), () => void this.#scrape())
  }

  /** What went wrong, if anything. */
  async #ask(): Promise<string | undefined> {
    const { target, selectors, onReading } = this.#scope
    const answer = await httpCall(target, timeout, { signal: this.#over.signal })
    if ('trouble' in answer) return answer.trouble
    // A server whose event loop is late reads its CPU when it comes to it, right before it answers: when it was asked says less.
    const at = this.#world.now()
    try {
      onReading(readingOf(parseExposition(answer.body), selectors), at)
      return undefined
    } catch (error) {
      return `what it answered is not in the text format of Prometheus: ${(error as Error).message}`
    }
  }

  #fail(trouble: string): void {
    this.#failed++
    const { origin, pathname } = this.#scope.target.url
    if (!this.#failing)
      this.#scope.onTrouble?.(`the server's metrics at ${origin}${pathname} cannot be had: ${trouble}`)
  }
}
