/**
 * Loads every source file, so that one that no test imports counts as uncovered.
 */
import { readdir } from 'node:fs/promises'
import t from 'tap'

const sources = new URL('../../src/', import.meta.url)
const compiled = new URL('../src/', import.meta.url)

t.test('every source file loads', async t => {
  const paths = (await readdir(sources, { recursive: true })).filter(path => path.endsWith('.ts')).sort()
  for (const path of paths) {
    const module = (await import(new URL(path.replace(/\.ts$/, '.js'), compiled).href)) as object
    t.type(module, 'object', path)
  }
  t.not(paths.length, 0)
})
