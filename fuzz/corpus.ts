/**
 * The corpus: inputs worth keeping, as text, in fuzz/corpus/TARGET/NAME.txt. Lines that begin with `#` say why. Whatever
 * the fuzzer finds is kept here too, named after the property that it violates, and replayed by the tests for ever.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// From build/fuzz, where this runs, to fuzz/corpus, which is not compiled.
const corpus = fileURLToPath(new URL('../../fuzz/corpus/', import.meta.url))

export interface Vector {
  /** `frames-server/unmasked`: what the tests and messages call it. */
  readonly name: string
  readonly lines: readonly string[]
}

/** The vectors of a target, by name. */
export function readVectors(target: string): Vector[] {
  const folder = `${corpus}${target}`
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter(file => file.endsWith('.txt'))
  return files.sort().map(file => ({
    name: `${target}/${file.slice(0, -4)}`,
    lines: linesOf(readFileSync(`${folder}/${file}`, 'utf8')),
  }))
}

/** The lines of a vector, without comments and empty ones. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter(line => line.trim() !== '' && !line.startsWith('#'))
}

/** Keeps a finding; returns where, relative to the repository. */
export function keepVector(target: string, property: string, message: string, lines: readonly string[]): string {
  const text = lines.join('\n')
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8)
  const name = `${property.replaceAll(' ', '-')}-${digest}.txt`
  mkdirSync(`${corpus}${target}`, { recursive: true })
  const comment = message.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 200)
  writeFileSync(`${corpus}${target}/${name}`, `# ${comment}\n${text}\n`)
  return `fuzz/corpus/${target}/${name}`
}
