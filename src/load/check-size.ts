/** Whether a load takes the replies that it asks for: else it ends its own connections, and the server reads as the one who did. */
import { readLimits } from '../connection/limits.js'
import { UsageError } from '../errors.js'
import { count } from './figures.js'
import type { ThreadSettings } from './thread-settings.js'

/** What comes back is as long as what was sent. Of the others nobody knows beforehand. */
const returning: readonly string[] = ['echo', 'broadcast']
/** Users who go through steps are read as an echo of the usual size at first, and have replies of their own. */
const usual = 128

/**
 * Looks at each class.
 *
 * @throws UsageError WS_INVALID_OPTION
 */
export function checkSize({ classes, ...whole }: ThreadSettings): void {
  for (const { workload, size, connect } of classes.length === 0 ? [whole] : classes.map(({ settings }) => settings)) {
    const { maxMessageSize } = readLimits('client', connect.limits)
    if (!returning.includes(workload) || size <= Math.max(usual, maxMessageSize)) continue
    const message =
      `messages of ${count(size)} octets come back as long, and none over ${count(maxMessageSize)} is taken: ` +
      'give a higher `maxMessageSize`'
    throw new UsageError('WS_INVALID_OPTION', '6.1', message)
  }
}
