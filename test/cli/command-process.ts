/** The command as its users have it: a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { withCoverage } from '../coverage/child-environment.js'

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

export class CommandProcess {
  readonly child: ChildProcess
  /** Exit code, and the signal if it was one that ended it; once all output is here. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  stdout = ''
  stderr = ''
  #waiting: (() => void)[] = []
  #closed = false

  /** @param path - another way to the program, such as a link to it. */
  constructor(t: { teardown(callback: () => unknown): unknown }, args: readonly string[], path: string = program) {
    this.child = spawn('/usr/bin/env', [...withCoverage, path, ...args], { stdio: 'pipe' })
    this.child.stdout!.setEncoding('utf8').on('data', text => this.#add('stdout', text))
    this.child.stderr!.setEncoding('utf8').on('data', text => this.#add('stderr', text))
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.#closed = true
      this.#look()
      return { code, signal }
    })
    t.teardown(async () => {
      this.child.kill('SIGKILL')
      await this.ended
    })
  }

  /** Resolves with the match once stdout has it; rejects when the process ends without. */
  until(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(() => pattern.exec(this.stdout), pattern)
  }

  /** The same of stderr. */
  untilTold(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#until(() => pattern.exec(this.stderr), pattern)
  }

  async #until(found: () => RegExpExecArray | null, pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = found()
      if (match !== null) return match
      if (this.#closed) throw new Error(`it ended without ${pattern}: ${this.stdout}${this.stderr}`)
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  #add(stream: 'stdout' | 'stderr', text: string): void {
    this[stream] += text
    this.#look()
  }

  #look(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const look of waiting) look()
  }
}
