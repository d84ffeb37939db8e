/**
 * The application transfers the memory of what it was given (to a worker, say), and all that was read with it goes too: RFC
 * 6455 §6.2. Nothing crashes. If nothing was left there the connection goes on; if something was, it fails with 1011.
 */
import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import type { Role } from '../../src/framing/frame-header.js'
import { ConnectionTrace, roles, type TraceOptions } from './connection-trace.js'
import { agreed, deflated } from './deflating-peer.js'

function transfer(octets: Buffer): void {
  structuredClone(octets.buffer, { transfer: [octets.buffer as ArrayBuffer] })
}

/** Chunks have memory of their own here: Node keeps that of its pool. */
function chunkOf(...parts: readonly Buffer[]): Buffer {
  const octets = Buffer.concat(parts)
  const chunk = Buffer.allocUnsafeSlow(octets.length)
  octets.copy(chunk)
  return chunk
}

/** A connection whose application transfers its first message of octets, or Ping, at once. */
function transferring(role: Role, options: TraceOptions = {}): ConnectionTrace {
  let done = false
  const first = (octets: Buffer) => {
    if (!done) transfer(octets)
    done = true
  }
  return new ConnectionTrace(role, { extensions: [], ...options }, { onBinary: first, onPing: first })
}

const failure = { name: 'UsageError', code: 'WS_MEMORY_TRANSFERRED', statusCode: 1011, section: '6.2' }

/** It has failed as it should, was told so once, and takes whatever comes. */
function failed(t: Test, trace: ConnectionTrace): void {
  const lines = trace.next()
  t.same(
    lines.filter(line => /^(error|> close|closing)/.test(line)),
    ['closing', `error ${(trace.connection.closeRecord.error as Error).message}`, '> close 1011 ""'],
  )
  t.match(trace.connection.closeRecord, { initiator: 'local', error: failure })
  t.not(trace.connection.hangUp, 'no')
  t.notOk(trace.connection.held)
  t.equal(trace.receive(Buffer.alloc(10)), 10)
  t.same(trace.next(), [])
}

/** The whole suite is run with either: see test/all.ts. Where chunks are only lent, nothing of them is ever given away. */
const lent = process.env['FRAMEWRIGHT_READS'] === 'reused'
if (lent) t.pass('messages are copies of what is read')

for (const role of lent ? [] : roles) {
  const { peer } = new ConnectionTrace(role, { extensions: [] })
  const small = peer.binary(Buffer.from('small'))
  const short = Buffer.from([1, 2, 3])
  const behind: Readonly<Record<string, Buffer>> = {
    'a message': peer.binary(short),
    'a text': peer.text('text'),
    'one octet of a header': peer.binary(short).subarray(0, 1),
    'a part of a message': peer.binary(short).subarray(0, -1),
    'a long message': peer.binary(randomBytes(5000)),
    'a Ping': peer.ping('ping'),
    'a Close': peer.close(1000),
    'many messages': Buffer.concat(Array.from({ length: 100 }, () => peer.binary(short))),
  }

  for (const borrowed of [false, true]) {
    t.test(`6.2 ${role}: nothing was left behind the message, borrowed: ${borrowed}`, async t => {
      for (const payload of [Buffer.alloc(0), short, randomBytes(5000), randomBytes(100_000)]) {
        const trace = transferring(role, { borrowed })
        const chunk = chunkOf(peer.text('before'), peer.binary(payload))
        const { length } = chunk
        t.equal(trace.connection.receive(chunk, 0), length)
        trace.receive(peer.binary(short))
        t.equal(trace.connection.state, 'open')
        t.equal(trace.next().at(-1), 'binary 010203')
      }
    })

    for (const [what, octets] of Object.entries(behind)) {
      t.test(`6.2 ${role}: lost with a message: ${what}, borrowed: ${borrowed}`, async t => {
        const trace = transferring(role, { borrowed })
        trace.connection.receive(chunkOf(small, octets), 0)
        failed(t, trace)
      })
    }
  }

  t.test(`6.2 ${role}: with the payload of a Ping, inside a message`, async t => {
    const trace = transferring(role)
    trace.connection.receive(chunkOf(peer.ping('ping')), 0)
    t.equal(trace.connection.state, 'open')
    const other = transferring(role)
    other.connection.receive(chunkOf(peer.frame(1, 'a', { fin: false }), peer.ping('ping'), peer.frame(0, 'b')), 0)
    failed(t, other)
  })

  t.test(`6.2 ${role}: the handler transfers and holds the connection`, async t => {
    const act = {
      onBinary: (octets: Buffer) => {
        transfer(octets)
        trace.connection.pause(0)
      },
    }
    const trace: ConnectionTrace = new ConnectionTrace(role, { extensions: [] }, act)
    trace.connection.receive(chunkOf(small, small), 0)
    failed(t, trace)
  })

  t.test(`6.2 ${role}: what was left of a chunk is given again, and has been transferred meanwhile`, async t => {
    let first: Buffer | undefined
    const act = {
      onBinary: (octets: Buffer) => {
        first = octets
        trace.connection.pause(0)
      },
    }
    const trace: ConnectionTrace = new ConnectionTrace(role, { extensions: [] }, act)
    const chunk = chunkOf(small, small)
    const rest = chunk.subarray(trace.connection.receive(chunk, 0))
    transfer(first!)
    trace.connection.resume(0)
    t.equal(trace.connection.receive(Buffer.alloc(0), 0), 0, 'which no octets are not')
    t.equal(trace.connection.state, 'open')
    trace.connection.receive(rest, 0)
    failed(t, trace)
    trace.connection.receive(rest, 0)
    t.same(trace.next(), [])
  })

  // The second run of the message: the rest of it, or what makes its memory its own.
  for (const [what, fin] of [
    ['a frame that is cut', true],
    ['fragments', false],
  ] as const) {
    t.test(`6.2 ${role}: a message that has begun in the chunk, and waits for the rest: ${what}`, async t => {
      const told: Buffer[] = []
      const act = { onBinary: (octets: Buffer) => void told.push(octets) }
      const trace = new ConnectionTrace(role, { extensions: [] }, act)
      const payload = randomBytes(100_000)
      const frames = fin
        ? [peer.binary(payload)]
        : [peer.frame(2, payload.subarray(0, 30_000), { fin: false }), peer.frame(0, payload.subarray(30_000))]
      const octets = Buffer.concat(frames)
      trace.connection.receive(chunkOf(small, octets.subarray(0, 30_020)), 0)
      transfer(told[0]!)
      trace.connection.receive(chunkOf(octets.subarray(30_020)), 0)
      failed(t, trace)
    })
  }

  t.test(`7692 §6.2 ${role}: a compressed message, while an extension is at work on it`, async t => {
    const told: Buffer[] = []
    const act = { onBinary: (octets: Buffer) => void told.push(octets) }
    const trace = new ConnectionTrace(role, { extensions: agreed(role) }, act)
    const payload = Buffer.from(randomBytes(500_000).toString('hex'))
    trace.connection.receive(chunkOf(small, peer.binary(deflated(payload), { rsv: 4 })), 0)
    t.ok(trace.connection.hasWork)
    transfer(told[0]!)
    trace.work()
    t.match(trace.connection.closeRecord, { sent: { code: 1011 }, error: failure })
  })
}
