/** RFC 6455 §7.1.7 Fail the WebSocket Connection: one road for every violation, and silence after it. */
import { constants } from 'node:buffer'
import t from 'tap'
import { ConnectionTrace, deflateAgreed, frameTooBig, roles, type TraceOptions } from './connection-trace.js'
import type { NaivePeer } from './naive-peer.js'

interface Violation {
  readonly what: string
  readonly octets: (peer: NaivePeer) => Buffer
  readonly expected: string
  /** Of one role only. */
  readonly role?: 'server' | 'client'
  readonly options?: TraceOptions
}

const hex = (octets: string) => () => Buffer.from(octets, 'hex')
const finOrNot = [0x80, 0x00]

const violations: Violation[] = [
  {
    what: 'F-01 an unmasked frame to a server',
    role: 'server',
    octets: hex('81026869'),
    expected: '> fail 1002 §5.1 WS_UNMASKED_FRAME',
  },
  {
    what: 'F-02 a masked frame to a client',
    role: 'client',
    octets: hex('81820102030469'),
    expected: '> fail 1002 §5.1 WS_MASKED_FRAME',
  },
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap(opcode =>
    finOrNot.map(fin => ({
      what: `F-03 opcode ${opcode}${fin > 0 ? '' : ' without FIN'}`,
      octets: (peer: NaivePeer) => peer.header(fin | opcode, 0),
      expected: '> fail 1002 §5.2 WS_RESERVED_OPCODE',
    })),
  ),
  ...[0, 1, 2, 8, 9, 10].flatMap(opcode =>
    [1, 2, 3, 4, 5, 6, 7]
      .filter(rsv => !deflateAgreed || !isCompressed(rsv, opcode))
      .map(rsv => ({
        what: `F-04 F-05 F-06 F-07 RSV bits ${rsv} on opcode ${opcode}`,
        octets: (peer: NaivePeer) => peer.header(0x80 | (rsv << 4) | opcode, 0),
        expected: '> fail 1002 §5.2 WS_RESERVED_BITS',
      })),
  ),
  ...[0x88, 0x89, 0x8a].flatMap(first =>
    [126, 70_000].map(length => ({
      what: `F-08 a control frame (${first.toString(16)}) of ${length} octets`,
      octets: (peer: NaivePeer) => peer.header(first, length),
      expected: '> fail 1002 §5.5 WS_CONTROL_TOO_LONG',
    })),
  ),
  {
    what: 'F-09 a continuation of no message',
    octets: peer => peer.more('a', true),
    expected: '> fail 1002 §5.4 WS_STRAY_CONTINUATION',
  },
  {
    what: 'F-10 a message inside a fragmented one',
    octets: peer => Buffer.concat([peer.text('a', { fin: false }), peer.text('b')]),
    expected: '> fail 1002 §5.4 WS_INTERLEAVED_MESSAGE',
  },
  ...[8, 9, 10].map(first => ({
    what: `F-11 control frame ${first} without FIN`,
    octets: (peer: NaivePeer) => peer.header(first, 0),
    expected: '> fail 1002 §5.5 WS_FRAGMENTED_CONTROL',
  })),
  ...['7e007d', '7e0000', '7f000000000000007d', '7f000000000000ffff'].map(length => ({
    what: `F-12 a length that is not minimal: ${length}`,
    octets: (peer: NaivePeer) => masked(peer, `82${length}`),
    expected: '> fail 1002 §5.2 WS_LENGTH_NOT_MINIMAL',
  })),
  ...['7f8000000000000000', '7fffffffffffffffff'].map(length => ({
    what: `F-13 the top bit of a 64-bit length: ${length}`,
    octets: (peer: NaivePeer) => masked(peer, `82${length}`),
    expected: '> fail 1002 §5.2 WS_LENGTH_TOP_BIT',
  })),
  ...[2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n].map(length => ({
    what: `F-15 a length of ${length}`,
    octets: (peer: NaivePeer) => peer.header(0x82, length),
    expected: '> fail 1009 §10.4 WS_FRAME_TOO_BIG',
  })),
  ...[2n ** 31n, 2n ** 32n, 2n ** 32n + 5n].map(length => ({
    what: `F-16 a length of ${length}: never read as a small one`,
    octets: (peer: NaivePeer) => peer.header(0x82, length),
    expected: '> fail 1009 §10.4 WS_FRAME_TOO_BIG',
  })),
  ...[BigInt(constants.MAX_LENGTH) + 1n, 2n ** 53n, 2n ** 63n - 1n].map(length => ({
    what: `F-15 a length of ${length} where nothing is limited: no buffer can hold it`,
    octets: (peer: NaivePeer) => peer.header(0x82, length),
    expected: length < 2n ** 53n ? '> fail 1009 §10.4 WS_MESSAGE_TOO_BIG' : '> fail 1009 §10.4 WS_FRAME_TOO_BIG',
    options: { maxMessageSize: 'unlimited' as const, maxFrameSize: 'unlimited' as const },
  })),
  {
    what: 'F-19 a Close body of one octet',
    octets: peer => peer.frame(8, 'x'),
    expected: '> fail 1002 §5.5.1 WS_CLOSE_BODY_TOO_SHORT',
  },
  {
    what: 'F-20 a Close with a reserved status code',
    octets: peer => peer.close(1005),
    expected: '> fail 1002 §7.4 WS_INVALID_STATUS_CODE',
  },
  {
    what: 'F-21 a Close reason that is not UTF-8',
    octets: peer => peer.frame(8, hex('03e8ff')()),
    expected: '> fail 1007 §5.5.1 WS_INVALID_UTF8',
  },
  {
    what: '8.1-1 a text that is not UTF-8',
    octets: peer => peer.text(hex('ff')()),
    expected: '> fail 1007 §8.1 WS_INVALID_UTF8',
  },
  ...roles.map(role => {
    const limit = role === 'server' ? 2 ** 20 : 2 ** 24
    return {
      what: 'M-01 a frame over the limit',
      role,
      octets: (peer: NaivePeer) => peer.header(0x82, limit + 1),
      expected: frameTooBig(limit + 1, limit),
    }
  }),
]

/** RSV1 on what begins a message: with permessage-deflate it means something (RFC 7692 §6). */
function isCompressed(rsv: number, opcode: number): boolean {
  return rsv === 4 && (opcode === 1 || opcode === 2)
}

/** A header with these first octets, as this peer masks it; payload there is none. */
function masked(peer: NaivePeer, octets: string): Buffer {
  const header = hex(octets)()
  if (peer.key === undefined) return header
  header[1]! |= 0x80
  return Buffer.concat([header, peer.key])
}

for (const role of roles) {
  for (const { what, octets, expected, options } of violations.filter(violation => (violation.role ?? role) === role)) {
    t.test(`${what} (${role})`, async t => {
      const trace = new ConnectionTrace(role, options)
      const { peer } = trace
      const after = [peer.text('after'), peer.ping('after'), peer.close(1000), hex('ffffffff')()]
      trace.receive(peer.text('before'), octets(peer), ...after)
      t.same(
        trace.next(),
        ['text "before"', 'closing', expected],
        'F-18 nothing that follows in the same read is heeded',
      )
      t.equal(trace.connection.hangUp, role === 'server' ? 'now' : 'after peer')
      for (const frame of after) trace.receive(frame)
      trace.receiveSlowly(...after)
      t.same(trace.next(), [], '7.1.7-7 nor in later ones')
      t.equal(trace.connection.sendText('a'), 'dropped')
      trace.connection.transportEnded(0)
      t.same(trace.next(), ['closed 1006 "" by local'])
      t.match(trace.record, {
        sent: { code: Number(/\d{4}/.exec(expected)?.[0]) },
        received: undefined,
        error: { name: 'ProtocolError' },
      })

      const slow = new ConnectionTrace(role, options)
      slow.receiveSlowly(octets(slow.peer), ...after)
      t.same(
        slow.next().filter(line => line !== 'text "b"'),
        ['closing', expected],
        'octet by octet',
      )
    })
  }

  t.test(`F-14 lengths whose sum over frames crosses the limit: 1009 at the first octet over (${role})`, async t => {
    for (const [limit, first, second, fails] of [
      [1000, 999, 1, false],
      [1000, 999, 2, true],
      [1000, 1000, 0, false],
      [1000, 1000, 1, true],
      [1000, 1, 2 ** 32, true],
      [1000, 1000, 2 ** 31, true],
    ] as const) {
      const trace = new ConnectionTrace(role, { maxMessageSize: limit, maxFrameSize: 'unlimited' })
      trace.receive(trace.peer.binary(Buffer.alloc(first), { fin: false, rsv: 0 }), trace.peer.header(0x80, second))
      t.equal(trace.connection.state, fails ? 'closing' : 'open', `${first} + ${second}`)
      if (fails) t.match(trace.next()[1], /fail 1009 §10.4 WS_(MESSAGE|FRAME)_TOO_BIG/)
    }
  })

  t.test(`F-17 a header cut after each of its octets, then the end: 1006 (${role})`, async t => {
    const header = new ConnectionTrace(role).peer.header(0x82, 70_000)
    t.equal(header.length, role === 'server' ? 14 : 10)
    for (let at = 1; at <= header.length; at++) {
      const trace = new ConnectionTrace(role)
      trace.receive(header.subarray(0, at))
      trace.connection.receiveEnd(0)
      trace.connection.transportEnded(0)
      t.same(trace.next(), ['peer end', 'closing', 'closed 1006 "" by transport'])
    }
  })

  t.test(`7.1.7-6 a violation after our Close: nothing more is heeded, and our Close stands (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.connection.close(4000, 'ours', 0)
    trace.receive(hex('ffff')(), trace.peer.close(1000))
    t.same(trace.next(), ['closing', '> close 4000 "ours"'])
    t.equal(trace.connection.hangUp, role === 'server' ? 'now' : 'after peer', 'nobody waits for the answer')
    trace.connection.transportEnded(0)
    t.match(trace.record, { code: 1006, clean: false, initiator: 'local', error: { code: 'WS_RESERVED_BITS' } })
  })

  t.test(`7.1.7-5 10.7-3 the Close goes before what is queued, behind the frame on its way (${role})`, async t => {
    const trace = new ConnectionTrace(role, { maxOutgoingFrameSize: 70_000, sendHighWaterMark: 1000 })
    trace.connection.sendText('before')
    trace.connection.sendBinary(Buffer.alloc(210_000))
    trace.connection.sendText('never')
    trace.take()
    trace.connection.transportTook(0, false, 0)
    trace.receive(hex('ffff')())
    t.same(trace.frames(), ['> text "before"', '> binary more of 70000 octets', '> fail 1002 §5.2 WS_RESERVED_BITS'])
    t.equal(trace.connection.bufferedAmount, 0)
  })

  t.test(`7.1.7-2 7.1.7-4 what went wrong first is what is told (${role})`, async t => {
    const trace = new ConnectionTrace(
      role,
      {},
      {
        onText: () => {
          throw new Error('first')
        },
      },
    )
    trace.receive(trace.peer.text('a'), hex('ffff')())
    t.same(trace.next(), ['text "a"', 'closing', 'error first', '> close 1011 ""'])
    trace.connection.transportEnded(0, new Error('last'))
    t.match(trace.record?.error, { message: 'first' })
  })
}
