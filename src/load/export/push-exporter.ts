/**
 * Pushes the figures of a load to somebody by HTTP, every few seconds and at the end. What is pushed is what has come since
 * the start, so that a push that fails loses nothing as long as a later one arrives; one is under way at a time.
 */
import { type HttpTarget, httpCall, type Post } from '../http-call.js'
import type { LoadSettings } from '../load-settings.js'
import { Gathered } from './gathered.js'
import type { LoadExporter } from './load-exporter.js'

/** How figures are pushed. Times are in milliseconds. */
export interface PushOptions {
  /** Fields of the requests, such as a token. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How often. Default 5 s. */
  readonly interval?: number | undefined
  /** How long an answer is waited for. Default 5 s. */
  readonly timeout?: number | undefined
  /** Called when a push fails and the one before did not, with a sentence. The load goes on. */
  readonly onTrouble?: ((message: string) => void) | undefined
  /** Called when the load is over and the last figures have not been taken within a second, with a sentence. */
  readonly onWaiting?: ((message: string) => void) | undefined
}

/** What a push is made of. */
export interface Pushed {
  readonly figures: Gathered
  readonly settings: LoadSettings
  /** When the load began, in milliseconds since 1970. */
  readonly began: number
  /** Nothing comes behind it. */
  readonly last: boolean
}

/** Milliseconds at the end that need no word. */
const patience = 1000

/**
 * @param encode - makes the request.
 * @param refused - what the body of an answer that is no error says of figures that were not taken, if anything.
 */
export function pushExporter(
  target: HttpTarget,
  { interval = 5000, timeout = 5000, onTrouble, onWaiting }: PushOptions,
  encode: (pushed: Pushed) => Post,
  refused: (body: string) => string | undefined = () => undefined,
): LoadExporter {
  const figures = new Gathered()
  let settings: LoadSettings | undefined
  let began = 0
  let newest = 0
  let underWay: Promise<void> | undefined
  let failing = false
  const over = new AbortController()

  const push = async (last: boolean) => {
    newest = performance.now()
    const post = encode({ figures, settings: settings!, began, last })
    const answer = await httpCall(target, timeout, { post, signal: over.signal })
    const trouble = 'trouble' in answer ? answer.trouble : refused(answer.body)
    const fails = trouble !== undefined
    if (fails && !failing) onTrouble?.(`the figures cannot be pushed to ${target.url.origin}: ${trouble}`)
    failing = fails
    underWay = undefined
  }
  return {
    async begin(told) {
      settings = told
      figures.begin(told)
      began = Date.now()
      newest = performance.now()
    },
    add(part) {
      figures.add(part)
      if (performance.now() - newest >= interval) underWay ??= push(false)
    },
    async end(hurry) {
      const giveUp = () => over.abort()
      if (hurry?.aborted) giveUp()
      hurry?.addEventListener('abort', giveUp)
      const timer = setTimeout(() => onWaiting?.(`waiting for ${target.url.origin} to take the last figures`), patience)
      await underWay
      await push(true)
      clearTimeout(timer)
      hurry?.removeEventListener('abort', giveUp)
    },
  }
}
