// Quick run: every test file but those of test/interop in one process, without coverage or isolation. With
// FRAMEWRIGHT_READS=reused in the environment all connections read as with `reads: 'reused'`, and only the files run for which
// that makes a difference. `all.js 1/2` runs every second file from the first on, and `all.js 2/2` the others: for two at the
// same time.
import { readdir } from 'node:fs/promises'
import t from 'tap'
import { readingTests } from './reads/reading.js'

// tap gives a process half a minute: enough for a file, not for all of them in a row.
t.setTimeout(0)

const reads = process.env['FRAMEWRIGHT_READS'] ?? 'plain'
const reused = reads === 'plain' ? undefined : await import(`./reads/${reads}.js`)

const here = new URL('.', import.meta.url)
const files = await readdir(here, { recursive: true })
const names = files.filter(name => name.endsWith('.test.js') && !name.startsWith('interop')).sort()
const all = names.map(name => new URL(name, here))
const tests = reused === undefined ? all : readingTests(all)
const [part, parts] = (process.argv[2] ?? '1/1').split('/').map(Number) as [number, number]
for (let index = part - 1; index < tests.length; index += parts) await import(tests[index]!.href)

if (reused !== undefined) {
  t.test(`all of that was with reads: '${reads}'`, async t => {
    t.comment(`${reused.loans} chunks were lent`)
    t.ok(reused.loans > 1000)
  })
}
