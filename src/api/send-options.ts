/** How one message is sent: RFC 6455 §5.4, §5.6. */

import { UsageError } from '../errors.js'
import { isObject } from '../option-table.js'

export interface SendOptions {
  /** Octets are sent as a text message; they must be UTF-8. Default: octets are binary, strings text. */
  readonly text?: boolean
  /** False: a fragment, more of this message follows (RFC 6455 §5.4). Default true. */
  readonly fin?: boolean
  /**
   * Whether to compress the message, where permessage-deflate is in use; heeded at its first fragment. Default: from the
   * `threshold` on.
   */
  readonly compress?: boolean
}

/** @internal */
export const usualSendOptions: SendOptions = { text: false, fin: true }

/**
 * @internal Returns them. Not by readOptions, whose copy costs more than a short message does.
 *
 * @throws UsageError WS_INVALID_OPTION: no object, an option that there is not, or one that is no boolean.
 */
export function checkedSendOptions(options: SendOptions): SendOptions {
  if (options === usualSendOptions) return options
  if (!isObject(options)) throw new UsageError('WS_INVALID_OPTION', '5.4', 'options is an object')
  for (const name of Object.keys(options)) {
    if (name !== 'text' && name !== 'fin' && name !== 'compress') {
      const message = `send has no option '${name}': there are text, fin and compress`
      throw new UsageError('WS_INVALID_OPTION', '5.4', message)
    }
  }
  const { text = false, fin = true, compress = false } = options
  if (typeof text !== 'boolean' || typeof fin !== 'boolean' || typeof compress !== 'boolean') {
    throw new UsageError('WS_INVALID_OPTION', '5.4', 'text, fin and compress are booleans')
  }
  return options
}
