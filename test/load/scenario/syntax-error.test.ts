/** Scenario files that are no YAML or JSON: where, what was expected there, and the line with a mark below the place. */
import t from 'tap'
import { scenarioSettings } from '../../../src/load/scenario/parse-scenario.js'
import { syntaxError } from '../../../src/load/scenario/syntax-error.js'
import { toldInItsLine } from './told-in-its-line.js'

const indentation = 'as many spaces before this line as before the others that belong together'
const tabs = 'spaces before this line: tabs are no indentation'
const colon = 'a colon and a space behind this, as in key: value'
const quotes = 'quotes around all of it, or nothing more in this line'

/** [name, document, place, what was expected, what stands above the mark] */
const mistakes: [name: string, document: string, place: string, expected: string, marked: string][] = [
  ['no comma behind a number', '{\n  "a": 1\n  "b": 2\n}', '2:8', 'a comma between this and what follows', '  "a": 1'],
  ['no comma, in one line', '{"a": 1 "b": 2}', '1:7', 'a comma between this and what follows', '{"a": 1'],
  ['no comma behind a mapping', '{"a": {"b": 1} "c": 2}', '1:16', 'a comma before this', '{"a": {"b": 1} "'],
  ['no comma in a list', '[{"a": 1}\r\n {"b": 2}]', '2:2', 'a comma before this', ' {'],
  ['no colon', '{"a" 1}', '1:6', 'a colon, or a comma, before this', '{"a" 1'],
  ['a comma too many', '[1,,2]', '1:4', 'a value before this comma', '[1,,'],
  ['nothing closed', 'a: {"b": [1, 2]', '1:16', 'a } before the end of the document', 'a: {"b": [1, 2] '],
  ['closed as another one', '{"a": [1, 2}', '1:12', 'a ] before this }', '{"a": [1, 2}'],
  ['closed twice', 'a: [1]]', '1:7', 'no ] here: there is none open', 'a: [1]]'],
  [
    'not closed in a list',
    'a:\n  - { b: 1\n  - { c: 2 }',
    '3:3',
    'a } before this, or this further to the right than the line in which that was opened',
    '  -',
  ],
  ['no quote', 'a:\n  b: "x \\" y\n  c: 2', '2:6', 'a " that ends what begins here', '  b: "'],
  ['no single quote', "a: 'it''s\nb: 2", '1:4', "a ' that ends what begins here", "a: '"],
  ['quotes around a part', 'a: "x" y', '1:8', quotes, 'a: "x" y'],
  ['a name in braces without quotes', 'send: {id} hello', '1:12', quotes, 'send: {id} h'],
  ['a colon in text', '- send: x: y', '1:9', 'quotes around text that has a colon and a space in it', '- send: x'],
  ['an odd beginning', 'a: @x', '1:4', 'quotes around text that begins with @', 'a: @'],
  ['no escape', 'a: "\\d+"', '1:5', 'single quotes around this, or \\\\d within: there is no escape \\d', 'a: "\\'],
  ['a tab', 'a:\n\tb: 1', '2:1', tabs, ' '],
  ['a tab in brackets', 'a: [\n\t1\n]', '2:2', tabs, ' 1'],
  ['too far to the left', 'a:\n  b: 1\n c: 2', '3:1', indentation, ' '],
  ['too far to the right', 'a: 1\n  b: 2', '2:1', indentation, ' '],
  ['a list item among keys', 'a:\n  b: 1\n  - c', '3:1', indentation, ' '],
  ['further to the left than the first line', ' a: 1\nb: 2', '2:1', indentation, 'b'],
  ['a key without a colon', 'a: 1\nb 2', '2:1', colon, 'b'],
  ['no space behind a colon', 'a:1\nb: 2', '1:1', `${colon}, or quotes around text of several lines`, 'a'],
  [
    'a list in the line of its key',
    'a: - b',
    '1:4',
    'a list in lines of its own, each with - before it, or in [ ] with commas',
    'a: -',
  ],
  ['text in the line of its mark', 'a: |x\n y', '1:5', 'the text in the lines behind this, indented', 'a: |x'],
  ['a comment without space', 'a: "x"#c', '1:7', 'a space before #', 'a: "x"#'],
  ['a key twice', 'a: 1\na: 2', '2:1', 'each key once: this one is there already', 'a'],
  ['two documents', 'a: 1\n---\nb: 2', '2:1', 'one document, and this begins another one', '-'],
  ['a star', 'a: *', '1:4', 'a name behind *, or quotes around text that has it', 'a: *'],
]
for (const [name, ...mistake] of mistakes) {
  t.test(`syntax: ${name}`, async t => toldInItsLine(t, 'chat.yaml', mistake))
}

t.test('a reference to what is not there was taken for nothing', async t => {
  const text = 'match: *.foo'
  const message = 'chat.yaml:1:8: match: expected &.foo before this, or quotes around text that begins with *'
  t.throws(() => scenarioSettings({ text, name: 'chat.yaml' }, {}), { message })
})

t.test(
  'of several faults the first in the document is told; what nobody knows, in the words of the parser',
  async t => {
    const source = 'a: 1\nb: 2'
    const faults = [
      { code: 'DUPLICATE_KEY', message: 'Map keys must be unique', pos: [5, 6] },
      { code: 'NEW', message: 'Something else', pos: [3, 4] },
    ] as const
    t.same(syntaxError(source, faults), { offset: 3, message: 'no YAML: Something else\n  a: 1\n     ^' })
  },
)

t.test('of a long line what is around the place is shown, and nothing that a terminal obeys', async t => {
  const source = `${'x'.repeat(200)}\u001b[1m@${'y'.repeat(200)}`
  const { message } = syntaxError(source, [{ code: 'BAD_SCALAR_START', message: 'Plain value: @', pos: [204, 205] }])
  const [, line, mark] = message.split('\n')
  t.equal(line, `  ${'x'.repeat(46)} [1m@${'y'.repeat(49)}`)
  t.equal(mark, `  ${' '.repeat(50)}^`)
})
