// RFC 6455 §7.1 and §7.2 at a client, on real sockets: however the server ends, the application is told once. The same for
// servers: 7.1-endings.test.ts.
import type { Socket } from 'node:net'
import t from 'tap'
import { connect } from '../../src/api/client.js'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import type { CloseRecord } from '../../src/connection/close-record.js'
import { turns } from './event-loop.js'
import { closeBody } from './raw-client.js'
import { certificate, identity, listening, onRequest, switching } from './scripted-server.js'

const hello = buildRawFrame({ opcode: 1, payload: 'hello' })
const close = (code?: number) => buildRawFrame({ opcode: 8, payload: closeBody(code) })

function closeLine({ code, clean, initiator, phase, error }: CloseRecord): string {
  const fault = (error as { code?: string } | undefined)?.code ?? 'no error'
  return `close ${code} ${clean ? 'clean' : 'unclean'} by ${initiator} in ${phase}: ${fault}`
}

/** Waits for the first octets of the client. */
function answered(socket: Socket, then: () => void): void {
  socket.once('data', then)
}

/** What a server may do once it has answered, and what the client's application is told. */
const endings: [rule: string, act: (socket: Socket) => void, events: string[]][] = [
  [
    '7.1.1 the server closes, and ends when it is answered',
    socket => {
      socket.write(close(1000))
      answered(socket, () => socket.end())
    },
    ['closing 1000', 'peerend', 'close 1000 clean by peer in closing: no error'],
  ],
  [
    'it closes and ends at once',
    socket => socket.end(close()),
    ['closing 1005', 'peerend', 'close 1005 clean by peer in closing: no error'],
  ],
  [
    'it ends without a Close frame',
    socket => socket.end(),
    ['peerend', 'closing', 'close 1006 unclean by transport in open: WS_PEER_ENDED'],
  ],
  [
    'it ends within a frame',
    socket => socket.end(hello.subarray(0, 4)),
    ['peerend', 'closing', 'close 1006 unclean by transport in open: WS_PEER_ENDED'],
  ],
  [
    'it ends behind a message',
    socket => socket.end(hello),
    ['message hello', 'peerend', 'closing', 'close 1006 unclean by transport in open: WS_PEER_ENDED'],
  ],
  ['a reset', socket => socket.resetAndDestroy(), ['close 1006 unclean by transport in open: WS_SOCKET_ERROR']],
  [
    'a reset once its Close is answered is no fault',
    socket => {
      socket.write(close(1001))
      answered(socket, () => socket.resetAndDestroy())
    },
    ['closing 1001', 'close 1001 clean by peer in closing: no error'],
  ],
  [
    '7.1.7 it breaks the law, and ends when it is told',
    socket => {
      socket.write(Buffer.from('ff80', 'hex'))
      answered(socket, () => socket.end())
    },
    ['closing', 'peerend', 'close 1006 unclean by local in closing: WS_RESERVED_BITS'],
  ],
  [
    'it breaks the law and resets',
    socket => {
      socket.write(Buffer.concat([Buffer.from('ff80', 'hex'), hello]))
      answered(socket, () => socket.resetAndDestroy())
    },
    ['closing', 'close 1006 unclean by local in closing: WS_RESERVED_BITS'],
  ],
]

for (const tls of [undefined, identity('localhost')]) {
  for (const [rule, act, expected] of endings) {
    if (tls !== undefined && /reset/.test(rule)) continue
    t.test(`${rule}${tls === undefined ? '' : ', over TLS'} (client)`, async t => {
      const { port } = await listening(
        t,
        socket => {
          onRequest(socket, head => {
            socket.write(switching(head))
            socket.resume()
            // The client is to have it before the end comes.
            answered(socket, () => act(socket))
          })
        },
        tls === undefined ? {} : { tls },
      )
      const events: string[] = []
      const connection = await connect(tls === undefined ? `ws://127.0.0.1:${port}` : `wss://localhost:${port}`, {
        ...(tls !== undefined && { tls: { ca: certificate('ca.pem') }, family: 4 as const }),
        handlers: {
          message: (_, data) => void events.push(`message ${data}`),
          close: (_, record) => void events.push(closeLine(record)),
          error: () => void events.push('error'),
        },
      })
      connection.on('closing', received => events.push(`closing ${received?.code ?? ''}`.trim()))
      connection.on('peerend', () => events.push('peerend'))
      connection.send('begin')
      await connection.closed
      await turns()
      t.same(events, expected)
      t.equal(connection.stream.destroyed, true, 'nothing is left')
      t.equal(connection.send('late'), 'dropped')
      connection.close()
      connection.terminate()
      await turns()
      t.same(events, expected, 'once')
    })
  }
}
