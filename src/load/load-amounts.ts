/** Amounts of a load, within what can be had: what is far above is a mistake, and is told before it takes the memory. */
import { must, type OptionCheck } from '../option-table.js'

/**
 * At most: more connections fit into the memory of no process; each thread takes 16 MiB and a fifth of a second of CPU before it
 * begins, so more of them are a mistake, and a machine that tries has no memory left, or minutes later not begun. Of what is
 * sent each message is held as a whole. Messages that a connection has under way are begun in one go, and the replies that one of
 * them has are lost one by one.
 */
export const most = {
  connections: 10_000_000,
  threads: 256,
  size: 2 ** 30,
  pipeline: 100_000,
  replies: 1_000_000,
} as const

/** The check of a number of things. */
export function whole(least: number, most = Number.POSITIVE_INFINITY): OptionCheck {
  const holds = (value: unknown) =>
    Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
  return must(holds, '6.1', `a whole number from ${least} ${most === Number.POSITIVE_INFINITY ? 'on' : `to ${most}`}`)
}
