/** What an Opening Handshake leaves to the connection: RFC 6455 §4.1, §4.2. */
import type { ConnectionSettings } from '../connection/connection-settings.js'
import type { AgreedExtension } from '../extensions/extension.js'
import type { DialTimes } from '../transport/dial.js'
import type { Reads } from '../transport/reused-reads.js'
import type { TimerWheel } from '../transport/timer-wheel.js'
import type { ConnectionHandlers } from './connection-handlers.js'
import type { WebSocketConnection } from './websocket-connection.js'

/** What was asked for in the Opening Handshake. */
export interface ConnectionRequest {
  /** Path and query (§3, resource name), as sent. */
  readonly path: string
  /** The whole URI, `ws:` or `wss:`, without credentials. */
  readonly url: string
  /** The header fields of the request at a server, of the response at a client; `get` ignores case. */
  readonly headers: Iterable<readonly [name: string, value: string]> & { get(name: string): string | undefined }
  /** The value of Origin. */
  readonly origin: string | undefined
}

/** What was agreed on. */
export interface Opened<Data> {
  readonly request: ConnectionRequest
  readonly protocol: string
  readonly extensions: readonly AgreedExtension[]
  readonly data: Data
  /** Clients only. */
  readonly times?: DialTimes | undefined
}

/** What all connections of one server share, and a client has for itself. */
export interface Common<Data> {
  readonly settings: ConnectionSettings
  readonly handlers: ConnectionHandlers<Data>
  /** Told first when a connection is closed. */
  readonly gone?: (connection: WebSocketConnection<Data>) => void
  readonly wheel?: TimerWheel
  readonly reads: Reads
}
