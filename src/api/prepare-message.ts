/** Messages for many connections: RFC 6455 §5.6. */
import { PreparedMessage } from '../connection/prepared-message.js'
import { isBoolean, must, type OptionTable, readOptions } from '../option-table.js'
import { asBuffer, type BinaryData } from './binary-data.js'
import type { SendOptions } from './send-options.js'

/** How a message is prepared: as it would be sent, but never in fragments. */
export type PrepareOptions = Pick<SendOptions, 'text' | 'compress'>

const boolean = must(isBoolean, '5.6', 'a boolean')

export const prepareOptionTable: OptionTable<PrepareOptions> = { text: boolean, compress: boolean }

/**
 * Makes a message ready to be sent any number of times, on any connections: `connection.send(prepared)`, or
 * `server.broadcast(prepared)`. It is made and checked once; a client masks it anew each time (§5.3).
 *
 * Where permessage-deflate is in use without context takeover, it is compressed once for each set of parameters that was
 * agreed on, and that is kept as long as the message. With context takeover each connection compresses for itself, with what
 * it has sent before: `compress: false` spares that.
 *
 * @param data - a string as text, octets as binary; copied.
 * @throws UsageError for anything but strings and octets, octets that are not UTF-8 prepared as text, or options that are
 * not booleans.
 */
export function prepareMessage(data: string | BinaryData, options: PrepareOptions = {}): PreparedMessage {
  const { text, compress } = readOptions('prepareMessage', options, prepareOptionTable, '5.6')
  const octets = asBuffer(data)
  if (typeof data === 'string') return new PreparedMessage(octets, true, compress)
  return new PreparedMessage(Buffer.from(octets), text === true, compress)
}
