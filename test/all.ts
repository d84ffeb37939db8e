// Quick run: every test file but those of test/interop in one process, without coverage or isolation.
import { readdir } from 'node:fs/promises'
import t from 'tap'

// tap gives a process half a minute: enough for a file, not for all of them in a row.
t.setTimeout(0)

const here = new URL('.', import.meta.url)
const files = await readdir(here, { recursive: true })
for (const file of files.filter(name => name.endsWith('.test.js') && !name.startsWith('interop')).sort()) {
  await import(new URL(file, here).href)
}
