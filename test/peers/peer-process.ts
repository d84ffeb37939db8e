/**
 * A peer as a child process, by the line protocol: commands on its stdin, one JSON object a line, {"id", "do", …}; answers
 * on its stdout, {"id", …} or {"id", "error"}. Several commands may be under way at a time.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

/** What a peer is asked to do. */
export interface Command {
  readonly do: string
  readonly [parameter: string]: unknown
}

/** What it answers. */
export type Answer = Readonly<Record<string, unknown>>

/** Environment that would make a Node child measure coverage for us: it is not our code that runs there. */
const inherited = ['NODE_OPTIONS', 'NODE_V8_COVERAGE'].flatMap(name => ['-u', name])

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

export class PeerProcess {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #waiting = new Map<number, Waiting>()
  #commands = 0
  #stderr = ''

  /** Starts `program` with these arguments, and `environment` beside our own. */
  constructor(program: string, parameters: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.#child = spawn('/usr/bin/env', [...inherited, program, ...parameters], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#child.stdin.on('error', () => {})
    createInterface({ input: this.#child.stdout }).on('line', line => this.#answer(line))
    this.#child.on('close', status => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`${program} ${parameters.join(' ')} ended with ${status}:\n${this.#stderr}`))
      }
    })
  }

  /** Asks the peer; rejects with the peer's own error, or what it wrote to stderr when it ends before it answers. */
  ask(command: Command): Promise<Answer> {
    this.#commands += 1
    const id = this.#commands
    this.#child.stdin.write(`${JSON.stringify({ id, ...command })}\n`)
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  #answer(line: string): void {
    const { id, ...answer } = JSON.parse(line) as { id: number; error?: string }
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (answer.error === undefined) waiting?.resolve(answer)
    else waiting?.reject(new Error(answer.error))
  }
}
