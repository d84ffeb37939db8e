/**
 * RFC 7692 §6 Framing, §6.2 Decompression: compressed messages as they arrive, in both roles; D-01 to D-07, D-12, D-14 and
 * D-17, and the cases on frames and messages (F-, M-) once more with compression on.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { constants, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { pinnedByDeflate } from '../../src/extensions/deflate.js'
import type { Role } from '../../src/framing/frame-header.js'
import { ConnectionTrace, roles, type TraceOptions } from './connection-trace.js'
import { agreed, deflated, withoutTakeover } from './deflating-peer.js'

const rsv1 = { rsv: 4 }
const MiB = 1024 * 1024

function open(role: Role, options: TraceOptions = {}, act = {}): ConnectionTrace {
  return new ConnectionTrace(role, { extensions: agreed(role), ...options }, act)
}

/** Takes all in, as a driver would: what is not taken at once is given again when there is nothing to wait for. */
function takeIn(trace: ConnectionTrace, octets: Buffer): void {
  for (let rest = octets; rest.length > 0; ) {
    rest = rest.subarray(trace.connection.receive(Buffer.from(rest), trace.now))
    trace.work()
    if (trace.connection.held) return
  }
  trace.work()
}

/** A message of three octets that stood so many octets ago, 1 to 32,768: RFC 1951 §3.2.6, a block with fixed codes. */
function copyOfThree(distance: number): Buffer {
  const octets = Buffer.alloc(6)
  let at = 0
  const write = (value: number, bits: number) => {
    for (let bit = 0; bit < bits; bit++, at++) octets[at >> 3]! |= ((value >> bit) & 1) << (at & 7)
  }
  const writeCode = (code: number, bits: number) => {
    for (let bit = bits - 1; bit >= 0; bit--) write(code >> bit, 1)
  }
  const from = distance - 1
  const extraBits = from < 4 ? 0 : 30 - Math.clz32(from)
  write(0b010, 3)
  writeCode(1, 7)
  writeCode(from < 4 ? from : 2 * extraBits + (from >> extraBits), 5)
  write(from & (2 ** extraBits - 1), extraBits)
  writeCode(0, 7)
  // The beginning of the empty block that a message ends with.
  write(0, 3)
  return octets.subarray(0, Math.ceil(at / 8))
}

for (const role of roles) {
  t.test(`7692/6.2-1 7692/6.2-2 ${role}: compressed and uncompressed messages, mixed`, async t => {
    const trace = open(role)
    const { peer } = trace
    trace.receive(peer.text(deflated('Hello'), rsv1), peer.text('plain'), peer.binary(deflated('octets'), rsv1))
    trace.receive(peer.binary('plain'), peer.text(deflated('Hello'), rsv1))
    t.same(trace.next(), ['text "Hello"', 'text "plain"', 'binary 6f6374657473', 'binary 706c61696e', 'text "Hello"'])
  })

  t.test(
    `7692/7.2.2-2 7692/7.2.2-4 7692/7.2.2-5 ${role}: uncompressed messages in between leave the window alone`,
    async t => {
      const trace = open(role)
      const { peer } = trace
      trace.receive(peer.text(deflated('Hello'), rsv1), peer.text('in between'))
      trace.receive(peer.text(Buffer.from('f200110000', 'hex'), rsv1))
      t.same(trace.next(), ['text "Hello"', 'text "in between"', 'text "Hello"'])
    },
  )

  t.test(`7692/7.2.2-1 7692/7.2.2-3 ${role}: without takeover every message stands by itself`, async t => {
    const trace = open(role, { extensions: agreed(role, {}, withoutTakeover) })
    const { peer } = trace
    trace.receive(peer.text(deflated('Hello'), rsv1), peer.text(deflated('Hello'), rsv1))
    trace.receive(peer.text(Buffer.from('f200110000', 'hex'), rsv1))
    const [first, second, closing, failed] = trace.next()
    t.same([first, second, closing], ['text "Hello"', 'text "Hello"', 'closing'])
    t.equal(failed, '> fail 1007 §RFC 7692 §7.2.2 WS_DEFLATE_DATA')
  })

  t.test(`7692/7.2.2-7 7692/7.2.2-9 ${role}: a message may refer to what was 32,768 octets ago`, async t => {
    const trace = open(role)
    const { peer } = trace
    const before = randomBytes(32_768)
    // A block with fixed codes: length 3, distance 32,768.
    const copy = Buffer.from('02deff0f00', 'hex')
    takeIn(trace, Buffer.concat([peer.binary(deflated(before), rsv1), peer.binary(copy, rsv1)]))
    t.same(trace.next(), ['binary of 32768 octets', `binary ${before.toString('hex', 0, 3)}`])
  })

  t.test(
    `D-08 D-09 7692/7.2.2-6 7692/7.2.2-8 ${role}: the peer compresses with 8 to 15 bits, and uses all of its window`,
    async t => {
      for (let bits = 8; bits <= 15; bits++) {
        const size = 2 ** bits
        const before = randomBytes(size + 100)
        for (const distance of [1, size / 2 + 1, size - 1, size, size + 1].filter(one => one <= 32_768)) {
          const whose = role === 'server' ? 'client' : 'server'
          const trace = open(role, { extensions: agreed(role, {}, [[`${whose}_max_window_bits`, String(bits)]]) })
          const { peer } = trace
          takeIn(trace, Buffer.concat([peer.binary(deflated(before), rsv1), peer.binary(copyOfThree(distance), rsv1)]))
          const [first, second] = trace.next()
          t.match(first, /^binary /)
          const back = Buffer.concat([before, before]).subarray(before.length - distance)
          const repeated = Buffer.from([0, 1, 2].map(n => back[n % distance]!))
          const expected = distance > size ? 'closing' : `binary ${repeated.toString('hex')}`
          t.equal(second, expected, `${bits} bits, ${distance} octets back`)
        }
      }
    },
  )

  t.test(`D-17 7692 §6.1 ${role}: fragments with control frames in between; the order is kept`, async t => {
    const trace = open(role)
    const { peer } = trace
    const octets = deflated('Hello, in three fragments')
    trace.receive(
      peer.text(octets.subarray(0, 5), { ...rsv1, fin: false }),
      peer.ping('one'),
      peer.more(octets.subarray(5, 5)),
      peer.more(octets.subarray(5, 12)),
      peer.pong('two'),
      peer.more(octets.subarray(12), true),
      peer.ping('three'),
      peer.text('plain'),
    )
    t.same(trace.next(), [
      'ping "one"',
      'pong "two"',
      'text "Hello, in three fragments"',
      'ping "three"',
      'text "plain"',
      '> pong "one"',
      '> pong "three"',
    ])
  })

  t.test(
    `D-12 F-07 7692/6.1-4 ${role}: the bit on what is not a first fragment, or on a control frame, is 1002`,
    async t => {
      const cases: [string, (trace: ConnectionTrace) => Buffer[]][] = [
        ['the last fragment', ({ peer }) => [peer.text('a', { fin: false }), peer.frame(0, deflated('b'), rsv1)]],
        [
          'a fragment',
          ({ peer }) => [peer.text('a', { ...rsv1, fin: false }), peer.frame(0, 'b', { ...rsv1, fin: false })],
        ],
        ['a Ping', ({ peer }) => [peer.frame(9, '', rsv1)]],
        ['a Pong', ({ peer }) => [peer.frame(10, '', rsv1)]],
        ['a Close', ({ peer }) => [peer.frame(8, '', rsv1)]],
        ['RSV2', ({ peer }) => [peer.text('', { rsv: 2 })]],
        ['RSV3', ({ peer }) => [peer.text('', { rsv: 1 })]],
        ['RSV1 and RSV2', ({ peer }) => [peer.text('', { rsv: 6 })]],
      ]
      for (const [name, octets] of cases) {
        const trace = open(role)
        trace.receive(...octets(trace))
        t.same(trace.next().at(-1), '> fail 1002 §5.2 WS_RESERVED_BITS', name)
      }
      const declined = open(role, { extensions: [] })
      declined.receive(declined.peer.text(deflated('a'), rsv1))
      t.same(declined.next().at(-1), '> fail 1002 §5.2 WS_RESERVED_BITS', 'F-05 declined')
    },
  )

  t.test(`D-04 D-06 ${role}: corrupt is 1007, and nothing behind it is heeded`, async t => {
    for (const octets of ['ff', 'f248cdc9', 'f248cdc9c907', '0200110000']) {
      const trace = open(role)
      const { peer } = trace
      trace.receive(peer.text(Buffer.from(octets, 'hex'), rsv1), peer.text('after'), peer.text(deflated('x'), rsv1))
      t.same(trace.next(), ['closing', '> fail 1007 §RFC 7692 §7.2.2 WS_DEFLATE_DATA'], octets)
    }
  })

  t.test(`D-07 ${role}: no octets`, async t => {
    const trace = open(role)
    const { peer } = trace
    trace.receive(peer.text('', rsv1), peer.text(Buffer.from([0]), rsv1), peer.binary('', rsv1), peer.text('', rsv1))
    trace.receive(peer.text('', { ...rsv1, fin: false }), peer.more('', true))
    t.same(trace.next(), ['text ""', 'text ""', 'binary ', 'text ""', 'text ""'])
  })

  t.test(`F-26 F-27 ${role}: what is inflated must be UTF-8, what is compressed need not`, async t => {
    const fine = open(role)
    fine.receive(fine.peer.text(deflated('ü€😀'), rsv1))
    t.same(fine.next(), ['text "ü€😀"'])
    for (const bad of ['c328', 'eda080', 'f4908080', 'c3', 'c0af']) {
      for (const padding of [0, 100, 70_000]) {
        const trace = open(role)
        const text = Buffer.concat([Buffer.alloc(padding, 0x61), Buffer.from(bad, 'hex')])
        takeIn(trace, trace.peer.text(deflated(text), rsv1))
        t.same(trace.next(), ['closing', '> fail 1007 §8.1 WS_INVALID_UTF8'], `${bad} behind ${padding}`)
      }
    }
    const octets = open(role, { textAsOctets: true })
    takeIn(
      octets,
      Buffer.concat([
        octets.peer.text(deflated('hé'), rsv1),
        octets.peer.text(deflated(Buffer.from('c3', 'hex')), rsv1),
      ]),
    )
    t.same(octets.next(), ['text octets 68c3a9', 'closing', '> fail 1007 §8.1 WS_INVALID_UTF8'])
  })

  t.test(`D-02 M-03 ${role}: the limit counts what is inflated, to the octet, also over fragments`, async t => {
    for (const message of [Buffer.alloc(5000, 'a'), randomBytes(5000), Buffer.alloc(200_000, 'b')]) {
      const octets = deflated(message)
      for (const [limit, fine] of [
        [message.length, true],
        [message.length - 1, false],
      ] as const) {
        for (const cut of [octets.length, 1, octets.length >> 1]) {
          const trace = open(role, { maxMessageSize: limit })
          const { peer } = trace
          const frames = [peer.binary(octets.subarray(0, cut), { ...rsv1, fin: cut === octets.length })]
          if (cut < octets.length) frames.push(peer.more(octets.subarray(cut), true))
          takeIn(trace, Buffer.concat(frames))
          const [line] = trace.next()
          t.equal(line?.startsWith('binary'), fine, `${message.length} octets, limit ${limit}, cut at ${cut}: ${line}`)
        }
      }
    }
  })

  t.test(`M-01 M-03 F-14 ${role}: what can never inflate to so little is refused from its header`, async t => {
    const trace = open(role, { maxMessageSize: 1000 })
    t.equal(trace.receive(trace.peer.header(0xc2, 1000 + 63 + 64)), trace.peer.header(0xc2, 1127).length)
    t.same(trace.next(), [], 'a little more than the limit may come')
    const over = open(role, { maxMessageSize: 1000 })
    over.receive(over.peer.header(0xc2, 1000 + 63 + 64 + 1))
    t.match(over.next().at(-1), /^> fail 1009 §10.4 WS_(FRAME|MESSAGE)_TOO_BIG$/)
    const plain = open(role, { maxMessageSize: 1000 })
    plain.receive(plain.peer.header(0x82, 1001))
    t.match(plain.next().at(-1), /^> fail 1009 §10.4 WS_MESSAGE_TOO_BIG$/, 'and of plain messages not one octet')
    const frame = open(role, { maxMessageSize: 1000, maxFrameSize: 100 })
    frame.receive(frame.peer.header(0xc2, 101))
    t.match(frame.next().at(-1), /^> fail 1009 §10.4 WS_FRAME_TOO_BIG$/, 'a limit on frames counts what is on the wire')
    const parts = open(role, { maxMessageSize: 1000 })
    parts.receive(parts.peer.binary(Buffer.alloc(1000), { ...rsv1, fin: false }), parts.peer.header(0x80, 128))
    t.match(parts.next().at(-1), /^> fail 1009 §10.4 WS_MESSAGE_TOO_BIG$/)
    const endless = open(role, { maxMessageSize: 'unlimited' })
    endless.receive(endless.peer.header(0xc1, 2 ** 40))
    t.same(endless.next(), ['closing', '> fail 1009 §10.4 WS_MESSAGE_TOO_BIG'], 'more than a string holds')
  })

  t.test(`D-01 ${role}: 1 GiB of zeros, deflated: 1009 after a few turns`, async t => {
    const part = deflateRawSync(Buffer.alloc(MiB), { finishFlush: constants.Z_FULL_FLUSH })
    const bomb = Buffer.concat([...Array(1024).fill(part), Buffer.from([0])])
    const trace = open(role, { maxMessageSize: 2 * MiB })
    trace.receive(trace.peer.binary(bomb, rsv1))
    t.ok(trace.connection.held)
    const turns = trace.work()
    t.ok(turns < 10, `${turns} turns`)
    t.same(trace.next(), ['closing', '> fail 1009 §10.4 WS_MESSAGE_TOO_BIG'])
  })

  t.test(`D-03 ${role}: many messages that grow much are taken in over several turns`, async t => {
    const trace = open(role)
    const { peer } = trace
    const grows = peer.binary(deflated(Buffer.alloc(60_000)), rsv1)
    const all = Buffer.concat(Array(100).fill(grows))
    const taken = trace.connection.receive(Buffer.from(all), 0)
    t.ok(taken < all.length / 4 && taken > grows.length * 10, `${taken} of ${all.length} octets at once`)
    t.ok(trace.connection.held && trace.connection.hasWork)
    t.ok(trace.lines.length <= 20)
    const { wakes } = trace
    trace.connection.work(0)
    t.notOk(trace.connection.held)
    t.ok(trace.wakes > wakes)
    takeIn(trace, all.subarray(taken))
    t.equal(trace.next().filter(line => line.startsWith('binary')).length, 100)
  })

  t.test(`6.2 ${role}: a long message is inflated in turns; what is behind it waits; pauses are heeded`, async t => {
    const trace = open(role, { maxMessageSize: 'unlimited' })
    const { peer } = trace
    const long = Buffer.alloc(5 * MiB, 'long, ')
    const after = Buffer.concat([peer.ping(), peer.text('after')])
    const first = peer.binary(deflated(long), rsv1)
    t.equal(trace.receive(first, after), first.length, 'what is behind it is not taken')
    t.ok(trace.connection.held && trace.connection.hasWork)
    trace.connection.pause(0)
    t.notOk(trace.connection.hasWork, 'paused')
    const { wakes } = trace
    trace.connection.resume(0)
    t.ok(trace.connection.hasWork && trace.wakes > wakes, 'goes on')
    t.ok(trace.work() > 5)
    t.notOk(trace.connection.held)
    trace.receive(after)
    const lines = trace.next()
    t.match(lines, [/^binary /, 'ping ""', 'text "after"', '> pong ""'])
  })

  t.test(`6.2 ${role}: receive() from within work() is the application's mistake`, async t => {
    const codes: unknown[] = []
    const trace: ConnectionTrace = open(
      role,
      {},
      {
        onBinary: () => void trace.connection.receive(Buffer.alloc(0), 0),
        onError: (error: { code?: unknown }) => codes.push(error.code),
      },
    )
    takeIn(trace, trace.peer.binary(deflated(Buffer.alloc(100_000)), rsv1))
    t.same(codes, ['WS_REENTRANT_RECEIVE'])
  })

  t.test(`6.2 ${role}: a promise of the handler holds work back, too`, async t => {
    let settle = () => {}
    const trace = open(role, {}, { onText: () => new Promise<void>(resolve => (settle = resolve)) })
    const { peer } = trace
    const long = peer.binary(deflated(Buffer.alloc(200_000)), rsv1)
    const octets = Buffer.concat([peer.text('one'), long])
    const taken = trace.connection.receive(Buffer.from(octets), 0)
    t.ok(trace.connection.held)
    t.notOk(trace.connection.hasWork)
    settle()
    await new Promise(resolve => setImmediate(resolve))
    takeIn(trace, octets.subarray(taken))
    t.match(trace.next(), ['text "one"', /^binary /])
  })

  t.test(`D-14 ${role}: the end in the middle of work: nothing is delivered, memory is given back`, async t => {
    const before = pinnedByDeflate()
    const long = deflated(Buffer.alloc(5 * MiB, 'abc'))
    const ends: [string, (trace: ConnectionTrace) => void][] = [
      ['our Close', trace => trace.connection.close(1000, '', 0)],
      ['cut', trace => trace.connection.terminate(0)],
      ['the end of the transport', trace => trace.connection.transportEnded(0)],
      ['the peer’s end', trace => trace.connection.receiveEnd(0)],
    ]
    for (const [name, end] of ends) {
      const trace = open(role, { maxMessageSize: 'unlimited' })
      trace.receive(trace.peer.binary(long, rsv1))
      trace.connection.work(0)
      t.ok(trace.connection.extensionMemory > 0)
      end(trace)
      t.notOk(trace.connection.hasWork, name)
      trace.work()
      t.notOk(
        trace.lines.some(line => line.startsWith('binary')),
        name,
      )
      trace.connection.transportEnded(0)
      t.equal(trace.connection.extensionMemory, 0)
    }
    t.equal(pinnedByDeflate(), before)
  })

  t.test(`${role}: where a session is cut changes nothing of what is told`, async t => {
    const message = fc.record({
      text: fc.string({ maxLength: 200 }),
      times: fc.constantFrom(1, 3, 500),
      compressed: fc.boolean(),
      parts: fc.integer({ min: 1, max: 4 }),
    })
    const session = fc.tuple(
      fc.array(message, { maxLength: 6 }),
      fc.array(fc.nat(2000), { maxLength: 20 }),
      fc.boolean(),
    )
    const property = fc.property(session, ([messages, places, flaw]) => {
      const run = (cuts: readonly number[]) => {
        const trace = open(role)
        const { peer } = trace
        const octets = Buffer.concat(
          messages.map(({ text, times, compressed, parts }) => {
            const payload = compressed ? deflated(text.repeat(times)) : Buffer.from(text.repeat(times))
            const size = Math.ceil(payload.length / parts)
            return Buffer.concat(
              Array.from({ length: parts }, (_, n) => {
                const part = payload.subarray(n * size, (n + 1) * size)
                const fin = n === parts - 1
                return n === 0 ? peer.text(part, { fin, rsv: compressed ? 4 : 0 }) : peer.more(part, fin)
              }),
            )
          }),
        )
        if (flaw && octets.length > 0) octets[octets.length >> 1]! ^= 1
        let at = 0
        for (const cut of [...cuts.map(place => place % (octets.length + 1)).sort((a, b) => a - b), octets.length]) {
          takeIn(trace, octets.subarray(at, cut))
          at = cut
        }
        return trace.next()
      }
      assert.deepEqual(run(places), run([]))
    })
    fc.assert(property, { numRuns: 60 })
    t.pass()
  })
}
