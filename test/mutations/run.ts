/**
 * Breaks the code on purpose and sees the tests fail: `node build/test/mutations/run.js [ROW…]`. For each mutation the
 * project is copied, the honouring expression replaced, and the test that the ledger names for the row is run; a mutation survives when that test still passes. Exits 1 when one survives, or cannot be tried.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transformSync } from 'esbuild'
import { type LedgerRow, type Proof, readLedger } from '../ledger/ledger.js'
import { compressionMutations } from './compression-mutations.js'
import { connectionMutations } from './connection-mutations.js'
import { framingMutations } from './framing-mutations.js'
import { handshakeMutations } from './handshake-mutations.js'
import { loadMutations } from './load-mutations.js'
import type { Mutation } from './mutation.js'
import { transportMutations } from './transport-mutations.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

const mutations = [
  ...handshakeMutations,
  ...framingMutations,
  ...connectionMutations,
  ...compressionMutations,
  ...transportMutations,
  ...loadMutations,
]

/** A test that takes longer has been made to hang by the mutation, and so noticed it. */
const timeoutMilliseconds = 60_000

/**
 * After so many seconds tap fails a test that waits for what a mutation keeps from it, by how many milliseconds all that are
 * tried of its file took as they are. Never more than the half minute that it gives by itself.
 */
function patience(milliseconds: number): number {
  return Math.min(30, Math.ceil(10 + (3 * milliseconds) / 1000))
}

interface Outcome {
  readonly mutation: Mutation
  readonly killed: boolean
  readonly what: string
}

interface Run {
  readonly passed: boolean
  readonly hung: boolean
  readonly output: string
  readonly milliseconds: number
}

/** What the titles to be run match, and for how many seconds. */
interface Trial {
  readonly titles: string
  readonly seconds: number
}

/** A copy of the project in which one file at a time is changed. */
class Workshop {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mutations-'))

  constructor() {
    for (const name of ['package.json', 'tsconfig.json', 'spec-notes.md', 'src', 'test', 'build']) {
      cpSync(join(root, name), join(this.#folder, name), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(this.#folder, 'node_modules'))
  }

  /** Applies one mutation, runs its test, takes the mutation back. */
  async try(mutation: Mutation, proof: Proof, { titles, seconds }: Trial): Promise<Outcome> {
    const original = readFileSync(join(this.#folder, mutation.file), 'utf8')
    const compiled = join(this.#folder, compiledPath(mutation.file))
    const before = readFileSync(compiled, 'utf8')
    const broken = translate(original.replace(mutation.find, () => mutation.replace))
    if (broken === translate(original)) return { mutation, killed: false, what: 'the compiled code is the same' }
    writeFileSync(compiled, broken)
    const run = await this.run(proof.file, titles, seconds)
    writeFileSync(compiled, before)
    if (run.hung) return { mutation, killed: true, what: 'the test hung' }
    if (run.passed) return { mutation, killed: false, what: 'the test passed' }
    const failed = run.output
      .split('\n')
      .some(line => /^ *not ok /.test(line) && bears(plain(line), mutation.row, proof))
    if (failed) return { mutation, killed: true, what: 'the test failed' }
    return { mutation, killed: false, what: `failed, but not in "${proof.name}"` }
  }

  /** Runs the tests of one file whose titles match a regular expression, and those within them, for so many seconds at most. */
  run(file: string, titles: string, seconds = 30): Promise<Run> {
    return this.#node([compiledPath(file)], { TAP_GREP: titles, TAP_BAIL: '0', TAP_TIMEOUT: String(seconds) })
  }

  async #node(args: readonly string[], environment = {}): Promise<Run> {
    const start = performance.now()
    const child = spawn(process.execPath, args, {
      cwd: this.#folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    let hung = false
    const timer = setTimeout(() => {
      hung = true
      child.kill('SIGKILL')
    }, timeoutMilliseconds)
    const status = await new Promise<number | null>(resolve => child.on('close', resolve))
    clearTimeout(timer)
    const milliseconds = performance.now() - start
    return { passed: status === 0, hung, output: Buffer.concat(chunks).toString(), milliseconds }
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** One file to JavaScript: as the compiler would, but for the types, which nobody checks here. */
function translate(source: string): string {
  const compilerOptions = { verbatimModuleSyntax: true, target: 'es2023' }
  return transformSync(source, { loader: 'ts', tsconfigRaw: { compilerOptions } }).code
}

function compiledPath(file: string): string {
  return join('build', file.replace(/\.ts$/, '.js'))
}

/** Tables have several lines for a row: any that bears its id will do. */
function bears(line: string, row: string, proof: Proof): boolean {
  return line.includes(proof.name) || line.replace(/[,;:]/g, '').split(' ').includes(row)
}

/** TAP escapes `#` and `\` in names. */
function plain(line: string): string {
  return line.replace(/\\([#\\])/g, '$1')
}

function proofOf(mutation: Mutation, rows: readonly LedgerRow[]): Proof | undefined {
  if (mutation.proof !== undefined) return mutation.proof
  const row = rows.find(({ id }) => id === mutation.row)
  return row?.provedBy.find(({ file }) => mutation.test === undefined || file === mutation.test)
}

/** What keeps a mutation from being tried, if anything. */
function obstacle(mutation: Mutation, proof: Proof | undefined): string | undefined {
  if (proof === undefined) return 'the ledger names no such test'
  const times = readFileSync(join(root, mutation.file), 'utf8').split(mutation.find).length - 1
  return times === 1 ? undefined : `the expression stands ${times} times in it`
}

/** What came of tests that were not touched, by file and titles: many mutations have their proofs in the same file. */
const untouched = new Map<string, Promise<Run>>()

function runUntouched(file: string, titles: string, workshop: Workshop): Promise<Run> {
  const key = `${file} ${titles}`
  if (!untouched.has(key)) untouched.set(key, workshop.run(file, titles))
  return untouched.get(key)!
}

/**
 * Looks at the test of a proof as it is, for a test that fails anyway proves nothing. `proofs`: all that are looked at, those of
 * one file together.
 *
 * @returns by which titles it is tried: those that match the name in the ledger; any, where that is no title but a line of a
 * table; undefined when the test fails.
 */
async function trialOf(
  { file, name }: Proof,
  proofs: readonly Proof[],
  workshop: Workshop,
): Promise<Trial | undefined> {
  const names = new Set(proofs.filter(proof => proof.file === file).map(proof => proof.name))
  const { output, milliseconds } = await runUntouched(file, [...names].map(literally).join('|'), workshop)
  const points = output.split('\n').filter(line => /^(not )?ok (?!.*# SKIP)/.test(line) && plain(line).includes(name))
  if (points.length === 0) {
    const whole = await runUntouched(file, '', workshop)
    return whole.passed ? { titles: '', seconds: patience(whole.milliseconds) } : undefined
  }
  // What failed among others on a busy machine may pass by itself.
  const passes = points.every(line => line.startsWith('ok')) || (await workshop.run(file, literally(name))).passed
  return passes ? { titles: literally(name), seconds: patience(milliseconds) } : undefined
}

/** A regular expression that matches this text. */
function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}

async function tried(mutation: Mutation, proof: Proof, proofs: readonly Proof[], workshop: Workshop): Promise<Outcome> {
  const trial = await trialOf(proof, proofs, workshop)
  if (trial === undefined) return { mutation, killed: false, what: `"${proof.name}" fails without it` }
  return workshop.try(mutation, proof, trial)
}

function print({ mutation, killed, what }: Outcome): void {
  const change = `${mutation.find} -> ${mutation.replace === '' ? '(nothing)' : mutation.replace}`
  const verdict = killed ? 'killed  ' : 'SURVIVED'
  console.log(`${verdict} ${mutation.row.padEnd(8)} ${mutation.file}: ${change.replace(/\s+/g, ' ')}: ${what}`)
}

async function main(wanted: readonly string[]): Promise<boolean> {
  const rows = readLedger(readFileSync(join(root, 'spec-notes.md'), 'utf8'))
  const queue = mutations.filter(({ row }) => wanted.length === 0 || wanted.includes(row))
  const workshops = Array.from({ length: Math.min(4, availableParallelism()) }, () => new Workshop())
  const total = queue.length
  const proofs = queue.map(mutation => proofOf(mutation, rows)).filter(proof => proof !== undefined)
  const survivors: Outcome[] = []
  const work = async (workshop: Workshop) => {
    for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
      const proof = proofOf(mutation, rows)
      const what = obstacle(mutation, proof)
      const outcome =
        what === undefined ? await tried(mutation, proof!, proofs, workshop) : { mutation, killed: false, what }
      print(outcome)
      if (!outcome.killed) survivors.push(outcome)
    }
  }
  await Promise.all(workshops.map(work))
  for (const workshop of workshops) workshop.dispose()
  const rowsBroken = new Set(mutations.map(({ row }) => row)).size
  if (survivors.length > 0) console.log('once more, what survived:')
  for (const survivor of survivors) print(survivor)
  console.log(`${total - survivors.length} of ${total} mutations killed; ${rowsBroken} rows`)
  return survivors.length === 0
}

if (!(await main(process.argv.slice(2)))) process.exitCode = 1
