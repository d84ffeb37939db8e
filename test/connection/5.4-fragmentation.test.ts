/** RFC 6455 §5.4 Fragmentation: which sequences of frames are a message, and which fail the connection. */
import t from 'tap'
import { ConnectionTrace, roles } from './connection-trace.js'
import type { NaivePeer } from './naive-peer.js'

type Row = [rule: string, frames: (peer: NaivePeer) => Buffer[], expected: string[]]

const first = { fin: false }

const legal: Row[] = [
  ['5.4-8 an unfragmented message', p => [p.text('whole')], ['text "whole"']],
  ['5.2-1 "The first fragment MAY also be the final fragment"', p => [p.binary('a')], ['binary 61']],
  ['5.4-8 a message in two fragments', p => [p.text('he', first), p.more('llo', true)], ['text "hello"']],
  [
    '5.4-4 "Message fragments MUST be delivered to the recipient in the order sent by the sender"',
    p => [p.binary('1', first), p.more('2'), p.more('3'), p.more('4'), p.more('5', true)],
    ['binary 3132333435'],
  ],
  [
    'F-29 fragments without payload: before, between, after',
    p => [p.text('', first), p.more(''), p.more('a'), p.more(''), p.more('b'), p.more('', true)],
    ['text "ab"'],
  ],
  ['F-29 all fragments empty, text', p => [p.text('', first), p.more(''), p.more('', true)], ['text ""']],
  ['F-29 all fragments empty, binary', p => [p.binary('', first), p.more('', true)], ['binary ']],
  [
    'F-29 empty messages',
    p => [p.text(), p.binary(), p.ping(), p.pong()],
    ['text ""', 'binary ', 'ping ""', 'pong ""', '> pong ""'],
  ],
  [
    '5.4-2 6.2-2 "Control frames … MAY be injected in the middle of a fragmented message"',
    p => [p.text('a', first), p.ping('1'), p.more('b'), p.pong('2'), p.more('c', true)],
    ['ping "1"', 'pong "2"', 'text "abc"', '> pong "1"'],
  ],
  [
    'F-30 ping and pong between every pair of fragments',
    p => [
      p.binary('a', first),
      p.ping('1'),
      p.pong('x'),
      p.more('b'),
      p.ping('2'),
      p.pong('y'),
      p.more('c', true),
      p.ping('3'),
    ],
    [
      'ping "1"',
      'pong "x"',
      'ping "2"',
      'pong "y"',
      'binary 616263',
      'ping "3"',
      '> pong "1"',
      '> pong "2"',
      '> pong "3"',
    ],
  ],
  [
    '5.4-6 a Close in the middle of a fragmented message ends it without a message',
    p => [p.text('a', first), p.close(1000), p.more('b', true)],
    ['closing 1000 ""', '> close 1000 ""'],
  ],
  [
    'messages one after the other, of either type and shape',
    p => [p.text('a', first), p.more('b', true), p.binary('c'), p.binary('d', first), p.more('e', true), p.text('f')],
    ['text "ab"', 'binary 63', 'binary 6465', 'text "f"'],
  ],
  [
    '6.2-4 "Subsequent data frames MUST be interpreted as belonging to a new WebSocket message"',
    p => [p.text('a', first), p.more('b', true), p.text('c')],
    ['text "ab"', 'text "c"'],
  ],
]

const stray = ['closing', '> fail 1002 §5.4 WS_STRAY_CONTINUATION']
const nested = ['closing', '> fail 1002 §5.4 WS_INTERLEAVED_MESSAGE']

const illegal: Row[] = [
  ['F-09 a final continuation of no message', p => [p.more('a', true)], stray],
  ['F-09 a continuation of no message', p => [p.more('a')], stray],
  ['F-09 an empty continuation of no message', p => [p.more('', true)], stray],
  [
    'F-09 a final continuation twice',
    p => [p.text('a', first), p.more('b', true), p.more('c', true)],
    ['text "ab"', ...stray],
  ],
  [
    'F-09 a continuation after an unfragmented message',
    p => [p.binary('a'), p.more('b', true)],
    ['binary 61', ...stray],
  ],
  ['F-10 text within a fragmented text', p => [p.text('a', first), p.text('b')], nested],
  ['F-10 binary within a fragmented text', p => [p.text('a', first), p.binary('b')], nested],
  [
    '5.4-5 F-10 "The fragments of one message MUST NOT be interleaved between the fragments of another message"',
    p => [p.binary('a', first), p.text('b', first), p.more('c', true)],
    nested,
  ],
  ['F-10 within a message that has no octets yet', p => [p.binary('', first), p.binary('')], nested],
  [
    'F-10 behind a Ping between the fragments',
    p => [p.text('a', first), p.ping('p'), p.text('b')],
    ['ping "p"', 'closing', '> pong "p"', nested[1]!],
  ],
  ['F-11 a fragmented Ping', p => [p.frame(9, 'a', first)], ['closing', '> fail 1002 §5.5 WS_FRAGMENTED_CONTROL']],
  ['F-11 a fragmented Close', p => [p.frame(8, '', first)], ['closing', '> fail 1002 §5.5 WS_FRAGMENTED_CONTROL']],
]

for (const role of roles) {
  for (const [rule, frames, expected] of [...legal, ...illegal]) {
    t.test(`${rule} (${role})`, async t => {
      const whole = new ConnectionTrace(role)
      whole.receive(...frames(whole.peer))
      t.same(whole.next(), expected, 'in one chunk')

      const slow = new ConnectionTrace(role)
      slow.receiveSlowly(...frames(slow.peer))
      t.same(slow.next(), expected, 'octet by octet')

      const apart = new ConnectionTrace(role)
      for (const frame of frames(apart.peer)) apart.receive(frame)
      t.same(apart.next(), expected, 'frame by frame')
    })
  }
}

t.test('5.4 a frame that may not come now is refused from its header, before any payload', async t => {
  for (const [first, expected] of [
    [0x80, stray],
    [0x00, stray],
  ] as const) {
    const trace = new ConnectionTrace('server')
    trace.receive(trace.peer.header(first, 1000))
    t.same(trace.next(), expected)
  }
  const trace = new ConnectionTrace('client')
  trace.receive(trace.peer.text('a', { fin: false }), trace.peer.header(0x82, 1000))
  t.same(trace.next(), nested)
})

t.test('5.4-1 the place of the cut within a control frame between fragments does not matter', async t => {
  const ping = 'a payload of some length'
  for (const role of roles) {
    const { peer } = new ConnectionTrace(role)
    const octets = Buffer.concat([peer.text('a', { fin: false }), peer.ping(ping), peer.more('b', true)])
    for (let at = 1; at < octets.length; at++) {
      const trace = new ConnectionTrace(role)
      trace.receive(octets.subarray(0, at))
      trace.receive(octets.subarray(at))
      t.same(trace.next(), [`ping "${ping}"`, 'text "ab"', `> pong "${ping}"`], `cut at ${at}`)
    }
  }
})
