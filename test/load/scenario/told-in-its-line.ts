import type { Test } from 'tap'
import { scenarioSettings } from '../../../src/load/scenario/parse-scenario.js'

/** [text, where the mistake is, what was expected there, the line up to the mark below it] */
export type Mistake = readonly [text: string, place: string, expected: string, marked: string]

/** A mistake in the syntax of a file is told with its place, what was expected, and the line with a mark. */
export function toldInItsLine(t: Test, file: string, [text, place, expected, marked]: Mistake): void {
  const error = t.throws(() => scenarioSettings({ text, name: file }, {}), { code: 'WS_INVALID_OPTION' }) as Error
  const [first, line, mark] = error.message.split('\n')
  t.equal(first, `${file}:${place}: expected ${expected}`)
  t.equal(line!.padEnd(mark!.length).slice(0, mark!.length), `  ${marked}`)
  t.match(mark, /^ +\^$/)
}
