/**
 * A server for a test, on a free port of this machine, whose timers the test drives; and what must be true when the test
 * is over: nothing is left of it.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { Server } from '../../src/api/server.js'
import type { ServerHandlers, ServerOptions } from '../../src/api/server-options.js'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import type { TimerWheel } from '../../src/transport/timer-wheel.js'
import { type DrivenTimers, drivenWheel } from '../transport/driven-timers.js'
import { RawClient } from '../transport/raw-client.js'

const certificates = new URL('../../../test/certificates/', import.meta.url)

/** The authority that tests trust. */
export const ca = readFileSync(new URL('ca.pem', certificates))

/** TLS options of a server for localhost. */
export const localhostTls = {
  cert: readFileSync(new URL('localhost.pem', certificates)),
  key: readFileSync(new URL('localhost.key', certificates)),
}

/** What of a tap test is needed. */
export interface Teardown {
  teardown(callback: () => unknown): unknown
}

export interface Serving<Data> {
  readonly server: Server<Data>
  readonly timers: DrivenTimers
  readonly wheel: TimerWheel
  readonly port: number
  /** A raw client that is connected. */
  dial(): Promise<RawClient>
  /** A raw client that has opened a WebSocket connection, and the server's end of it. */
  open(
    path?: string,
    fields?: Readonly<Record<string, string | undefined>>,
  ): Promise<{ client: RawClient; connection: WebSocketConnection<Data>; head: string }>
}

/** Serves until the test is over; then checks that connections, handshakes and deadlines are gone. */
export async function serve<Data = undefined>(
  t: Teardown,
  options: ServerOptions = {},
  handlers: ServerHandlers<Data> = {},
): Promise<Serving<Data>> {
  const { wheel, timers } = drivenWheel()
  const server = new Server<Data>(options, handlers, wheel)
  const clients: RawClient[] = []
  t.teardown(async () => {
    for (const client of clients) client.destroy()
    await server.close()
    assert.equal(server.connections.size, 0, 'no connection is left')
    assert.equal(wheel.size, 0, 'no deadline is left')
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.address() as AddressInfo
  const dial = async () => {
    const client = await RawClient.connect({ port }, options.tls === undefined ? undefined : ca)
    clients.push(client)
    return client
  }
  return {
    server,
    timers,
    wheel,
    port,
    dial,
    async open(path, fields) {
      const client = await dial()
      const opened = new Promise<WebSocketConnection<Data>>(resolve => server.once('connection', resolve))
      const head = await client.open(path, fields)
      return { client, connection: await opened, head }
    },
  }
}
