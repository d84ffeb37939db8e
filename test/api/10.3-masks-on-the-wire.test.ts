/**
 * RFC 6455 §5.3 and §10.3 as the wire sees them: "A new masking key MUST be chosen for each frame", from which nothing can be
 * told of the next, by connections to a server that keeps every octet. Attack cases K-01, K-02 and K-03.
 */
import t, { type Test } from 'tap'
import { connect } from '../../src/api/client.js'
import type { ConnectOptions } from '../../src/api/connect-options.js'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import { listening, onRequest, switching } from '../transport/scripted-server.js'

/** A connection, and how to have all that it has sent once it is so many octets. */
async function recording(
  t: Test,
  options: ConnectOptions = {},
): Promise<{ connection: WebSocketConnection; heard: (octets: number) => Promise<Buffer> }> {
  const chunks: Buffer[] = []
  let length = 0
  let check = (): void => {}
  const { port } = await listening(t, socket =>
    onRequest(socket, head => {
      socket.on('data', chunk => {
        chunks.push(chunk)
        length += chunk.length
        check()
      })
      socket.write(switching(head))
    }),
  )
  const connection = await connect(`ws://127.0.0.1:${port}/`, options)
  t.teardown(() => connection.terminate())
  const heard = async (octets: number): Promise<Buffer> => {
    await new Promise<void>(resolve => {
      check = () => {
        if (length >= octets) resolve()
      }
      check()
    })
    return Buffer.concat(chunks)
  }
  return { connection, heard }
}

/** Sends this many messages, and gives way whenever much waits. */
async function send(connection: WebSocketConnection, count: number, data: string | Buffer): Promise<void> {
  for (let i = 0; i < count; i++) if (connection.send(data) !== 'sent') await connection.flush()
}

t.test(
  'K-01 5.3-2 5.3-4 the keys of 200,000 frames: every bit as often 0 as 1, alone and beside the one before; hardly any twice',
  async t => {
    const { connection, heard } = await recording(t)
    const count = 200_000
    await send(connection, count, Buffer.alloc(4))
    const wire = await heard(count * 10)
    t.equal(wire.length, count * 10)
    const ones = new Array<number>(32).fill(0)
    const turned = new Array<number>(32).fill(0)
    const keys = new Set<number>()
    let before = 0
    let illMasked = 0
    for (let at = 0; at < wire.length; at += 10) {
      if (wire.readUInt16BE(at) !== 0x8284) illMasked++
      const key = wire.readUInt32BE(at + 2)
      // Zeros, masked, are the key itself.
      if (wire.readUInt32BE(at + 6) !== key) illMasked++
      keys.add(key)
      for (let bit = 0; bit < 32; bit++) {
        ones[bit]! += (key >>> bit) & 1
        turned[bit]! += ((key ^ before) >>> bit) & 1
      }
      before = key
    }
    t.equal(illMasked, 0)
    // Six standard deviations: one false alarm in eight million runs.
    const bound = 6 * Math.sqrt(count / 4)
    t.same(
      ones.filter(sum => Math.abs(sum - count / 2) > bound),
      [],
    )
    t.same(
      turned.filter(sum => Math.abs(sum - count / 2) > bound),
      [],
    )
    // By chance 4.7 pairs are alike.
    t.ok(keys.size > count - 30, `${count - keys.size} keys came twice`)
  },
)

t.test('K-01 control frames have keys of their own, and each connection its own keys', async t => {
  const keys = new Set<string>()
  for (let i = 0; i < 20; i++) {
    const { connection, heard } = await recording(t)
    connection.send(Buffer.alloc(4))
    connection.pong(Buffer.alloc(4))
    connection.ping(Buffer.alloc(4)).catch(() => {})
    connection.close(4000)
    const wire = await heard(38)
    for (const at of [0, 10, 20, 30]) keys.add(wire.subarray(at + 2, at + 6).toString('hex'))
    t.same(
      [0, 10, 20, 30].map(at => wire[at]),
      [0x82, 0x8a, 0x89, 0x88],
    )
  }
  t.equal(keys.size, 80)
})

t.test('K-02 10.3-1 octets chosen to look like HTTP never reach the wire as they are', async t => {
  const { connection, heard } = await recording(t)
  const chosen = 'GET /script.js HTTP/1.1\r\nHost: target.example\r\n\r\n'
  const count = 50_000
  await send(connection, count, chosen)
  const wire = await heard(count * (6 + chosen.length))
  for (const text of [chosen, 'GET /script', 'HTTP/1.1\r\n', 'Host: ']) t.notOk(wire.includes(text), text)
})

t.test('K-03 what the caller sends is not changed by masking, whether it was copied or borrowed', async t => {
  const { connection, heard } = await recording(t)
  let sum = 0
  for (const length of [1, 125, 126, 1000, 65_535, 65_536, 65_537, 200_000, 3_000_000]) {
    const data = Buffer.alloc(length, 'only mine ')
    const before = Buffer.from(data)
    connection.send(data)
    await connection.flush()
    t.ok(data.equals(before), `${length} octets`)
    sum += length
    await heard(sum)
    t.ok(data.equals(before), `${length} octets, sent`)
  }
})

t.test('5.3-2 the source of keys is the caller’s to choose: one key is drawn for each frame, in order', async t => {
  const drawn: number[] = []
  const { connection, heard } = await recording(t, { maskingKeys: () => drawn.push(drawn.length) * 0x01010101 })
  const before = drawn.length
  for (let i = 0; i < 3; i++) connection.send(Buffer.alloc(4))
  const wire = await heard(30)
  const keys = [1, 2, 3].map(i => `0${before + i}`.repeat(4))
  t.equal(wire.toString('hex'), keys.map(key => `8284${key}${key}`).join(''))
  t.equal(drawn.length - before, 3)
})
