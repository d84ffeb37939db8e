/** One message to the connections of a server: RFC 6455 §6.1, many times. */
import type { Verdict } from '../connection/message-sender.js'
import { PreparedMessage } from '../connection/prepared-message.js'
import { UsageError } from '../errors.js'
import { isBoolean, isFunction, must, type OptionTable, readOptions } from '../option-table.js'
import type { BinaryData } from './binary-data.js'
import { type PrepareOptions, prepareMessage, prepareOptionTable } from './prepare-message.js'
import { WebSocketConnection } from './websocket-connection.js'

/** Who gets a message that goes to many, and how it is sent. */
export interface BroadcastOptions<Data = undefined> extends PrepareOptions {
  /** The one that does not get it: who has sent it, mostly. */
  readonly except?: WebSocketConnection<Data> | undefined
  /**
   * Only those for which this is true get it: true or false, and not what only passes for that, such as a promise. What it
   * throws ends the broadcast where it is.
   */
  readonly where?: ((connection: WebSocketConnection<Data>) => boolean) | undefined
}

/** What became of a message that went to many: how many connections gave each verdict. */
export interface BroadcastCounts {
  /** It leaves with this turn. */
  readonly sent: number
  /** It will leave, but enough waits there already: those are slow to read. */
  readonly queued: number
  /**
   * It will not leave: the connection is closing, its buffer is full (whatever its `sendOverflow`, which it suffers as
   * ever), or a message in fragments is not over there.
   */
  readonly dropped: number
}

const broadcastOptionTable: OptionTable<BroadcastOptions<never>> = {
  ...prepareOptionTable,
  except: must(value => value instanceof WebSocketConnection, '6.1', 'a connection'),
  where: must(isFunction, '6.1', 'a function'),
}

/** See Server.broadcast. */
export function broadcast<Data>(
  connections: ReadonlySet<WebSocketConnection<Data>>,
  data: string | BinaryData | PreparedMessage,
  options: BroadcastOptions<Data>,
): BroadcastCounts {
  const { except, where, ...how } = readOptions<BroadcastOptions<Data>>(
    'broadcast',
    options,
    broadcastOptionTable,
    '6.1',
  )
  const message = prepared(data, how)
  const counts = { sent: 0, queued: 0, dropped: 0 }
  connections.forEach(connection => {
    if (connection !== except && (where === undefined || isAmong(where(connection))))
      counts[send(connection, message)]++
  })
  return counts
}

function prepared(data: string | BinaryData | PreparedMessage, how: PrepareOptions): PreparedMessage {
  if (!(data instanceof PreparedMessage)) return prepareMessage(data, how)
  if (how.text === undefined && how.compress === undefined) return data
  throw new UsageError(
    'WS_INVALID_OPTION',
    '5.6',
    'a prepared message has been told whether it is text, and compressed',
  )
}

/** What is truthy is mostly a mistake: every promise of an async function is. */
function isAmong(answer: unknown): boolean {
  if (isBoolean(answer)) return answer
  throw new UsageError('WS_INVALID_OPTION', '6.1', 'where gives true or false')
}

/** What one connection cannot take is no reason to keep it from the others. */
function send<Data>(connection: WebSocketConnection<Data>, message: PreparedMessage): Verdict {
  try {
    return connection.send(message)
  } catch {
    // A full buffer, under the policy `error`; or a message in fragments.
    return 'dropped'
  }
}
