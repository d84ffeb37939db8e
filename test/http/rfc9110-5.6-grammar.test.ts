/**
 * RFC 9110 §5.6, RFC 6455 §9.1: tokens, lists, parameters; and that parsing them is linear whatever is sent.
 */
import { readdir, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import t from 'tap'
import { parseAuthority } from '../../src/http/authority.js'
import {
  isFieldValue,
  isToken,
  isVisibleAscii,
  type Parameter,
  parseDigits,
  parseParametrisedTokens,
  splitList,
} from '../../src/http/grammar.js'

const tchar = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]$/

t.test('RFC 9110 §5.6.2 "token = 1*tchar", for every code unit up to U+01FF', async t => {
  for (let code = 0; code <= 0x1ff; code++) {
    const character = String.fromCharCode(code)
    if (isToken(`a${character}`) !== tchar.test(character)) t.fail(`U+${code.toString(16)}`)
  }
  t.equal(isToken(''), false)
  t.equal(isToken('permessage-deflate'), true)
})

t.test('RFC 9110 §5.5 a field value: VCHAR, obs-text, space and tab; no control, nothing above U+00FF', async t => {
  for (let code = 0; code <= 0x1ff; code++) {
    const legal = code === 9 || (code >= 0x20 && code <= 0x7e) || (code >= 0x80 && code <= 0xff)
    if (isFieldValue(String.fromCharCode(code)) !== legal) t.fail(`U+${code.toString(16)}`)
  }
  t.equal(isFieldValue(''), true)
})

t.test('visible ASCII', async t => {
  for (const [text, expected] of [
    ['/a?b', true],
    ['', false],
    ['a b', false],
    ['a\tb', false],
    ['é', false],
    ['\x7f', false],
  ] as const) {
    t.equal(isVisibleAscii(text), expected, JSON.stringify(text))
  }
})

t.test('X-15 numbers are ASCII digits and nothing else', async t => {
  for (const text of ['', '1e3', '0x10', ' 8', '8 ', '８', '8\n', 'Infinity', '+1', '-1', '1.0', '1_0', '1234567890']) {
    t.equal(parseDigits(text), undefined, JSON.stringify(text))
  }
  t.equal(parseDigits('0'), 0)
  t.equal(parseDigits('007'), 7)
  t.equal(parseDigits('999999999'), 999_999_999)
})

t.test('RFC 9110 §5.6.1 lists: white space around elements goes, empty ones stay to be judged', async t => {
  const cases: [text: string, elements: string[]][] = [
    ['', ['']],
    ['a', ['a']],
    [' a\t,  b ,c', ['a', 'b', 'c']],
    ['a,,b', ['a', '', 'b']],
    [' , ', ['', '']],
    ['a b', ['a b']],
    ['\u00a0a', ['\u00a0a']],
  ]
  for (const [text, elements] of cases) t.same(splitList(text), elements, JSON.stringify(text))
})

type Listed = [name: string, ...parameters: (string | Parameter)[]]

function listed(text: string): Listed[] | undefined {
  return parseParametrisedTokens(text)?.map(({ name, parameters }) => [
    name,
    ...parameters.map(parameter => (parameter[1] === undefined ? parameter[0] : parameter)),
  ])
}

t.test('9.1 extension-list: "1#extension", "extension-token *( ";" extension-param )", implied *LWS', async t => {
  const cases: [text: string, expected: Listed[] | undefined][] = [
    ['foo', [['foo']]],
    ['foo, bar; baz=2', [['foo'], ['bar', ['baz', '2']]]],
    [
      'mux; max-channels=4; flow-control,\tdeflate-stream',
      [['mux', ['max-channels', '4'], 'flow-control'], ['deflate-stream']],
    ],
    ['a;b', [['a', 'b']]],
    [' a ; b = c ', [['a', ['b', 'c']]]],
    ['a; b="c"', [['a', ['b', 'c']]]],
    ['a; b="c\\d\\"e\\\\"', [['a', ['b', 'cd"e\\']]]],
    ['a; b=" ,;= "', [['a', ['b', ' ,;= ']]]],
    ['a; b=""', [['a', ['b', '']]]],
    ['a; x; x', [['a', 'x', 'x']]],
    [',a,,b,', [['a'], ['b']]],
    ['__proto__; constructor=toString', [['__proto__', ['constructor', 'toString']]]],
    ['', undefined],
    [' ', undefined],
    [',', undefined],
    [';', undefined],
    ['a;', undefined],
    ['a;;b', undefined],
    ['a; b=', undefined],
    ['a; =c', undefined],
    ['a; b="', undefined],
    ['a; b="\\', undefined],
    ['a; b="\\"', undefined],
    ['a; b="\\\x01"', undefined],
    ['a; b="\n"', undefined],
    ['a; b="c"d', undefined],
    ['a; b=c d', undefined],
    ['a b', undefined],
    ['a=b', undefined],
    ['"a"', undefined],
    ['é', undefined],
    ['a; b=\u00e9', undefined],
    ['a; b="\u0100"', undefined],
  ]
  for (const [text, expected] of cases) t.same(listed(text), expected, JSON.stringify(text))
})

const tokenText = fc.string({
  unit: fc.constantFrom(..."!#$%&'*+-.^_`|~0129AZaz"),
  minLength: 1,
  maxLength: 8,
})
const space = fc.string({ unit: fc.constantFrom(' ', '\t'), maxLength: 2 })
const quotable = fc.string({ unit: fc.constantFrom(...'ab",;=\\ \té'), maxLength: 8 })

interface Written {
  readonly text: string
  readonly means: unknown
}

const parameter: fc.Arbitrary<Written> = fc.oneof(
  tokenText.map(name => ({ text: name, means: [name, undefined] })),
  fc.tuple(tokenText, space, space, tokenText).map(([name, before, after, value]) => ({
    text: `${name}${before}=${after}${value}`,
    means: [name, value],
  })),
  fc.tuple(tokenText, quotable).map(([name, value]) => ({
    text: `${name}="${value.replace(/["\\]/g, '\\$&')}"`,
    means: [name, value],
  })),
)
const element: fc.Arbitrary<Written> = fc
  .tuple(tokenText, fc.array(fc.tuple(space, space, parameter), { maxLength: 4 }))
  .map(([name, parameters]) => ({
    text: name + parameters.map(([before, after, { text }]) => `${before};${after}${text}`).join(''),
    means: { name, parameters: parameters.map(([, , { means }]) => means) },
  }))

t.test('9.1 whatever is written by the grammar is read as it was meant', async t => {
  fc.assert(
    fc.property(fc.array(fc.tuple(space, element, space), { minLength: 1, maxLength: 6 }), elements => {
      const text = elements.map(([before, { text }, after]) => before + text + after).join(',')
      const means = elements.map(([, { means }]) => means)
      return JSON.stringify(parseParametrisedTokens(text)) === JSON.stringify(means)
    }),
  )
  t.pass()
})

t.test('RFC 9110 §5.6.1 a list of tokens is read back as it was written', async t => {
  fc.assert(
    fc.property(fc.array(fc.tuple(space, tokenText, space), { minLength: 1 }), elements => {
      const text = elements.map(element => element.join('')).join(',')
      return splitList(text).join() === elements.map(([, token]) => token).join()
    }),
  )
  t.pass()
})

/** CPU milliseconds of one call, the best of three. */
function cost(call: () => unknown): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 3; round++) {
    const start = process.cpuUsage()
    call()
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}

const floods: [name: string, make: (length: number) => string][] = [
  ['spaces', length => ' '.repeat(length)],
  ['a, spaces, b', length => `a${' '.repeat(length)}b`],
  ['commas', length => ','.repeat(length)],
  ['spaces and commas', length => ' ,'.repeat(length / 2)],
  ['quotes', length => '"'.repeat(length)],
  ['backslashes', length => '\\'.repeat(length)],
  ['semicolons', length => ';'.repeat(length)],
  ['parameters', length => `a${';b'.repeat(length / 2)}`],
  ['X-02 an unclosed quoted string of escapes', length => `a; b="${'\\c'.repeat(length / 2)}`],
  ['an unclosed quoted string', length => `a; b="${'c'.repeat(length)}`],
  ['colons', length => `[${':'.repeat(length)}]`],
  ['dots', length => '1.'.repeat(length / 2)],
]

const parsers: [name: string, parse: (text: string) => unknown][] = [
  ['parseParametrisedTokens', parseParametrisedTokens],
  ['splitList', splitList],
  ['parseAuthority', parseAuthority],
  ['isToken', isToken],
  ['parseDigits', parseDigits],
]

t.test('X-01 X-02 every parser of a header is linear: 64 times the length costs at most 64 times 4', async t => {
  for (const [flood, make] of floods) {
    for (const [name, parse] of parsers) {
      const short = cost(() => parse(make(16_384)))
      const long = cost(() => parse(make(64 * 16_384)))
      // Quadratic time would be 4096 times as much. Half a millisecond is the noise of the clock.
      t.ok(long <= 4 * 64 * Math.max(short, 0.5), `${name} of ${flood}: 16 KiB ${short} ms, 1 MiB ${long} ms`)
    }
  }
})

t.test('X-03 no regular expression is put to a peer: there is none in http, extensions and handshake', async t => {
  const root = new URL('../../../src/', import.meta.url)
  for (const folder of ['http/', 'extensions/', 'handshake/']) {
    for (const file of await readdir(new URL(folder, root))) {
      const source = await readFile(new URL(folder + file, root), 'utf8')
      const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|"[^"\n]*"/g, '')
      t.notMatch(code, /RegExp|\/[^/\s].*\/[a-z]*\.(test|exec)|\.(match|matchAll|replace|search)\(/, folder + file)
    }
  }
})
