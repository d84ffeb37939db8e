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
 * Checks how long a load would last, and when it would end.
 *
 * @throws UsageError WS_INVALID_OPTION: later than timers can tell. It begins with the start where that is what is wrong.
 */
export function checkEnd(
  { startAt, warmUp, duration }: { readonly startAt: number; readonly warmUp: number; readonly duration: number },
  now = Date.now(),
): void {
  const lasts = warmUp + duration
  if (lasts > longestTime) {
    refuse(
      `the load would last ${days(lasts)}, and the most is ${mostDays} days: take a shorter \`duration\` (which a ` +
        '`rate` may give) or `warmUp`',
    )
  }
  const left = Math.max(0, startAt - now) + lasts
  if (left > longestTime) {
    refuse(
      `\`startAt\` is too far away: the load would end in ${days(left)}, and the most is ${mostDays} days; call it ` +
        'nearer to that time',
    )
  }
}

function days(milliseconds: number): string {
  return `${(milliseconds / day).toFixed(1)} days`
}

function refuse(message: string): never {
  throw new UsageError('WS_INVALID_OPTION', '6.1', message)
}
