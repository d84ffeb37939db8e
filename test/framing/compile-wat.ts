/**
 * Compiles src/framing/masking.wat, and prints what src/framing/simd-masking.ts holds of it when it is the program that is
 * run: node build/test/framing/compile-wat.js
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What is used of the package wabt, which has no types of its own. */
interface Wabt {
  parseWat(name: string, text: string, features: object): { toBinary(options: object): { buffer: Uint8Array } }
}

const source = join(fileURLToPath(import.meta.url), '../../../../src/framing/masking.wat')

/** The module in base64. */
export async function compileWat(): Promise<string> {
  const load = createRequire(import.meta.url)('wabt') as () => Promise<Wabt>
  const wabt = await load()
  const { buffer } = wabt.parseWat('masking.wat', readFileSync(source, 'utf8'), { simd: true }).toBinary({})
  return Buffer.from(buffer).toString('base64')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await compileWat())
