/**
 * Breaks the code on purpose and sees the tests fail: `node build/test/mutations/run.js [ROW…]`. For each mutation the
 * project is copied, the honouring expression replaced and compiled, and the test that the ledger names for the row is
 * run; a mutation survives when that test still passes. Exits 1 when one survives, or cannot be tried.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type LedgerRow, type Proof, readLedger } from '../ledger/ledger.js'
import { connectionMutations } from './connection-mutations.js'
import { framingMutations } from './framing-mutations.js'
import { handshakeMutations } from './handshake-mutations.js'
import type { Mutation } from './mutation.js'
import { transportMutations } from './transport-mutations.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

const mutations = [...handshakeMutations, ...framingMutations, ...connectionMutations, ...transportMutations]

/** A test that takes longer has been made to hang by the mutation, and so noticed it. */
const timeoutMilliseconds = 60_000

interface Outcome {
  readonly mutation: Mutation
  readonly killed: boolean
  readonly what: string
}

interface Run {
  readonly passed: boolean
  readonly hung: boolean
  readonly output: string
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
  async try(mutation: Mutation, proof: Proof): Promise<Outcome> {
    const source = join(this.#folder, mutation.file)
    const original = readFileSync(source, 'utf8')
    const compiled = join(this.#folder, compiledPath(mutation.file))
    const before = readFileSync(compiled, 'utf8')
    writeFileSync(
      source,
      original.replace(mutation.find, () => mutation.replace),
    )
    await this.#node(['node_modules/typescript/bin/tsc', '-p', '.', '--noCheck'])
    const changed = readFileSync(compiled, 'utf8') !== before
    const run = await this.run(proof.file)
    writeFileSync(source, original)
    writeFileSync(compiled, before)
    if (!changed) return { mutation, killed: false, what: 'the compiled code is the same' }
    if (run.hung) return { mutation, killed: true, what: 'the test hung' }
    if (run.passed) return { mutation, killed: false, what: 'the test passed' }
    const failed = run.output
      .split('\n')
      .some(line => /^ *not ok /.test(line) && bears(plain(line), mutation.row, proof))
    if (failed) return { mutation, killed: true, what: 'the test failed' }
    return { mutation, killed: false, what: `failed, but not in "${proof.name}"` }
  }

  /** Runs one test file by itself. */
  run(file: string): Promise<Run> {
    return this.#node([compiledPath(file)])
  }

  async #node(args: readonly string[]): Promise<Run> {
    const child = spawn(process.execPath, args, {
      cwd: this.#folder,
      env: { ...process.env, TAP_BAIL: '0' },
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
    return { passed: status === 0, hung, output: Buffer.concat(chunks).toString() }
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
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
  const row = rows.find(({ id }) => id === mutation.row)
  return row?.provedBy.find(({ file }) => mutation.test === undefined || file === mutation.test)
}

/** What keeps a mutation from being tried, if anything. */
function obstacle(mutation: Mutation, proof: Proof | undefined): string | undefined {
  if (proof === undefined) return 'the ledger names no such test'
  const times = readFileSync(join(root, mutation.file), 'utf8').split(mutation.find).length - 1
  return times === 1 ? undefined : `the expression stands ${times} times in it`
}

/** The tests must pass as they are, or their failing would prove nothing. */
async function failingUnchanged(workshop: Workshop, files: ReadonlySet<string>): Promise<Set<string>> {
  const failing = new Set<string>()
  for (const file of files) {
    const run = await workshop.run(file)
    if (!run.passed) failing.add(file)
  }
  return failing
}

function print({ mutation, killed, what }: Outcome): void {
  const change = `${mutation.find} -> ${mutation.replace === '' ? '(nothing)' : mutation.replace}`
  const verdict = killed ? 'killed  ' : 'SURVIVED'
  console.log(`${verdict} ${mutation.row.padEnd(8)} ${mutation.file}: ${change.replace(/\s+/g, ' ')}: ${what}`)
}

async function main(wanted: readonly string[]): Promise<boolean> {
  const rows = readLedger(readFileSync(join(root, 'spec-notes.md'), 'utf8'))
  const queue = mutations.filter(({ row }) => wanted.length === 0 || wanted.includes(row))
  const files = queue.map(mutation => proofOf(mutation, rows)?.file).filter(file => file !== undefined)
  const workshops = Array.from({ length: Math.min(4, availableParallelism()) }, () => new Workshop())
  const failing = await failingUnchanged(workshops[0] as Workshop, new Set(files))
  for (const file of failing) console.log(`${file} fails without any mutation`)
  const total = queue.length
  const survivors: Outcome[] = []
  const work = async (workshop: Workshop) => {
    for (let mutation = queue.shift(); mutation !== undefined; mutation = queue.shift()) {
      const proof = proofOf(mutation, rows)
      const what = obstacle(mutation, proof)
      const outcome =
        what === undefined ? await workshop.try(mutation, proof as Proof) : { mutation, killed: false, what }
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
  return survivors.length === 0 && failing.size === 0
}

if (!(await main(process.argv.slice(2)))) process.exitCode = 1
