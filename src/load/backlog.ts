/** What a server was behind with when the measured time was over: it has not held the rate, however well it answered then. */
import { count, period } from './figures.js'
import { mainTime } from './main-time.js'
import type { LoadReport } from './report.js'

/** What a server was behind with at the end, more than at the end of the warm-up. */
export interface Backlog {
  /** Replies that came only behind the measured time, less those that came within it to messages of the warm-up. */
  readonly replies: number
  /** In so many milliseconds as many were to come. */
  readonly time: number
}

/** With so much any server is behind now and then, when something has held it up; milliseconds. */
const usual = 100
/** Or with such a share of all replies. */
const usualShare = 0.01

/** Undefined where there is none to speak of, or no rate that was to be held. */
export function backlogOf({
  counts: { expected, received, receivedInTime },
  seconds,
  settings: { segments, warmUp },
  times,
}: Pick<LoadReport, 'counts' | 'seconds' | 'times'> & {
  readonly settings: Pick<LoadReport['settings'], 'segments' | 'warmUp'>
}): Backlog | undefined {
  const replies = received - receivedInTime
  if (segments === undefined || replies <= expected * usualShare) return undefined
  const time = (replies * seconds * 1000) / expected
  // Where every round trip is longer than the warm-up, what is under way only then is nothing to catch up with.
  const underWay = Math.max(0, (times[mainTime({ times })]?.min ?? 0) - warmUp)
  return time - underWay > usual ? { replies, time } : undefined
}

/** For people. */
export function backlogText({ replies, time }: Backlog): string {
  return `${count(replies)} replies came only behind the measured time: it was ${period(time)} of the rate behind`
}
