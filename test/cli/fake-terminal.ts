/** A terminal for tests: what is typed, what was printed, and Ctrl-C, in this process. */
import { PassThrough, Writable } from 'node:stream'
import type { Terminal } from '../../src/cli/terminal.js'

/** A stream that keeps what is written to it; a wait for a pattern ends as soon as it is there. */
export class Printed extends Writable {
  readonly isTTY: boolean
  /** How wide it is, where it is a terminal. */
  columns = Number.POSITIVE_INFINITY
  /** Ask for a pause after each write, until {@link accept}. */
  slow = false
  #octets = Buffer.alloc(0)
  #waiting: (() => void)[] = []
  #pending: (() => void) | undefined
  #fault: Error | undefined

  constructor(isTTY: boolean) {
    super({ highWaterMark: 1 })
    this.isTTY = isTTY
  }

  get octets(): Buffer {
    return this.#octets
  }

  /** Where it is a terminal, escape sequences begin with ␛, so that they can be seen. */
  get text(): string {
    const text = this.#octets.toString()
    return this.isTTY ? text.replaceAll('\x1b', '␛') : text
  }

  /** Resolves with the match once what was written, whether it arrived or not, has it. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text)
      if (match !== null) return match
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  /** From now on nothing that is written arrives, as when the disk is full (ENOSPC) or nobody reads the pipe (EPIPE). */
  refuse(code: 'EPIPE' | 'ENOSPC'): void {
    this.#fault = Object.assign(new Error(`${code}: as told, write`), { code })
  }

  /** Whoever reads takes what was written, when it is slow. */
  accept(): void {
    const pending = this.#pending
    this.#pending = undefined
    pending?.()
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error) => void): void {
    this.#octets = Buffer.concat([this.#octets, chunk])
    const waiting = this.#waiting
    this.#waiting = []
    for (const look of waiting) look()
    if (this.slow) this.#pending = () => callback(this.#fault)
    else callback(this.#fault)
  }
}

export class FakeTerminal implements Terminal {
  readonly stdin: PassThrough & { readonly isTTY: boolean }
  readonly stdout: Printed
  readonly stderr: Printed
  readonly env: Record<string, string | undefined>
  readonly #listeners = new Set<() => void>()

  constructor(about: { isTTY?: boolean; env?: Record<string, string> } = {}) {
    const { isTTY = false, env = {} } = about
    this.stdin = Object.assign(new PassThrough(), { isTTY })
    this.stdout = new Printed(isTTY)
    this.stderr = new Printed(isTTY)
    this.env = env
  }

  onInterrupt(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** How many wait for Ctrl-C. */
  get interruptible(): number {
    return this.#listeners.size
  }

  /** Ctrl-C. */
  interrupt(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}
