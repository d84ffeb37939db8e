// Quick run: every test file but those of test/interop in one process, without coverage or isolation. With
// FRAMEWRIGHT_READS=reused in the environment all connections read as with `reads: 'reused'`, and only the files run for which
// that makes a difference. `all.js 1/2` runs every second file from the first on, and `all.js 2/2` the others: for two at the
// same time.
import t from 'tap'
import { quickTests, share } from './grouped/quick-tests.js'
import { readingTests } from './reads/reading.js'

// tap gives a process half a minute: enough for a file, not for all of them in a row.
t.setTimeout(0)

const reads = process.env['FRAMEWRIGHT_READS'] ?? 'plain'
const reused = reads === 'plain' ? undefined : await import(`./reads/${reads}.js`)

const all = await quickTests()
const tests = reused === undefined ? all : readingTests(all)
const [part, parts] = (process.argv[2] ?? '1/1').split('/').map(Number) as [number, number]
for (const test of share(tests, part, parts)) await import(test.href)

if (reused !== undefined) {
  t.test(`all of that was with reads: '${reads}'`, async t => {
    t.comment(`${reused.loans} chunks were lent`)
    t.ok(reused.loans > 1000)
  })
}
