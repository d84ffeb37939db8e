/** What the endpoint under test may never send: RFC 6455 §5.1, §5.2, §5.4, §5.5, §5.6, §7.4; looked at in every case. */
import t from 'tap'
import {
  asRawFrame,
  binary,
  close,
  continuation,
  type FrameParts,
  frame,
  ping,
  pong,
  text,
} from '../../src/conformance/frame-parts.js'
import { Inbox } from '../../src/conformance/inbox.js'

const key = Buffer.from('abcd')

/** [what, which side sends it, frames, the sections that are broken] */
const rows: [what: string, tested: 'client' | 'server', frames: readonly FrameParts[], sections: readonly string[]][] =
  [
    ['nothing wrong', 'server', [text('a'), ping(), pong('x'), binary(), close(1000, 'bye')], []],
    ['nothing wrong, masked', 'client', [text('a', { maskingKey: key }), close(4999, '', { maskingKey: key })], []],
    ['nothing wrong, long', 'server', [text('a'.repeat(126)), text('a'.repeat(65_536))], []],
    ['5.1 a masked frame of a server', 'server', [text('a', { maskingKey: key })], ['5.1']],
    ['5.1 a frame of a client that is not masked', 'client', [text('a')], ['5.1']],
    ['5.2 a length in 2 octets', 'server', [text('a', { lengthOctets: 2 })], ['5.2']],
    ['5.2 a length in 8 octets', 'server', [text('a'.repeat(65_535), { lengthOctets: 8 })], ['5.2']],
    ['5.2 the top bit', 'server', [text('a', { payloadLength: 1n << 63n })], ['5.2']],
    ['5.2 RSV1', 'server', [text('a', { rsv: 4 })], ['5.2']],
    ['5.2 RSV3 on a Ping', 'server', [ping('a', { rsv: 1 })], ['5.2']],
    ['5.2 opcode 3', 'server', [frame(3)], ['5.2']],
    ['5.2 opcode 0xF', 'server', [frame(15)], ['5.2']],
    ['5.4 a continuation of nothing', 'server', [continuation('a')], ['5.4']],
    ['5.4 a text within a text', 'server', [text('a', { fin: false }), text('b')], ['5.4']],
    ['5.5 a Ping without FIN', 'server', [ping('a', { fin: false })], ['5.5']],
    ['5.5 a Pong of 126 octets', 'server', [pong(Buffer.alloc(126))], ['5.5']],
    ['5.5.1 a Close body of one octet', 'server', [frame(8, 'a')], ['5.5.1']],
    ['7.4 status code 1005', 'server', [close(1005)], ['7.4']],
    ['7.4 status code 999', 'server', [close(999)], ['7.4']],
    ['7.4 status code 5000', 'server', [close(5000)], ['7.4']],
    ['5.5.1 a reason that is not UTF-8', 'server', [close(1000, Buffer.of(0xff))], ['5.5.1']],
    ['5.5.1 a text after the Close frame', 'server', [close(1000), text('a')], ['5.5.1']],
    ['5.5.1 another Close frame', 'server', [close(1000), close(1000)], ['5.5.1']],
    ['5.6 a text that is not UTF-8', 'server', [text(Buffer.of(0xff))], ['5.6']],
    [
      '5.6 fragments that are not UTF-8',
      'server',
      [text(Buffer.of(0xc0), { fin: false }), continuation(Buffer.of(0xaf))],
      ['5.6'],
    ],
    [
      '5.6 a character over two fragments',
      'server',
      [text(Buffer.of(0xc3), { fin: false }), continuation(Buffer.of(0xa9))],
      [],
    ],
  ]

for (const [what, tested, frames, sections] of rows) {
  t.test(what, async t => {
    const inbox = new Inbox(tested)
    for (const parts of frames) inbox.receive(asRawFrame(parts))
    t.same(
      inbox.findings.map(({ section }) => section),
      sections,
    )
    t.ok(inbox.findings.every(({ verdict }) => verdict === 'FAIL' || /another Close|5000/.test(what)))
  })
}

t.test('messages, Pongs and the Close frame, each in its lane', async t => {
  const inbox = new Inbox('server')
  const frames = [text('He', { fin: false }), pong('1'), continuation('llo'), binary('x'), pong('2'), close(1001)]
  for (const parts of frames) inbox.receive(asRawFrame(parts))
  t.match(inbox.messages, [
    { opcode: 1, payload: Buffer.from('Hello'), frames: 2, wire: Buffer.from('Hello'), rsv: 0 },
    { opcode: 2, payload: Buffer.from('x'), frames: 1 },
  ])
  t.same(inbox.pongs.map(String), ['1', '2'])
  t.equal(inbox.close?.code, 1001)
  t.equal(inbox.frames, 6)
})

t.test('a message that is allowed does not come into its lane, whenever it comes', async t => {
  const inbox = new Inbox('server')
  const came: string[] = []
  const allow = (payload: string) =>
    inbox.allow({ opcode: 1, payload: Buffer.from(payload), onCame: () => came.push(payload) })
  inbox.receive(asRawFrame(text('early')))
  allow('early')
  allow('skipped')
  inbox.allow({ opcode: 1, payload: Buffer.from('late') })
  inbox.receive(asRawFrame(text('other')))
  inbox.receive(asRawFrame(text('late')))
  inbox.receive(asRawFrame(text('skipped')))
  t.same(
    inbox.messages.map(({ payload }) => String(payload)),
    ['other', 'skipped'],
  )
  t.same(came, ['early'])
})

t.test('an extension opens what bears its bits, and says what is wrong', async t => {
  const inbox = new Inbox('server')
  inbox.extension = {
    rsv: 4,
    own: { takeover: true, bits: 15 },
    theirs: { takeover: true, bits: 15 },
    close: (payload: Buffer) => payload,
    open(payload) {
      if (payload.length === 0) throw new Error('nothing in it')
      return Buffer.from(payload).reverse()
    },
  }
  inbox.receive(asRawFrame(text('abc', { rsv: 4 })))
  inbox.receive(asRawFrame(text('abc')))
  inbox.receive(asRawFrame(text('', { rsv: 4 })))
  t.same(
    inbox.messages.map(({ payload }) => String(payload)),
    ['cba', 'abc', ''],
  )
  t.match(inbox.findings, [{ section: '9', reason: /cannot be opened: nothing in it$/ }])
  inbox.receive(asRawFrame(text('a', { fin: false, rsv: 4 })))
  inbox.receive(asRawFrame(continuation('b', { rsv: 4 })))
  t.equal(inbox.findings.length, 2, 'RSV1 on a continuation is nobody’s')
})

t.test('the masking-keys of the first thousand frames are kept', async t => {
  const inbox = new Inbox('client')
  for (let i = 0; i < 1001; i++) inbox.receive(asRawFrame(ping('', { maskingKey: Buffer.of(0, 0, 1, i & 255) })))
  t.equal(inbox.maskingKeys.length, 1000)
  t.equal(inbox.maskingKeys[3], 259)
})
