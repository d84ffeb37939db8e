import t from 'tap'
import { readingTests } from './reading.js'

/** [test, whether a connection of ours is in its process] */
const rows: readonly (readonly [string, boolean])[] = [
  ['connection/6.2-receiving', true],
  ['api/messages', true],
  ['cli/echo', true],
  ['load/workloads', true],
  ['load/scenario/scenario', true],
  ['load/scenario/read-scenario', false],
  ['cli/load/load-command', false],
  ['cli/readers-that-leave', false],
  ['framing/frame-decoder', false],
  ['conformance/mutants-server', false],
  ['bench/peers', false],
]

t.test('which tests can be told how connections read', async t => {
  const files = rows.map(([name]) => new URL(`../${name}.test.js`, import.meta.url))
  const reading = readingTests(files)
  for (const [index, [name, expected]] of rows.entries()) t.equal(reading.includes(files[index]!), expected, name)
})
