/**
 * RFC 6455 §9.1 Negotiating Extensions: reading and writing the field, the client's offer, the server's choice and
 * the client's check of it.
 */
import fc from 'fast-check'
import t from 'tap'
import type { AgreedExtension, Extension } from '../../src/extensions/extension.js'
import {
  checkExtensions,
  chooseExtensions,
  formatExtensions,
  offerExtensions,
  parseExtensions,
} from '../../src/extensions/negotiation.js'
import type { Parameter } from '../../src/http/grammar.js'

/** An extension that declines what names `bad`, answers what it was offered, and accepts what does not name `bad`. */
function extension(name: string, rsv: number, ...offers: Parameter[][]): Extension {
  const fine = (parameters: readonly Parameter[]): boolean => parameters.every(([key]) => key !== 'bad')
  return {
    name,
    rsv,
    offers: () => offers,
    answer: offer => (fine(offer) ? offer : undefined),
    accepts: fine,
  }
}

function format(agreed: readonly AgreedExtension[] | undefined): string | undefined {
  return agreed && formatExtensions(agreed.map(({ extension, parameters }) => ({ name: extension.name, parameters })))
}

t.test(
  'H-32 9.1-1 "does not conform to the ABNF …, the recipient … MUST immediately Fail": malformed values',
  async t => {
    for (const value of ['', ';', 'a;', 'a; b=', 'a; b="', 'a; b="\\', 'a b', ',', 'a, ;']) {
      t.equal(parseExtensions(value), undefined, JSON.stringify(value))
    }
  },
)

t.test('H-32 repeated parameters are for the extension to judge; 65 offers are too many', async t => {
  t.equal(formatExtensions(parseExtensions('permessage-deflate; x; x')!), 'permessage-deflate; x; x')
  t.equal(parseExtensions(Array(64).fill('a').join())?.length, 64)
  t.equal(parseExtensions(Array(65).fill('a').join()), undefined)
  t.equal(parseExtensions('a,b', 1), undefined)
  t.equal(parseExtensions(Array(10_000).fill('a').join()), undefined)
})

t.test('4.3-1 9.1-2 "the value after quoted-string unescaping MUST conform to the \'token\' ABNF"', async t => {
  t.equal(formatExtensions(parseExtensions('a; b="c\\d"')!), 'a; b=cd')
  for (const value of ['a; b=""', 'a; b="c d"', 'a; b="c,d"', 'a; b="\\""', 'a; b="é"', 'a; x; b="c=d"; y']) {
    t.equal(parseExtensions(value), undefined, value)
  }
})

t.test('9-1 offers: each extension in the order of preference, each of its offers', async t => {
  const deflate = extension(
    'deflate',
    4,
    [
      ['bits', '10'],
      ['x', undefined],
    ],
    [],
  )
  t.equal(formatExtensions(offerExtensions([deflate, extension('foo', 0, [])])), 'deflate; bits=10; x, deflate, foo')
  t.equal(formatExtensions(offerExtensions([])), '')
})

t.test(
  '9-2 9-3 4.2.2-10 4.2.2-11 5.8-1 7692/5-7 "selecting one or more of the values" of the client, in its order',
  async t => {
    const ours = [
      extension('a', 4),
      extension('b', 2),
      extension('c', 4),
      extension('d', 0),
      extension('constructor', 0),
    ]
    const cases: [offers: string, answer: string][] = [
      ['a', 'a'],
      ['x', ''],
      ['x, b; p=1', 'b; p=1'],
      ['b, a', 'b, a'],
      ['d, b, a', 'd, b, a'],
      ['a; one, a; two', 'a; one'],
      ['a, c', 'a'],
      ['c, a, b', 'c, b'],
      ['A', ''],
      ['toString, __proto__, hasOwnProperty', ''],
      ['constructor', 'constructor'],
    ]
    for (const [offers, answer] of cases)
      t.equal(format(chooseExtensions(parseExtensions(offers)!, ours)), answer, offers)
    t.same(chooseExtensions(parseExtensions('toString, constructor')!, []), [], 'X-13')
  },
)

t.test(
  '9-4 9.1-5 "in accordance with the specification of the extension": it judges each offer, each answer',
  async t => {
    const ours = [extension('a', 4), extension('b', 2), extension('c', 4)]
    const offers: [offers: string, answer: string][] = [
      ['a; good=1', 'a; good=1'],
      ['a; bad, a; good', 'a; good'],
      ['a; bad', ''],
      ['a; bad, c', 'c'],
      ['b; good; bad=1, a; good', 'a; good'],
    ]
    for (const [offered, answer] of offers) {
      t.equal(format(chooseExtensions(parseExtensions(offered)!, ours)), answer, `the server is offered ${offered}`)
    }
    const answers: [answer: string, expected: string | undefined][] = [
      ['a; good=1, b', 'a; good=1, b'],
      ['a; bad', undefined],
      ['b, a; good; bad=1', undefined],
    ]
    for (const [answer, expected] of answers) {
      t.equal(format(checkExtensions(parseExtensions(answer)!, ours)), expected, `the client is answered ${answer}`)
    }
  },
)

t.test('9.1-6 4.1-45 C-08 7692/5-8 what was not offered, twice or on a taken bit is not acceptable', async t => {
  const offered = [extension('a', 4), extension('b', 2), extension('c', 4)]
  const cases: [answer: string, expected: string | undefined][] = [
    ['a', 'a'],
    ['b; p=1, a', 'b; p=1, a'],
    ['x', undefined],
    ['a, x', undefined],
    ['a, a', undefined],
    ['a, c', undefined],
    ['A', undefined],
    ['constructor', undefined],
  ]
  for (const [answer, expected] of cases) {
    t.equal(format(checkExtensions(parseExtensions(answer)!, offered)), expected, answer)
  }
})

t.test('9.1-3 "MAY be split or combined across multiple lines": joined by a comma they are one list', async t => {
  t.same(parseExtensions(['foo', 'bar; baz=2'].join(', ')), parseExtensions('foo, bar; baz=2'))
})

const token = fc.string({ unit: fc.constantFrom(..."abc!#$%&'*+-.^_`|~019"), minLength: 1, maxLength: 5 })

t.test('9.1 what is written is read back', async t => {
  const parameter = fc.tuple(token, fc.option(token, { nil: undefined }))
  const one = fc.record({ name: token, parameters: fc.array(parameter, { maxLength: 3 }) })
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), list => {
      return JSON.stringify(parseExtensions(formatExtensions(list))) === JSON.stringify(list)
    }),
  )
  t.pass()
})

t.test('9.1 a client accepts whatever a server chooses from its offers, whoever prefers what', async t => {
  const pool = [extension('a', 4, [['x', '1']], []), extension('b', 2, []), extension('c', 4, [['bad', undefined]], [])]
  const some = fc.shuffledSubarray(pool)
  fc.assert(
    fc.property(some, some, (clients, servers) => {
      const chosen = chooseExtensions(offerExtensions(clients), servers)
      const answer = chosen.map(({ extension, parameters }) => ({ name: extension.name, parameters }))
      return format(checkExtensions(answer, clients)) === formatExtensions(answer)
    }),
  )
  t.pass()
})
