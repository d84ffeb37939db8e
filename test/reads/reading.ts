import { existsSync, readFileSync } from 'node:fs'

/** Where it is decided what becomes of a chunk that was read. */
const reader = new URL('../../src/connection/connection.js', import.meta.url).href

const tests = new URL('../', import.meta.url).href

/**
 * Of the load generator, whose tests need half the time of all others together, and whose connections read with `reads: 'reused'`
 * in any case, but for downloads: all its workloads, the scenarios, which keep something of what comes, and those of its
 * connections that read in a way of their own. Nearly all others ask what becomes of counts and times.
 */
const ofLoad = /^(cli\/)?load\/(?!(bad-peers|numbered-pings|workloads|scenario\/(opening|scenario))\.)/

/** Of what these read themselves next to nothing is on a connection of ours: nearly all that they have is in processes of its own. */
const ofProcesses =
  /^(cli\/(command-line|conform-control|conform-page|page|readers-that-leave)|conformance\/proxy|bench\/bench)\./

/**
 * Those test files that can be told how connections read, and for which it makes a difference: they reach our connection by what
 * they import, and what that imports. The others have none, or have them in processes of their own, which read plainly in any
 * case.
 */
export function readingTests(files: readonly URL[]): URL[] {
  const imports = new Map<string, readonly string[]>()
  return files.filter(({ href }) => {
    const name = href.slice(tests.length)
    return !ofLoad.test(name) && !ofProcesses.test(name) && reached(href, imports).has(reader)
  })
}

/** All of our modules that one needs. `imports`: what is known of each, for the next call. */
function reached(module: string, imports: Map<string, readonly string[]>): Set<string> {
  const found = new Set([module])
  for (const one of found) {
    if (!imports.has(one)) imports.set(one, importsOf(one))
    for (const imported of imports.get(one)!) found.add(imported)
  }
  return found
}

/** Of compiled code, where imports that are types have vanished. A text that reads like an import counts, too, if there is such a file. */
function importsOf(module: string): string[] {
  if (!existsSync(new URL(module))) return []
  const found = readFileSync(new URL(module), 'utf8').matchAll(/\b(?:from|import)\b\s*\(?\s*['"](\.[^'"]+)['"]/g)
  return [...found].map(([, path]) => new URL(path!, module).href)
}
