/** Uploads to servers that answer not every Ping: RFC 6455 §5.5.3 lets a Pong stand for all Pings before the one that it answers. */
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { load } from '../../src/load/load.js'
import type { LoadOptions } from '../../src/load/load-options.js'
import { NumberedPings } from '../../src/load/numbered-pings.js'
import { acceptFor, listening, onRequest } from '../transport/scripted-server.js'
import { serve } from './known-servers.js'

/** A server that reads all, and answers only every so manieth Ping, and Close frames. Its frames have 125 octets at most. */
async function electing(t: Test, every: number): Promise<{ url: string; pongs: string[] }> {
  const pongs: string[] = []
  const { port } = await listening(t, socket =>
    onRequest(socket, head => {
      const accept = `Sec-WebSocket-Accept: ${acceptFor(head)}`
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${accept}\r\n\r\n`)
      answer(socket, every, pongs)
    }),
  )
  return { url: `ws://127.0.0.1:${port}`, pongs }
}

function answer(socket: Socket, every: number, pongs: string[]): void {
  let unread = Buffer.alloc(0)
  let pings = 0
  socket.on('data', chunk => {
    unread = Buffer.concat([unread, chunk])
    while (unread.length >= 6 && unread.length >= 6 + (unread[1]! & 127)) {
      const [opcode, length] = [unread[0]! & 15, unread[1]! & 127]
      const payload = Buffer.from(unread.subarray(6, 6 + length).map((octet, i) => octet ^ unread[2 + (i % 4)]!))
      unread = unread.subarray(6 + length)
      if (opcode === 8) socket.end(Buffer.concat([Buffer.of(0x88, length), payload]))
      if (opcode !== 9 || ++pings % every > 0) continue
      pongs.push(String(payload))
      socket.write(Buffer.concat([Buffer.of(0x8a, length), payload]))
    }
  })
}

const upload: LoadOptions = { workload: 'upload', size: 20, connections: 1, warmUp: 0, duration: 300, drain: 2000 }

const loads: [name: string, options: LoadOptions][] = [
  ['at a rate', { rate: 40, drain: 100 }],
  ['without one, all of which are sent together', { pipeline: 4, burst: true }],
]
for (const [name, options] of loads) {
  t.test(
    `§5.5.3: "the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame": uploads ${name}`,
    async t => {
      const { url, pongs } = await electing(t, 4)
      const { counts } = await load(url, { ...upload, ...options })
      t.not(pongs.length, 0)
      t.same([counts.received, counts.lost, counts.unanswered], [4 * pongs.length, 0, counts.sent % 4])
      t.equal(new Set(pongs).size, pongs.length, 'no Ping is like another')
    },
  )
}

t.test(
  'more uploads are under way than Pings may be: behind the next Pong there is another for all of them',
  async t => {
    const server = await serve(t, () => {})
    const { counts } = await load(server.url, { ...upload, pipeline: 1500, burst: true })
    t.ok(counts.sent >= 1500)
    t.same([counts.received, counts.lost, counts.unanswered], [counts.sent, 0, 0])
  },
)

t.test('what has been read, when some Pings can not be sent', async t => {
  const pings: { payload: string; answer(time: number): void }[] = []
  let refusing = false
  const connection = {
    flush: async () => {},
    ping: (payload: unknown) => {
      if (refusing) return Promise.reject(new Error('too many'))
      return new Promise<number>(resolve => pings.push({ payload: String(payload), answer: resolve }))
    },
  }
  const read: number[] = []
  const numbered = new NumberedPings(count => read.push(count))
  const turn = () => new Promise(resolve => setImmediate(resolve))
  numbered.follow(connection)
  await turn()
  refusing = true
  numbered.follow(connection)
  numbered.follow(connection)
  await turn()
  refusing = false
  t.same([pings.length, read], [1, []])
  pings[0]!.answer(1)
  await turn()
  t.same([pings.length, read], [2, [1]], 'one for both that had none')
  pings[1]!.answer(1)
  await turn()
  t.same([pings.length, read], [2, [1, 3]])
  t.equal(new Set(pings.map(({ payload }) => payload)).size, 2)
})
