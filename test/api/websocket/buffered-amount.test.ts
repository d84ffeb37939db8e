// WHATWG WebSockets Standard, bufferedAmount: octets of application data that were given to send() and have not left,
// without framing, and never reset when the connection closes. The cases of the web-platform-tests in
// interfaces/WebSocket/bufferedAmount, each in words of our own.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { PayloadMeter } from '../../../src/api/payload-meter.js'
import { WebSocket } from '../../../src/index.js'
import { pathServer, wpt } from './path-server.js'
import { rawPeer } from './raw-peer.js'
import { settle } from './socket-log.js'

t.test('interfaces/WebSocket/bufferedAmount/bufferedAmount-initial.html 0 at first', async t => {
  const { connect } = await pathServer(t)
  const { socket, log } = connect()
  t.equal(socket.bufferedAmount, 0)
  await log.until('open')
  t.equal(socket.bufferedAmount, 0)
})

t.test('interfaces/WebSocket/bufferedAmount/bufferedAmount-readonly.html it cannot be set', async t => {
  const { connect } = await pathServer(t)
  const { socket, log } = connect()
  t.equal(Reflect.set(socket, 'bufferedAmount', 5), false)
  t.equal(socket.bufferedAmount, 0)
  await log.until('open')
})

wpt('interfaces/WebSocket/bufferedAmount/bufferedAmount-getting.html', async (t, { open }) => {
  const { socket, log } = await open('/echo')
  const characters = ['x', '\u00e5', '\u5336', '\ud801\udc7e']
  const amounts = characters.map(character => {
    socket.send(character)
    return socket.bufferedAmount
  })
  t.same(amounts, [1, 1 + 2, 1 + 2 + 3, 1 + 2 + 3 + 4], 'grows in send()')
  await Promise.resolve()
  t.equal(socket.bufferedAmount, 10, 'and falls between the events only')
  for (const character of characters) t.equal(await log.message(), character)
  t.equal(socket.bufferedAmount, 0)
})

t.test(
  'interfaces/WebSocket/bufferedAmount/bufferedAmount-deleting.html there is nothing to delete on the object, and it can be deleted of the prototype',
  async t => {
    const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'bufferedAmount')!
    const { connect } = await pathServer(t)
    const { socket, log } = connect()
    socket.close()
    t.equal(Reflect.deleteProperty(socket, 'bufferedAmount'), true)
    t.equal(socket.bufferedAmount, 0)
    t.equal(Reflect.deleteProperty(WebSocket.prototype, 'bufferedAmount'), true)
    t.equal(socket.bufferedAmount, undefined)
    Object.defineProperty(WebSocket.prototype, 'bufferedAmount', descriptor)
    await log.until('close')
  },
)

for (const name of [
  'interfaces/WebSocket/bufferedAmount/bufferedAmount-blob.html',
  'interfaces/WebSocket/bufferedAmount/bufferedAmount-arraybuffer.html',
]) {
  wpt(name, async (t, { open }) => {
    const { socket, log } = await open('/echo')
    socket.binaryType = /007|blob/.test(name) ? 'blob' : 'arraybuffer'
    socket.send(new ArrayBuffer(10))
    t.equal(socket.bufferedAmount, 10)
    await log.message()
    t.equal(log.lines[1], `message ${socket.binaryType} 10`)
  })
}

for (const [name, text, size] of [
  ['interfaces/WebSocket/bufferedAmount/bufferedAmount-large.html', 'x'.repeat(65_000), 65_000],
  ['interfaces/WebSocket/bufferedAmount/bufferedAmount-large.html', 'x'.repeat(65_000), 65_000],
  ['interfaces/WebSocket/bufferedAmount/bufferedAmount-unicode.html', '\u00a5'.repeat(6), 12],
  ['interfaces/WebSocket/bufferedAmount/bufferedAmount-unicode.html', '\u00a5'.repeat(6), 12],
] as const) {
  wpt(name, async (t, { open }) => {
    const { socket, log } = await open('/echo')
    socket.send(text)
    t.equal(socket.bufferedAmount, size)
    t.equal(await log.message(), text)
    t.equal(socket.bufferedAmount, 0)
  })
}

t.test('it grows with each send() when the connection is closing or closed', async t => {
  const { socket, log, close } = await rawPeer(t)
  socket.close()
  socket.send('four')
  t.equal(socket.bufferedAmount, 4)
  socket.send(new ArrayBuffer(3))
  socket.send(new Blob(['22']))
  t.equal(socket.bufferedAmount, 9)
  close()
  await log.until('close')
  t.equal(socket.bufferedAmount, 9)
  socket.send('\u20ac')
  t.equal(socket.bufferedAmount, 12)
  await settle()
  t.equal(socket.bufferedAmount, 12)
})

t.test('where the connection never was it grows too', async t => {
  const socket = new WebSocket('ws://localhost:1/')
  socket.close()
  socket.send('lost')
  t.equal(socket.bufferedAmount, 4)
})

const MiB = 1024 * 1024

t.test('what the peer does not take stays counted, in octets of payload, also when the connection ends', async t => {
  const { socket, log, peer } = await rawPeer(t)
  peer.stream.pause()
  for (let i = 0; i < 8; i++) socket.send(new Uint8Array(4 * MiB))
  socket.send('text')
  t.equal(socket.bufferedAmount, 32 * MiB + 4)
  await settle(20)
  const stuck = socket.bufferedAmount
  t.ok(stuck > 8 * MiB && stuck < 32 * MiB + 4, `some has left, and much has not: ${stuck}`)
  t.equal(socket.readyState, WebSocket.OPEN, 'there is no limit unless one is told')
  socket.close()
  t.equal(socket.bufferedAmount, stuck, 'close() changes nothing')
  peer.destroy()
  await log.until('close')
  t.ok(socket.bufferedAmount > 8 * MiB && socket.bufferedAmount <= stuck, `${socket.bufferedAmount}`)
  t.same(log.lines, ['open', 'error', 'close 1006'])
})

t.test('it does not fall when the peer closes and what waits is dropped, RFC 6455 §5.5.1', async t => {
  const { socket, log, peer, send } = await rawPeer(t)
  peer.stream.pause()
  for (let i = 0; i < 8; i++) socket.send(new Uint8Array(4 * MiB))
  await settle(20)
  const stuck = socket.bufferedAmount
  send({ opcode: 8 })
  while (socket.readyState === WebSocket.OPEN) await settle(1)
  t.ok(stuck - socket.bufferedAmount <= MiB, `before ${stuck}, then ${socket.bufferedAmount}`)
  const closing = socket.bufferedAmount
  peer.destroy()
  await log.until('close')
  t.ok(socket.bufferedAmount <= closing && socket.bufferedAmount > 8 * MiB)
})

t.test('a limit given by name flags the WebSocket as full and ends the connection', async t => {
  const { socket, log, peer, close } = await rawPeer(t, { options: { limits: { maxSendBuffer: 1000 } } })
  peer.stream.pause()
  for (let i = 0; i < 3; i++) socket.send(new Uint8Array(2000))
  t.equal(socket.bufferedAmount, 6000)
  peer.stream.resume()
  t.match(await peer.line(), /^binary/)
  t.match(await peer.line(), /^close 1008/)
  close(1008)
  await log.until('close')
  t.same(log.lines, ['open', 'error', 'close clean 1008'])
  t.equal(socket.bufferedAmount, 4000, 'the first had left')
})

t.test('the meter: as a sum over all messages that were ever sent', async t => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ wire: fc.integer({ min: 2, max: 20 }), overhead: fc.integer({ min: 0, max: 2 }) }),
      fc.record({ leaves: fc.integer({ min: 0, max: 60 }) }),
    ),
    { maxLength: 4000, size: 'max' },
  )
  fc.assert(
    fc.property(steps, steps => {
      const meter = new PayloadMeter()
      const messages: { wire: number; payload: number }[] = []
      let here = 0
      for (const step of steps) {
        if ('wire' in step) {
          messages.push({ wire: step.wire, payload: step.wire - step.overhead })
          here += step.wire
          meter.add(step.wire, step.wire - step.overhead)
        } else here = Math.max(0, here - step.leaves)
        assert.equal(meter.left(here), naively(messages, here))
      }
    }),
    { numRuns: 30 },
  )
  t.pass()
})

/** The payload in the last `wire` octets of all messages. */
function naively(messages: readonly { wire: number; payload: number }[], wire: number): number {
  let rest = wire
  let payload = 0
  for (let i = messages.length - 1; i >= 0 && rest > 0; i--) {
    payload += Math.min(messages[i]!.payload, rest)
    rest -= messages[i]!.wire
  }
  return payload
}

t.test('the meter forgets what has left, also where something always waits', async t => {
  const meter = new PayloadMeter()
  for (let i = 0; i < 5000; i++) {
    meter.add(10, 4)
    meter.left(25)
  }
  t.equal(meter.left(25), 12, 'two whole messages, and no more of a third than its payload')
  t.equal(meter.left(0), 0)
})
