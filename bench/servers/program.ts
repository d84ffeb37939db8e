/** A child of the benchmark: a server or client that is measured, or the generator. None of them outlives us. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Ports } from '../generator/acceptor.js'
import type { Load, Stage, Turn } from '../generator/load.js'

/** What starts a program of bench/peers. */
export interface Command {
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** Variables that would make a child in Node measure coverage for us, or load what we have loaded. */
const forgotten = ['NODE_OPTIONS', 'NODE_V8_COVERAGE'].flatMap(name => ['-u', name])

/** By env(1), which replaces itself with the program: whatever watches this process over `spawn` keeps out of it. */
function argumentsOf({ program, args, env = {} }: Command): string[] {
  return [...forgotten, ...Object.entries(env).map(([name, value]) => `${name}=${value}`), program, ...args]
}

/** By the lines that bench/peers/serve.mjs describes. */
export class Program {
  readonly pid: number
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>
  readonly #name: string

  constructor(name: string, command: Command) {
    this.#name = name
    this.#child = spawn('/usr/bin/env', argumentsOf(command), { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#child.on('error', () => {}) // #next says it
    this.#child.stdin.on('error', () => {})
    this.pid = this.#child.pid ?? 0
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /** What it tells next. */
  async next(): Promise<Readonly<Record<string, number>>> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`${this.#name} has ended`)
    return JSON.parse(value) as Record<string, number>
  }

  tell(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** Ends it; resolves when it has ended. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.pid === 0) return
    const ended = new Promise<void>(resolve => this.#child.once('exit', () => resolve()))
    this.#child.kill('SIGKILL')
    await ended
  }
}

/** Milliseconds for all in a turn that is not measured: 10,000 Opening Handshakes, 64 MiB compared octet by octet, … */
const longestPause = 120_000

export class Generator {
  /** Where clients under test dial. */
  readonly ports: Ports
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, ports: Ports) {
    this.#child = child
    this.ports = ports
  }

  static async start(): Promise<Generator> {
    const main = fileURLToPath(new URL('../generator/main.js', import.meta.url))
    const child = spawn('/usr/bin/env', argumentsOf({ program: process.execPath, args: [main] }), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    return new Generator(child, await answerOf<Ports>(child))
  }

  /** @param told called with each stage that it comes to. */
  async run(load: Load, told: (stage: Stage) => void = () => {}): Promise<Turn> {
    const answer = this.#answer(told)
    this.#child.send(load)
    const patience = (load.warmUp + load.seconds) * 1000 + longestPause
    const turn = await Promise.race([answer, after(patience, { error: 'the peer does not answer' })])
    if ('error' in turn) throw new Error(turn.error)
    return turn
  }

  async #answer(told: (stage: Stage) => void): Promise<Turn | { readonly error: string }> {
    for (;;) {
      const answer = await answerOf<Turn | { readonly error: string } | { readonly stage: Stage }>(this.#child)
      if (!('stage' in answer)) return answer
      told(answer.stage)
    }
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect()
  }
}

async function after<Value>(milliseconds: number, value: Value): Promise<Value> {
  return await setTimeout(milliseconds, value, { ref: false })
}

function answerOf<Answer>(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('the load generator has ended'))
    child.once('exit', ended)
    child.once('message', message => {
      child.off('exit', ended)
      resolve(message as Answer)
    })
  })
}
