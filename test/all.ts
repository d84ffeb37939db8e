// Quick run: every test file in one process, without coverage or isolation; not those that start other programs.
import { readdir } from 'node:fs/promises'

const here = new URL('.', import.meta.url)
const files = await readdir(here, { recursive: true })
for (const file of files.filter(name => name.endsWith('.test.js') && !name.startsWith('interop')).sort()) {
  await import(new URL(file, here).href)
}
