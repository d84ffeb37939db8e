// Options that cannot be are refused when the server is made, not at the first request.
import t from 'tap'
import { createServer } from '../../src/api/server.js'

// biome-ignore lint/suspicious/noExplicitAny: values that the types forbid are the point
type Anything = any

const wrong: [options: Anything, code: string][] = [
  [{ path: 'chat' }, 'WS_INVALID_OPTION'],
  [{ path: '' }, 'WS_INVALID_OPTION'],
  [{ path: /chat/ }, 'WS_INVALID_OPTION'],
  [{ protocols: 'chat' }, 'WS_PROTOCOL'],
  [{ protocols: ['a b'] }, 'WS_PROTOCOL'],
  [{ protocols: ['a', ''] }, 'WS_PROTOCOL'],
  [{ protocols: [1] }, 'WS_PROTOCOL'],
  [{ protocols: {} }, 'WS_PROTOCOL'],
  [{ text: 'octets' }, 'WS_INVALID_OPTION'],
  [{ serverName: 'a\r\nb: c' }, 'WS_HEADER'],
  [{ serverName: 1 }, 'WS_HEADER'],
  [{ allowedOrigins: '*' }, 'WS_POLICY'],
  [{ allowedOrigins: ['example.com'] }, 'WS_POLICY'],
  [{ expectedHosts: ['http://example.com'] }, 'WS_POLICY'],
  [{ handshakeTimeout: 0 }, 'WS_INVALID_PERIOD'],
  [{ handshakeTimeout: '10s' }, 'WS_INVALID_PERIOD'],
  [{ maxConnections: -1 }, 'WS_INVALID_LIMIT'],
  [{ maxPendingHandshakes: 1.5 }, 'WS_INVALID_LIMIT'],
  [{ limits: { maxMessageSize: 0 } }, 'WS_INVALID_LIMIT'],
  [{ limits: { sendOverflow: 'panic' } }, 'WS_INVALID_LIMIT'],
  [{ deadlines: { pingInterval: -1 } }, 'WS_INVALID_PERIOD'],
  [{ limits: null }, 'WS_INVALID_OPTION'],
  [{ limits: 5 }, 'WS_INVALID_OPTION'],
  [{ limits: 'x' }, 'WS_INVALID_OPTION'],
  [{ limits: [] }, 'WS_INVALID_OPTION'],
  [{ limits: { maxMesageSize: 5 } }, 'WS_INVALID_OPTION'],
  [{ limits: { pingInterval: 5 } }, 'WS_INVALID_OPTION'],
  [{ deadlines: null }, 'WS_INVALID_OPTION'],
  [{ deadlines: 5 }, 'WS_INVALID_OPTION'],
  [{ deadlines: 'x' }, 'WS_INVALID_OPTION'],
  [{ deadlines: { maxMessageSize: 5 } }, 'WS_INVALID_OPTION'],
  [{ allowedOrigins: null }, 'WS_POLICY'],
  [{ allowedOrigins: 5 }, 'WS_POLICY'],
  [{ allowedOrigins: true }, 'WS_POLICY'],
  [{ allowedOrigins: {} }, 'WS_POLICY'],
  [{ allowedOrigins: [5] }, 'WS_POLICY'],
  [{ requireOrigin: 5 }, 'WS_POLICY'],
  [{ expectedHosts: null }, 'WS_POLICY'],
  [{ expectedHosts: 5 }, 'WS_POLICY'],
  [{ expectedHosts: 'x' }, 'WS_POLICY'],
  [{ expectedHosts: [5] }, 'WS_POLICY'],
]

for (const [options, code] of wrong) {
  t.test(`${JSON.stringify(options)}: ${code}`, async t => {
    t.throws(() => createServer(options), { name: 'UsageError', code })
  })
}

t.test('10.4 no limit but by its name', async t => {
  const server = createServer({
    maxConnections: 'unlimited',
    maxPendingHandshakes: 'unlimited',
    limits: { maxMessageSize: 'unlimited', maxSendBuffer: 'unlimited' },
    deadlines: { pingInterval: 'off', idleTimeout: 1000 },
    protocols: offered => offered[0],
    path: path => path !== '/',
    text: 'string',
    serverName: 'example',
  })
  t.equal(server.connections.size, 0)
})
