/**
 * Chunks that are only lent, because the next read overwrites them: messages of RFC 6455 §6.2 are the application's to keep
 * all the same, whole, in fragments, compressed, and of any size. Small ones are among the properties of cut-anywhere.
 */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { Role } from '../../src/framing/frame-header.js'
import { ConnectionTrace, roles, type TraceOptions } from './connection-trace.js'
import { agreed, deflated } from './deflating-peer.js'

/** What is delivered of these octets, lent in chunks of this size, held after each message. */
function lent(role: Role, octets: Buffer, chunkSize: number, options: TraceOptions = {}): (string | Buffer)[] {
  const messages: (string | Buffer)[] = []
  const deliver = (message: string | Buffer) => {
    messages.push(message)
    trace.connection.pause(0)
  }
  const trace: ConnectionTrace = new ConnectionTrace(role, options, { onText: deliver, onBinary: deliver })
  for (let at = 0; at < octets.length; ) {
    at += trace.lend(octets.subarray(at, at + chunkSize))
    trace.work()
    trace.connection.resume(0)
  }
  return messages
}

const chunkSizes = [5000, 64 * 1024, 256 * 1024, 10_000_000]

for (const role of roles) {
  for (const chunkSize of chunkSizes) {
    t.test(`6.2-1 ${role}: messages of all sizes, whole and in fragments, lent by ${chunkSize}`, async t => {
      const { peer } = new ConnectionTrace(role)
      const sizes = [0, 1, 125, 126, 4096, 16_384, 65_535, 65_536, 100_000, 300_000, 1_000_000]
      const payloads = sizes.map(size => randomBytes(size))
      const whole = payloads.map(payload => peer.binary(payload))
      const fragments = payloads.flatMap(payload => [
        peer.frame(2, payload.subarray(0, payload.length / 3), { fin: false }),
        peer.ping('between'),
        peer.frame(0, payload.subarray(payload.length / 3)),
      ])
      t.strictSame(lent(role, Buffer.concat([...whole, ...fragments]), chunkSize), [...payloads, ...payloads])
    })

    t.test(`8.1 ${role}: text as octets is kept, too, lent by ${chunkSize}`, async t => {
      const { peer } = new ConnectionTrace(role)
      const texts = ['', 'grüße', 'é'.repeat(100_000)].map(text => Buffer.from(text))
      const octets = Buffer.concat(texts.map(text => peer.text(text)))
      t.strictSame(lent(role, octets, chunkSize, { textAsOctets: true }), texts)
    })

    t.test(
      `7692 §6.2 ${role}: compressed messages, which take several turns to inflate, lent by ${chunkSize}`,
      async t => {
        const { peer } = new ConnectionTrace(role)
        const payloads = [20, 5000, 200_000, 900_000].map(size => Buffer.from(randomBytes(size / 2).toString('hex')))
        const octets = Buffer.concat(payloads.map(payload => peer.binary(deflated(payload), { rsv: 4 })))
        t.strictSame(lent(role, octets, chunkSize, { extensions: agreed(role) }), payloads)
      },
    )
  }

  t.test(
    `6.2 ${role}: a message of a lent chunk has memory of its own, small ones that of 64 KiB together`,
    async t => {
      const { peer } = new ConnectionTrace(role)
      const memoryOf = (size: number) =>
        lent(role, peer.binary(randomBytes(size)), 100_000).map(message => (message as Buffer).buffer.byteLength)
      t.same([20, 4095, 4096, 20_000].flatMap(memoryOf), [65_536, 65_536, 4096, 20_000])
    },
  )

  t.test(`6.2 ${role}: small messages of lent chunks, more than lie together`, async t => {
    const { peer } = new ConnectionTrace(role)
    const payloads = Array.from({ length: 300 }, (_, i) => randomBytes((i * 37) % 4095))
    const octets = Buffer.concat(payloads.map(payload => peer.binary(payload)))
    t.strictSame(lent(role, octets, 100_000), payloads)
  })
}
