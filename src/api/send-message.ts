/** A message handed to a connection, whole or in fragments: RFC 6455 §5.4, §5.6. What can be sent, how, and whose it is. */
// The global Buffer is a getter: 9 ns each time.
import { Buffer } from 'node:buffer'
import type { Verdict } from '../connection/message-sender.js'
import { PreparedMessage } from '../connection/prepared-message.js'
import { UsageError } from '../errors.js'
import { copyThreshold } from '../framing/frame-encoder.js'
import type { SocketDriver } from '../transport/socket-driver.js'
import { asBuffer, type BinaryData } from './binary-data.js'
import { checkedSendOptions, type SendOptions, usualSendOptions } from './send-options.js'

/** See WebSocketConnection.send. */
export function sendMessage(
  driver: SocketDriver,
  data: string | BinaryData | PreparedMessage,
  options: SendOptions,
): Verdict {
  const { connection } = driver
  // What most messages are, and nothing of it is to be looked at.
  if (options === usualSendOptions && Buffer.isBuffer(data) && data.length <= copyThreshold) {
    return connection.sendBinary(data)
  }
  const { text = false, fin = true, compress } = checkedSendOptions(options)
  if (typeof data === 'string') return connection.sendText(data, fin, compress)
  if (data instanceof PreparedMessage) {
    if (options === usualSendOptions) return connection.sendPrepared(driver.borrows ? data : data.copy())
    throw new UsageError('WS_INVALID_OPTION', '5.6', 'a prepared message has its options already')
  }
  let octets = asBuffer(data)
  if (octets.length > copyThreshold && !driver.borrows) octets = Buffer.from(octets)
  return text ? connection.sendText(octets, fin, compress) : connection.sendBinary(octets, fin, compress)
}
