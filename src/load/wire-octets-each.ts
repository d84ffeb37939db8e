/** What a message takes on the wire. */
import type { CountName } from './tally.js'

/**
 * What was carried in the measured time, divided by the messages of that time: what is under way when it begins stands for what is
 * when it ends. All that came behind the warm-up is more: replies to that, which are many where a server takes its time, and what
 * ends connections.
 *
 * @returns undefined where there was no message, and where octets were not counted: no message takes none.
 */
export function wireOctetsEach(
  counts: Readonly<Record<CountName, number>>,
  way: 'sent' | 'received',
): number | undefined {
  const messages = counts[`${way}InTime`]
  const octets = counts[`${way}WireOctetsInTime`]
  return messages > 0 && octets > 0 ? octets / messages : undefined
}
