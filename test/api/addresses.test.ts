// Where a connection came from is asked when it has ended, for the log: RFC 6455 §7.1.4; a destroyed socket has forgotten it.
import t from 'tap'
import { connect } from '../../src/api/client.js'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import type { Role } from '../../src/framing/frame-header.js'
import { turns, until } from '../transport/event-loop.js'
import { ca, localhostTls, serve } from './serving.js'

/** The four addresses of a connection. */
function addresses({ remoteAddress, remotePort, localAddress, localPort }: WebSocketConnection) {
  return { remoteAddress, remotePort, localAddress, localPort }
}

/** How a connection may end, seen from one of its ends. */
const ends: Record<string, (one: WebSocketConnection, other: WebSocketConnection) => unknown> = {
  'our close()': one => one.close(),
  "the peer's close()": (_, other) => other.close(),
  'terminate()': one => one.terminate(),
  'the peer ends without a Close': (_, other) => other.stream.end(),
  'our stream is destroyed': one => one.stream.destroy(),
  // To be destroyed with octets unread makes the kernel send RST, within TLS too.
  'the peer resets': async (one, other) => {
    other.stream.pause()
    one.send(Buffer.alloc(32 << 20))
    await turns(10)
    other.stream.destroy()
  },
}

/** Nobody has known of the end before the stream was destroyed: of this end nothing is known then. */
const atOnce = ['our stream is destroyed', 'the peer resets']

for (const tls of [false, true]) {
  for (const role of ['server', 'client'] as const satisfies Role[]) {
    for (const [name, end] of Object.entries(ends)) {
      t.test(
        `addresses at close, as long as they live and after: ${name} (${role}, ${tls ? 'TLS' : 'TCP'})`,
        async t => {
          const { server, port } = await serve(t, tls ? { tls: localhostTls } : {})
          const opened = new Promise<WebSocketConnection>(resolve => server.once('connection', resolve))
          const client = (await connect(`${tls ? 'wss' : 'ws'}://localhost:${port}/`, {
            ...(tls ? { tls: { ca } } : {}),
          })) as WebSocketConnection
          const accepted = await opened
          const [one, other] = role === 'server' ? [accepted, client] : [client, accepted]
          const peer = addresses(other)
          const whole = {
            remoteAddress: peer.localAddress,
            remotePort: peer.localPort,
            localAddress: peer.remoteAddress,
            localPort: peer.remotePort,
          }
          t.type(whole.remotePort, 'number')
          t.match(whole.localAddress, /^(127\.0\.0\.1|::1)$/)
          const expected = atOnce.includes(name) ? { ...whole, localAddress: undefined, localPort: undefined } : whole
          const told = new Promise(resolve => one.on('close', () => resolve(addresses(one))))
          await end(one, other)
          t.same(await told, expected)
          t.same(addresses(one), expected, 'and after it')
          if (name === 'the peer resets') t.match((await one.closed).error, { code: 'WS_SOCKET_ERROR' })
          await other.closed
        },
      )
    }
  }
}

t.test('who hears of the end can ask, by whatever way', async t => {
  const ways: Record<string, (connection: WebSocketConnection) => unknown> = {
    'a loop': connection => connection.messages().next(),
    'a listener': connection => connection.on('closing', () => {}),
    closed: connection => connection.closed,
    nobody: () => {},
  }
  for (const [name, ask] of Object.entries(ways)) {
    const { server, port } = await serve(t, {}, { message() {} })
    const client = await connect(`ws://127.0.0.1:${port}/`)
    await until(() => server.connections.size === 1)
    const [connection] = server.connections
    void ask(connection!)
    client.close()
    await client.closed
    await until(() => server.connections.size === 0)
    t.equal(connection!.remoteAddress, name === 'nobody' ? undefined : '127.0.0.1', name)
  }
})

for (const name of ['connection', 'closing', 'close', 'error']) {
  t.test(`and whoever has the handler ${name}`, async t => {
    const { server, port } = await serve<undefined>(t, {}, { message() {}, [name]() {} })
    const client = await connect(`ws://127.0.0.1:${port}/`)
    await until(() => server.connections.size === 1)
    const [connection] = server.connections
    client.terminate()
    await until(() => server.connections.size === 0)
    t.equal(connection!.remoteAddress, '127.0.0.1')
  })
}
