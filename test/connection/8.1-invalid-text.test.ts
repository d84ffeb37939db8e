/** RFC 6455 §8.1: a text that is not UTF-8 fails the connection at the first octet that shows it. */
import { isUtf8 } from 'node:buffer'
import t from 'tap'
import { ConnectionTrace, roles } from './connection-trace.js'

const invalid = ['closing', '> fail 1007 §8.1 WS_INVALID_UTF8']
const hex = (octets: string) => Buffer.from(octets, 'hex')
const first = { fin: false }

for (const role of roles) {
  t.test(`F-24 8.1-1 fail-fast: at the bad octet, not at the end of 10 MiB (${role})`, async t => {
    const trace = new ConnectionTrace(role, { maxMessageSize: 16 * 1024 * 1024 })
    trace.receive(trace.peer.header(0x81, 10 * 1024 * 1024))
    t.equal(trace.connection.state, 'open')
    const bad = hex('ff').map((octet, i) => octet ^ (trace.peer.key?.[i] ?? 0))
    trace.receive(Buffer.from(bad))
    t.same(trace.next(), invalid)
  })

  t.test(`F-24 the first bad octet, wherever the chunk ends (${role})`, async t => {
    // Good up to the octet at this place, bad from there on.
    const texts: [octets: string, bad: number][] = [
      ['ff', 0],
      ['61ff', 1],
      ['c3', 1],
      ['c328', 1],
      ['c0af', 0],
      ['c1bf', 0],
      ['e08080', 1],
      ['e09f', 1],
      ['eda080', 1],
      ['f08080', 1],
      ['f08f', 1],
      ['f49080', 1],
      ['f5', 0],
      ['80', 0],
      ['e282', 2],
      ['e28228', 2],
      ['f09f98', 3],
      ['f09f9828', 3],
      ['e282ac80', 3],
    ]
    for (const [octets, bad] of texts) {
      const trace = new ConnectionTrace(role)
      // Uncompressed, whatever with-deflate.test.ts wants: compressed octets are looked at when the message is whole.
      const frame = trace.peer.text(hex(octets), { ...first, rsv: 0 })
      const header = frame.length - octets.length / 2
      for (const [at, octet] of frame.entries()) {
        t.equal(trace.connection.state, at <= header + bad ? 'open' : 'closing', `${octets} at ${at}`)
        trace.receive(Buffer.from([octet]))
      }
      trace.receive(trace.peer.more('', true))
      t.same(trace.next(), invalid, octets)
    }
  })

  t.test(`F-25 a code point split over fragments and chunks, with a Ping in between: intact (${role})`, async t => {
    const text = Buffer.from('κόσμε 😀€')
    for (let cut = 0; cut <= text.length; cut++) {
      const trace = new ConnectionTrace(role)
      const { peer } = trace
      const frames = [peer.text(text.subarray(0, cut), first), peer.ping('p'), peer.more(text.subarray(cut), true)]
      trace.receive(...frames)
      trace.receiveSlowly(...frames)
      const once = ['ping "p"', `text "${text}"`]
      t.same(trace.next(), [...once, ...once, '> pong "p"', '> pong "p"'])
    }
  })

  t.test(`F-26 5.6-1 fragments each invalid but valid together, and the other way round (${role})`, async t => {
    const together = new ConnectionTrace(role)
    together.receive(
      together.peer.text(hex('e2'), first),
      together.peer.more(hex('82')),
      together.peer.more(hex('ac'), true),
    )
    t.same(together.next(), ['text "€"'])

    const apart = new ConnectionTrace(role)
    apart.receive(apart.peer.text(hex('e2'), first), apart.peer.more('a', true))
    t.same(apart.next(), invalid)

    const cut = new ConnectionTrace(role)
    cut.receive(cut.peer.text('whole', first), cut.peer.more(hex('e282'), true))
    t.same(cut.next(), invalid, 'the message ends within a code point')

    const empty = new ConnectionTrace(role)
    empty.receive(empty.peer.text(hex('e2'), first), empty.peer.more('', true))
    t.same(empty.next(), invalid)
  })

  t.test(
    `F-27 overlong forms, surrogates and what is above U+10FFFF: 1007, whole or in fragments (${role})`,
    async t => {
      for (const octets of [
        'c0af',
        'e080af',
        'f08080af',
        'eda080',
        'edbfbf',
        'f4908080',
        'f8888080',
        'fe',
        'ceba00edad80',
      ]) {
        const whole = new ConnectionTrace(role)
        whole.receive(whole.peer.text(hex(octets)))
        t.same(whole.next(), invalid, octets)
        const fragments = new ConnectionTrace(role)
        fragments.receive(
          fragments.peer.text(hex(octets).subarray(0, 1), first),
          fragments.peer.more(hex(octets).subarray(1), true),
        )
        t.same(fragments.next(), invalid, octets)
      }
    },
  )

  t.test(`F-27 BOM, NUL, U+FFFF, U+FFFD and friends are kept octet by octet (${role})`, async t => {
    const texts: string[] = []
    const trace = new ConnectionTrace(role, {}, { onText: text => void texts.push(String(text)) })
    const expected = [
      '\ufeffbom',
      '\ufeff',
      'a\0b',
      '\uffff',
      '\ufffe',
      '\ufffd',
      '\u{10ffff}',
      '\u{1fffe}',
      '\ud7ff\ue000',
      '\ufdd0',
    ]
    for (const text of expected) {
      trace.receive(trace.peer.text(text))
      trace.receive(
        trace.peer.text(Buffer.from(text).subarray(0, 1), first),
        trace.peer.more(Buffer.from(text).subarray(1), true),
      )
    }
    t.same(
      texts,
      expected.flatMap(text => [text, text]),
    )
  })

  t.test(`8.1 binary messages are not looked at (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.receive(trace.peer.binary(hex('ff')), trace.peer.binary(hex('c3'), first), trace.peer.more(hex('28'), true))
    t.same(trace.next(), ['binary ff', 'binary c328'])
  })
}

t.test('8.1-1 every text of one or two octets, and what buffer.isUtf8 says of it', async t => {
  const wrong: string[] = []
  for (let code = 0; code < 0x10000; code += code < 0x100 ? 1 : 7) {
    const octets = code < 0x100 ? Buffer.from([code]) : Buffer.from([code >> 8, code & 255])
    const trace = new ConnectionTrace('client')
    trace.receive(trace.peer.text(octets))
    if ((trace.connection.state === 'open') !== isUtf8(octets)) wrong.push(octets.toString('hex'))
  }
  t.same(wrong, [])
})
