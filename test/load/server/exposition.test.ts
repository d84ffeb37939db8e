/** The text format of Prometheus: what is written is read, by the rules of the format, and what is none is told with its line. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { parseExposition } from '../../../src/load/server/exposition.js'

/** Lines, and what they say: name, labels, value, counter. */
const cases: [what: string, text: string, expected: readonly unknown[][]][] = [
  ['the least', 'a 1', [['a', {}, 1, false]]],
  [
    'no newline at the end, and empty lines',
    '\n a 1 \n\n\tb\t2',
    [
      ['a', {}, 1, false],
      ['b', {}, 2, false],
    ],
  ],
  [
    'lines that end as on Windows',
    'a 1\r\nb 2\r\n',
    [
      ['a', {}, 1, false],
      ['b', {}, 2, false],
    ],
  ],
  [
    'a timestamp',
    'a 12.47 1395066363000\na{} -3 -5',
    [
      ['a', {}, 12.47, false],
      ['a', {}, -3, false],
    ],
  ],
  ['labels', 'a{code="200",path="/"} 1e3', [['a', { code: '200', path: '/' }, 1000, false]]],
  [
    'blanks wherever they may be, a comma behind the last',
    'a { b = "c" , d="e", } 1',
    [['a', { b: 'c', d: 'e' }, 1, false]],
  ],
  ['nothing between the labels and the value', 'a{b="c"}1', [['a', { b: 'c' }, 1, false]]],
  ['what is escaped', 'a{b="C:\\\\x\\n\\"y\\" } \\t"} 1', [['a', { b: 'C:\\x\n"y" } \\t' }, 1, false]]],
  [
    'what is no number',
    'a +Inf\nb -Inf\nc NaN\nd .5\ne 5.',
    [
      ['a', {}, Number.POSITIVE_INFINITY, false],
      ['b', {}, Number.NEGATIVE_INFINITY, false],
      ['c', {}, Number.NaN, false],
      ['d', {}, 0.5, false],
      ['e', {}, 5, false],
    ],
  ],
  ['comments, help', '# a 1\n# HELP a is \\n b\n#TYPE\n# TYPE a gauge\na 1', [['a', {}, 1, false]]],
  [
    'a counter',
    '# TYPE a counter\na 1\nb_total 2',
    [
      ['a', {}, 1, true],
      ['b_total', {}, 2, true],
    ],
  ],
  ['a gauge by the name of a counter', '# TYPE a_total gauge\na_total 1', [['a_total', {}, 1, false]]],
  [
    'a counter of OpenMetrics, its exemplar and its end',
    '# TYPE a counter\n# UNIT a s\na_total{b="c"} 1 # {id="x"} 1 2\n# EOF\n',
    [['a_total', { b: 'c' }, 1, true]],
  ],
  ['a gauge of OpenMetrics', '# TYPE a gauge\na_total 1', [['a_total', {}, 1, false]]],
  [
    'parts of a histogram',
    '# TYPE h histogram\nh_bucket{le="+Inf"} 3\nh_sum 2\nh_count 3\nx_sum 1',
    [
      ['h_bucket', { le: '+Inf' }, 3, true],
      ['h_sum', {}, 2, true],
      ['h_count', {}, 3, true],
      ['x_sum', {}, 1, false],
    ],
  ],
  [
    'a summary',
    '# TYPE s summary\ns{quantile="0.5"} 3\ns_sum 2',
    [
      ['s', { quantile: '0.5' }, 3, false],
      ['s_sum', {}, 2, true],
    ],
  ],
]
for (const [what, text, expected] of cases) {
  t.test(what, async t => {
    t.same(
      parseExposition(text).map(({ name, labels, value, counter }) => [name, labels, value, counter]),
      expected,
    )
  })
}

const wrong: [what: string, text: string, line: number][] = [
  ['a page of HTML', '<!doctype html>\n<p>hello', 1],
  ['no value', 'a 1\nb', 2],
  ['a value that is none', 'a 1\n\nb 1_0', 3],
  ['a name that begins with a digit', '1a 1', 1],
  ['a name that would be cut', 'foo1', 1],
  ['labels that do not end', 'a{b="c" 1', 1],
  ['labels without a comma', 'a{b="c" d="e"} 1', 1],
  ['a label without quotes', 'a{b=c} 1', 1],
  ['a label without a name', 'a{="c"} 1', 1],
  ['only a comma', 'a{,} 1', 1],
  ['something behind the timestamp', 'a 1 2 3', 1],
]
for (const [what, text, line] of wrong) {
  t.test(what, async t => t.throws(() => parseExposition(text), { message: new RegExp(`^line ${line}: "`) }))
}

const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/)
const labelName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/).filter(one => one !== '__proto__')
const blank = fc.stringMatching(/^[ \t]{0,2}$/)
const line = fc.record({
  name,
  labels: fc.dictionary(
    labelName,
    fc.string({ unit: 'binary' }).filter(text => !/[\r\v\f\u0085\u2028\u2029]/.test(text)),
  ),
  value: fc.double({ noNaN: true }).filter(value => !Object.is(value, -0)),
  blanks: fc.tuple(blank, blank, blank, blank),
})

t.test('what is written by the rules is read, wherever there are blanks', async t => {
  fc.assert(
    fc.property(fc.array(line), lines => {
      const text = lines.map(({ name, labels, value, blanks: [a, b, c, d] }) => {
        const pairs = Object.entries(labels).map(([label, said]) => {
          const escaped = said.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
          return `${a}${label}${b}=${c}"${escaped}"${d}`
        })
        const written = Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'
        return `${a}${name}${b}{${pairs.join(',')}${c}} ${d}${written}${a}\n`
      })
      assert.deepEqual(
        parseExposition(text.join('')).map(({ name, labels, value }) => ({ name, labels: { ...labels }, value })),
        lines.map(({ name, labels, value }) => ({ name, labels: { ...labels }, value })),
      )
    }),
  )
  t.pass()
})

t.test('whatever is sent is read or refused with a line, and soon', async t => {
  const piece = fc.constantFrom('a', '{', '}', '"', '\\', ',', '=', ' ', '1', '#', '\n', 'x="y"', '# TYPE a counter')
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
      try {
        for (const { value } of parseExposition(pieces.join(''))) assert.equal(typeof value, 'number')
      } catch (error) {
        assert.match((error as Error).message, /^line \d+: "/)
      }
    }),
  )
  const began = performance.now()
  t.throws(() => parseExposition(`a{${'b="c",'.repeat(50_000)} `), { message: /^line 1/ })
  t.throws(() => parseExposition(`a{${'\\'.repeat(100_000)}`), { message: /^line 1/ })
  t.ok(performance.now() - began < 5000)
})
