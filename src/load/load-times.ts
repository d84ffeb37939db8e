/** Times of a load, within what a timer holds: one that is told of more fires at once, and again and again. */
import { UsageError } from '../errors.js'
import { must, type OptionCheck } from '../option-table.js'

const day = 86_400_000
/** Timers hold 2^31 - 1 ms, 24.8 days; what is left of that is for what a load does besides. */
const mostDays = 24

/** Milliseconds that any time of a load may be, and all of it from now to its end. */
export const longestTime = mostDays * day

/** The check of a point in time. */
export const moment = must(
  value => Number.isFinite(value) && (value as number) >= 0,
  '6.1',
  'a time in milliseconds since 1970',
)

/** The check of a time in milliseconds. */
export function period(least: number): OptionCheck {
  const isTime = must(
    value => Number.isFinite(value) && (value as number) >= least,
    '6.1',
    `a time in milliseconds, ${least} or more`,
  )
  return (value, name) => {
    isTime(value, name)
    if ((value as number) > longestTime) refuse(`${name} is ${days(value as number)}, and the most is ${mostDays} days`)
  }
}

/**
 * Checks when a load would end.
 *
 * @throws UsageError WS_INVALID_OPTION: later than timers can tell.
 */
export function checkEnd(
  { startAt, warmUp, duration }: { readonly startAt: number; readonly warmUp: number; readonly duration: number },
  now = Date.now(),
): void {
  const left = Math.max(0, startAt - now) + warmUp + duration
  if (left <= longestTime) return
  refuse(
    `the load would end in ${days(left)}, and the most is ${mostDays} days: call it nearer to its \`startAt\`, or take a ` +
      'shorter `duration` (which a `rate` may give) or `warmUp`',
  )
}

function days(milliseconds: number): string {
  return `${(milliseconds / day).toFixed(1)} days`
}

function refuse(message: string): never {
  throw new UsageError('WS_INVALID_OPTION', '6.1', message)
}
