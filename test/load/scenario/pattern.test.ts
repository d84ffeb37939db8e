/** What stands in braces within a regular expression is taken literally, wherever it stands. */
import t from 'tap'
import { matches, type Pattern, Received } from '../../../src/load/scenario/pattern.js'

const rows: [before: string, value: string, behind: string, matching: string, other: string][] = [
  ['^', 'a.b', '$', 'a.b', 'axb'],
  ['^', '[x](y)|{2}', '$', '[x](y)|{2}', 'x'],
  ['^', 'C:\\x/^$*+?', '$', 'C:\\x/^$*+?', 'C:x'],
  ['^', 'a-c', '$', 'a-c', 'b'],
  ['^[', 'a-c', ']$', '-', 'b'],
  ['^[', 'z-a', ']$', 'z', 'y'],
  ['^[', '^]', ']$', ']', 'x'],
]
for (const [before, value, behind, matching, other] of rows) {
  t.test(`${before}{id}${behind} where {id} is ${value}`, async t => {
    const pattern: Pattern = { kind: 'regexp', source: [before, 'id', behind] }
    t.ok(matches(pattern, new Received(matching, 0), () => value))
    t.notOk(matches(pattern, new Received(other, 0), () => value))
  })
}
