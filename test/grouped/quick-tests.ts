/**
 * The quick tests, every test file but those of test/interop, many in one process: that Node starts, and loads tap, the hooks
 * that measure coverage and all of src/, costs more CPU than most of them need themselves.
 */
import { readdir } from 'node:fs/promises'

const tests = new URL('../', import.meta.url)

/** All of them, in order. */
export async function quickTests(): Promise<URL[]> {
  const files = await readdir(tests, { recursive: true })
  const names = files.filter(name => name.endsWith('.test.js') && !name.startsWith('interop'))
  return names.sort().map(name => new URL(name, tests))
}

/** Of all these, `part` (from 1 on) of `parts`: one of so many from each row, for what lies together takes long together. */
export function share<T>(all: readonly T[], part: number, parts: number): T[] {
  return all.filter((_, index) => index % parts === part - 1)
}
