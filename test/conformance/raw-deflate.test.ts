/** RFC 7692 as the naive side of a case has it: what is agreed on, and windows of all sizes. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { extensionElements } from '../../src/conformance/extension-elements.js'
import { RawWindow, rawDeflate } from '../../src/conformance/raw-deflate.js'

/** [what a client offers, what the case answers, whether that fits] */
const answers: [offered: string, answered: string, fits: boolean][] = [
  ['permessage-deflate', '', true],
  ['x, permessage-deflate', '', true],
  ['', '', false],
  ['x', '', false],
  ['permessage-deflate; ;', '', false],
  ['permessage-deflate; server_max_window_bits=9', '', false],
  ['permessage-deflate; server_max_window_bits=9', 'server_max_window_bits=8', true],
  ['permessage-deflate; server_no_context_takeover', '', false],
  ['permessage-deflate; server_no_context_takeover', 'server_no_context_takeover', true],
  ['permessage-deflate', 'client_max_window_bits=9', false],
  ['permessage-deflate; client_max_window_bits', 'client_max_window_bits=9', true],
  ['permessage-deflate; server_max_window_bits=9, permessage-deflate', '', true],
]

for (const [offered, answered, fits] of answers) {
  t.test(`5.1 ${JSON.stringify(offered)} answered with ${JSON.stringify(answered)}`, async t => {
    const whole = answered === '' ? 'permessage-deflate' : `permessage-deflate; ${answered}`
    t.equal(rawDeflate('', answered).answer(offered), fits ? whole : undefined)
  })
}

t.test('7.1 what an answer binds the sides to', async t => {
  const agreed = (answered: string) => rawDeflate().agree(answered, 'server')
  t.match(agreed('permessage-deflate'), { own: { takeover: true, bits: 15 }, theirs: { takeover: true, bits: 15 } })
  t.match(agreed('permessage-deflate; client_no_context_takeover; server_max_window_bits="9"'), {
    own: { takeover: false, bits: 15 },
    theirs: { takeover: true, bits: 9 },
  })
  const none = [
    '',
    'x',
    'permessage-deflate, x',
    'permessage-deflate; client_max_window_bits=16',
    'permessage-deflate; =',
  ]
  for (const answered of [...none, 'permessage-deflate; server_max_window_bits=7']) t.equal(agreed(answered), undefined)
})

t.test('6455 9.1 extensions and their parameters', async t => {
  t.match(extensionElements('a; b; c=1 ; d="2", e'), [{ name: 'a', names: ['b', 'c', 'd'] }, { name: 'e' }])
  for (const value of ['', ';', 'a;', 'a; b=', 'a b', 'a; "b"', 'a; b="']) t.equal(extensionElements(value), undefined)
})

for (const bits of [8, 9, 11, 15]) {
  t.test(`7.2.1 a window of 2^${bits} octets: what one side closes, the other opens`, async t => {
    const [closing, opening] = [new RawWindow({ takeover: true, bits }), new RawWindow({ takeover: true, bits })]
    const once = randomBytes(200)
    for (const payload of [once, once, Buffer.alloc(0), Buffer.alloc(100_000, 'ab'), randomBytes(5000)]) {
      t.ok(opening.open(closing.close(payload)).equals(payload))
    }
  })
}

t.test('7.2.1 a reference that goes beyond the window is found', async t => {
  const far = Buffer.concat([randomBytes(3000)])
  const closed = new RawWindow({ takeover: true, bits: 15 }).close(Buffer.concat([far, far]))
  t.throws(() => new RawWindow({ takeover: true, bits: 9 }).open(closed), /too far back/)
  t.equal(new RawWindow({ takeover: true, bits: 12 }).open(closed).length, 6000)
})

t.test('7.2.3.4 blocks behind a final one', async t => {
  const opened = new RawWindow({ takeover: true, bits: 15 }).open(Buffer.from('f348cdc9c90700f348cdc9c9070000', 'hex'))
  t.equal(opened.toString(), 'HelloHello')
})
