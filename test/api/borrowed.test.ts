// Messages that the application only borrows (RFC 6455 §6.2), at servers and clients: what it is lent serves again, what it
// takes in its own time is its own.
import t from 'tap'
import { connect } from '../../src/api/client.js'
import { WebSocket } from '../../src/api/websocket.js'
import { until } from '../transport/event-loop.js'
import { clientFrame } from '../transport/raw-client.js'
import { serve } from './serving.js'

const long = ['a', 'b', 'c'].map(letter => Buffer.alloc(300_000, letter))

t.test('6.2 borrowed: the memory of a long message serves again, at a server and at a client', async t => {
  const seen: ArrayBufferLike[] = []
  const { port } = await serve(
    t,
    { borrowed: true },
    {
      message(connection, data) {
        seen.push((data as Buffer).buffer)
        connection.send(data)
      },
    },
  )
  const back: ArrayBufferLike[] = []
  const equal: boolean[] = []
  const client = await connect(`ws://127.0.0.1:${port}`, {
    borrowed: true,
    handlers: {
      message(_, data) {
        equal.push(long[back.length]!.equals(data as Buffer))
        back.push((data as Buffer).buffer)
      },
    },
  })
  for (const [i, payload] of long.entries()) {
    client.send(payload)
    await until(() => back.length === i + 1)
  }
  t.same(equal, [true, true, true])
  // The server's end and the client's share their memory: they are one process.
  t.ok(new Set([...seen, ...back]).size < 6)
  client.close()
  await client.closed
})

t.test('6.2 borrowed: what waits for a loop is copied, and kept', async t => {
  for (const reads of ['plain', 'reused'] as const) {
    const { open } = await serve(t, { borrowed: true, text: 'buffer', reads })
    const { client, connection } = await open()
    const payloads = [...long, Buffer.from('short'), Buffer.from('short, too')]
    for (const payload of payloads) client.write(clientFrame({ opcode: 2, payload }))
    client.text('text')
    const got: unknown[] = []
    for await (const data of connection) if (got.push(data) === payloads.length + 1) break
    t.strictSame(got, [...payloads, Buffer.from('text')])
  }
})

t.test('what a WebSocket gives is to be kept: there it is no option', async t => {
  const { port } = await serve(t, {}, { message: (connection, data) => void connection.send(data) })
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { borrowed: true } as object)
  socket.binaryType = 'arraybuffer'
  const got: ArrayBuffer[] = []
  socket.onmessage = ({ data }) => got.push(data as ArrayBuffer)
  await until(() => socket.readyState === WebSocket.OPEN)
  // As much as memory of its own size would have: it would be given as it is.
  for (const octet of [1, 2, 3]) {
    socket.send(Buffer.alloc(655_360, octet))
    await until(() => got.length === octet)
  }
  t.same(
    got.map(memory => new Uint8Array(memory)[5]),
    [1, 2, 3],
  )
  socket.close()
  await until(() => socket.readyState === WebSocket.CLOSED)
})

t.test('borrowed is a boolean', async t => {
  await t.rejects(connect('ws://127.0.0.1', { borrowed: 'yes' as unknown as boolean }), { code: 'WS_INVALID_OPTION' })
  await t.rejects(serve(t, { borrowed: 1 as unknown as boolean }), { code: 'WS_INVALID_OPTION' })
})
