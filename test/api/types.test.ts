// What TypeScript knows of the data of a connection. These tests fail when they do not compile.
import t from 'tap'
import { createServer, type Server, WebSocket, type WebSocketConnection } from '../../src/index.js'

/** Compiles only if both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** To be compiled, not run. */
function compiles(_program: () => unknown): void {}

interface User {
  readonly name: string
}

t.test('the data of a connection has the type that accept returns', async t => {
  compiles(() => {
    const named: Server<User> = createServer<User>(
      {},
      {
        accept: async request => ({ data: { name: request.path } }),
        connection: connection => {
          const same: Same<typeof connection.data, User> = true
          return same && connection.data.name.toUpperCase()
        },
        message: (connection, data) => connection.send(`${connection.data.name}: ${data}`),
        close: (connection, record) => `${connection.data.name} ${record.code satisfies number}`,
      },
    )
    named.on('connection', connection => connection.data.name)
    for (const connection of named.connections) {
      connection.data = { name: 'another' }
      // @ts-expect-error: a connection's data is a User
      connection.data = 'a name'
      // @ts-expect-error: a User has no such property
      connection.data.password
    }
    // @ts-expect-error: what accept returns is a User
    createServer<User>({}, { accept: () => ({ data: { nickname: 'x' } }) })
    return named
  })
  t.pass()
})

t.test('it is inferred from what accept returns', async t => {
  compiles(() => {
    const server = createServer(
      {},
      { accept: request => ({ data: { id: request.path.length } }), message: c => c.data.id.toFixed() },
    )
    const same: Same<typeof server, Server<{ id: number }>> = true
    return same
  })
  t.pass()
})

t.test('without accept it is undefined', async t => {
  compiles(() => {
    const server = createServer({}, { message: connection => connection.send('x') })
    const same: Same<typeof server, Server<undefined>> = true
    server.on('connection', connection => {
      const nothing: undefined = connection.data
      return nothing
    })
    return same
  })
  t.pass()
})

t.test('the WebSocket class stands for that of the platform', async t => {
  compiles(() => {
    const Platform: typeof globalThis.WebSocket = WebSocket
    globalThis.WebSocket = WebSocket
    const theirs: globalThis.WebSocket = new Platform('ws://localhost', ['chat'])
    theirs.onclose = event => event.code.toFixed()
    const ours = new WebSocket('ws://localhost', { headers: new Headers() })
    ours.onopen = function () {
      this.binaryType satisfies 'blob' | 'arraybuffer'
      // @ts-expect-error: a WebSocket has no such property
      this.binary
    }
    ours.onmessage = event => event.data satisfies unknown
    // @ts-expect-error: no function
    ours.onclose = 'close'
  })
  t.pass()
})

t.test('events have their arguments, options their types', async t => {
  compiles(() => (connection: WebSocketConnection) => {
    connection
      .on('message', (data, isBinary) => (isBinary satisfies boolean) && (data satisfies string | Buffer))
      .on('pong', (payload, time) => payload.length + (time ?? 0))
      .on('close', record => record.clean satisfies boolean)
      .on('statechange', state => state satisfies 'open' | 'closing' | 'closed')
    // @ts-expect-error: there is no such event
    connection.on('data', () => {})
    // @ts-expect-error: neither text nor octets
    connection.send(5)
    // @ts-expect-error: 1005 is a number, but a string is no code
    connection.close('1000')
    // @ts-expect-error: TLS options are Node's own
    createServer({ tls: { certificate: 'x' } })
    return connection.send(new Float32Array(4), { fin: false }) satisfies 'sent' | 'queued' | 'dropped'
  })
  t.pass()
})
