/** Scenario files named .json that are no JSON: where, what was expected there, and the line with a mark below the place. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { jsonMistake } from '../../../src/load/scenario/json-mistake.js'
import { plain } from '../../../src/load/scenario/located.js'
import { parseLocated } from '../../../src/load/scenario/parse-document.js'
import { scenarioSettings } from '../../../src/load/scenario/parse-scenario.js'
import { toldInItsLine } from './told-in-its-line.js'

const comma = 'a comma before this'
const key = 'a key in double quotes'
const word = 'double quotes around text, or true, false or null'
const number = 'a number as JSON has them, such as 0.5, -1 or 1e3, or double quotes around text'
const quote = 'a " that ends what begins here'
const comment = 'no comment: JSON has none, YAML has'
const yaml = '{ here; YAML belongs into a file named .yaml'

/** [name, document, place, what was expected, what stands above the mark] */
const mistakes: [name: string, document: string, place: string, expected: string, marked: string][] = [
  ['two numbers without a comma', '{"a": [1 2]}', '1:10', comma, '{"a": [1 2'],
  ['no comma, in another line', '{\n  "a": 1\n  "b": 2\n}', '3:3', comma, '  "'],
  ['no comma behind a mapping', '[{} {}]', '1:5', comma, '[{} {'],
  ['a comma too many', '[1,,2]', '1:4', 'a value before this comma', '[1,,'],
  ['a comma behind the last of a list', '[1,\n]', '2:1', 'a value before this ], or no comma', ']'],
  ['a comma behind the last of a mapping', '{"a": 1,\n}', '2:1', `${key} before this }, or no comma`, '}'],
  ['a comma in a mapping that is empty', '{,}', '1:2', key, '{,'],
  ['no value', '{"a": }', '1:7', 'a value before this }', '{"a": }'],
  ['no colon', '{"a" 1}', '1:6', 'a colon before this', '{"a" 1'],
  ['a colon in a list', '["a": 1]', '1:5', comma, '["a":'],
  ['a key without quotes', '{a: 1}', '1:2', key, '{a'],
  ['a key in single quotes', "{'a': 1}", '1:2', key, "{'"],
  ['a number as a key', '{1: 1}', '1:2', key, '{1'],
  ['a mapping as a key', '{{}: 1}', '1:2', key, '{{'],
  ['a list as a key', '{"a": 1, []: 1}', '1:10', key, '{"a": 1, ['],
  ['text without quotes', '[a b]', '1:2', word, '[a'],
  ['text in single quotes', "['a']", '1:2', word, "['"],
  ['a word that is none', '[nulls]', '1:2', word, '[n'],
  ['a number that begins with 0', '[01]', '1:2', number, '[0'],
  ['a number that begins with a plus', '[+1]', '1:2', number, '[+'],
  ['a number that ends with a dot', '[1.]', '1:2', number, '[1'],
  ['a time without quotes', '[10s]', '1:2', number, '[1'],
  ['no quote', '{"a": "b\n}', '1:7', quote, '{"a": "'],
  ['no quote in the last line', '{"a": "b', '1:7', quote, '{"a": "'],
  ['no quote behind a key', '{"a\r\n}', '1:2', quote, '{"'],
  ['an escape that is none', '["\\d+"]', '1:3', '\\\\ within quotes: there is no escape \\d', '["\\'],
  ['an escape of too few digits', '["\\u00e"]', '1:3', '\\\\ within quotes: there is no escape \\u', '["\\'],
  ['a tab within quotes', '["a\tb"]', '1:4', '\\t within quotes, instead of this', '["a '],
  ['nothing closed', '{"a": [1, 2]\n', '1:13', 'a } before the end of the document', '{"a": [1, 2] '],
  ['closed as another one', '{"a": [1, 2}', '1:12', 'a ] before this }', '{"a": [1, 2}'],
  ['closed as another one, behind a comma', '[1,}', '1:4', 'a ] before this }', '[1,}'],
  ['closed twice', '{"a": 1}}', '1:9', 'no } here: there is none open', '{"a": 1}}'],
  ['closed and not opened', ']', '1:1', 'no ] here: there is none open', ']'],
  ['a colon behind the end', '{}:', '1:3', 'the end of the document', '{}:'],
  ['another one behind it', '{}\n{}', '2:1', 'the end of the document', '{'],
  ['a comma behind it', '{},', '1:3', 'the end of the document', '{},'],
  ['a comment', '{\n  // a\n}', '2:3', comment, '  /'],
  ['a comment of YAML', '# a\n{}', '1:1', comment, '#'],
  ['YAML', 'url: ws://localhost', '1:1', yaml, 'u'],
  ['a list of YAML', '- a', '1:1', yaml, '-'],
  ['nothing', '', '1:1', 'a { before the end of the document', ' '],
  ['nothing but a mark', '\ufeff\n', '1:1', 'a { before the end of the document', ' '],
  [
    'a key twice, which is for YAML to tell',
    '{"a": 1, "a": 2}',
    '1:10',
    'each key once: this one is there already',
    '{"a": 1, "',
  ],
]
for (const [name, ...mistake] of mistakes) {
  t.test(`syntax of JSON: ${name}`, async t => toldInItsLine(t, 'chat.json', mistake))
}

t.test('what has another name may be YAML', async t => {
  for (const name of ['chat.yaml', 'chat', 'json'])
    t.throws(() => scenarioSettings({ text: '[1 2]', name }, {}), { message: /: expected a mapping/ }, name)
  t.throws(() => scenarioSettings({ text: '[1 2]', name: 'CHAT.JSON' }, {}), { message: /^CHAT\.JSON:1:4: expected / })
})

t.test('it is JSON by what is said here where it is by JSON.parse, and nowhere else', async () => {
  const parts = fc.constantFrom(
    ...[
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '"a"',
      '"\\u00e9"',
      '"b":',
      '0',
      '-1.5e+3',
      '.',
      'e',
      'true',
      'null',
      ' ',
      '\n',
      '\t',
    ],
  )
  const near = fc.array(parts, { maxLength: 12 }).map(all => all.join(''))
  const texts = fc.oneof(near, fc.json(), fc.string(), fc.tuple(fc.json(), fc.nat(), parts).map(replacedAt))
  fc.assert(
    fc.property(texts, text => {
      assert.equal(jsonMistake(text) === undefined, isJson(text))
    }),
    { numRuns: 3000 },
  )
})

t.test('the parser of YAML makes the same of JSON, however it is laid out', async () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 4 }),
      fc.constantFrom('', '  ', '\t'),
      fc.constantFrom('', '\ufeff'),
      (value, indent, mark) => {
        const text = JSON.stringify(value, undefined, indent)
        const read = plain(parseLocated(`${mark}${text}\n`, 'a.json', jsonMistake))
        assert.deepEqual(read, JSON.parse(text))
      },
    ),
  )
})

function replacedAt([text, place, by]: readonly [string, number, string]): string {
  const at = place % (text.length + 1)
  return text.slice(0, at) + by + text.slice(at + 1)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
