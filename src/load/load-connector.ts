/** What opens the connections of a thread, and has them told what comes. */
import type { ConnectOptions } from '../api/connect-options.js'
import { Connector } from '../api/connector.js'
import type { WebSocketConnection } from '../api/websocket-connection.js'
import type { CloseRecord } from '../connection/close-record.js'
import type { LoadConnection } from './load-connection.js'
import type { LoadSettings } from './load-settings.js'

/** Shared by all connections: what is of one is its `data`. */
const handlers = {
  message(connection: WebSocketConnection<LoadConnection>, data: string | Buffer, isBinary: boolean) {
    connection.data.onMessage(data as Buffer, isBinary)
  },
  closing(connection: WebSocketConnection<LoadConnection>) {
    connection.data.onClosing()
  },
  close(connection: WebSocketConnection<LoadConnection>, record: CloseRecord) {
    connection.data.onClose(record)
  },
}

export function loadConnector({ url, connect, workload, drain }: LoadSettings): Connector<LoadConnection> {
  const own: ConnectOptions<LoadConnection> = {
    text: 'buffer',
    borrowed: true,
    reads: workload === 'download' ? 'plain' : 'reused',
    handlers,
    // No Pings but those that are timed.
    deadlines: { pingInterval: 'off', closeTimeout: Math.max(1, drain) },
  }
  return new Connector(url, { ...connect, ...own }, (connection, octets, start, end, now) => {
    ;(connection as unknown as WebSocketConnection<LoadConnection>).data.onInPlace(octets, start, end, now)
  })
}
