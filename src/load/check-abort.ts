/** Whether a load that a condition is to end has one: else nothing would ever end it, and nobody would be told. */
import { UsageError } from '../errors.js'
import type { LoadSettings } from './load-settings.js'

/**
 * Checks that a load has a condition if one is to end it.
 *
 * @throws UsageError WS_INVALID_OPTION
 */
export function checkAbort({ abortOnFail, failIf }: Pick<LoadSettings, 'abortOnFail' | 'failIf'>): void {
  if (!abortOnFail || failIf.length > 0) return
  throw new UsageError('WS_INVALID_OPTION', '6.1', '`abortOnFail` needs a condition that may end the run: `failIf`')
}
