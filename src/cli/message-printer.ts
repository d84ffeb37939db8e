/**
 * Writes what a connection receives to stdout: to a pipe as it came, text with a line feed behind each message; on a
 * terminal so that it can do no harm. Binary messages as hexadecimal lines, or raw when that was asked for.
 */
import type { Writable } from 'node:stream'
import type { Message } from '../api/message-queue.js'
import { styled, type Terminal } from './terminal.js'
import { visibleText } from './visible-text.js'

export class MessagePrinter {
  readonly #terminal: Terminal
  readonly #output: Writable
  readonly #rawBinary: boolean
  #broken = false

  /** @param rawBinary - binary messages are written as they are, without anything between them. */
  constructor(terminal: Terminal, rawBinary: boolean) {
    this.#terminal = terminal
    this.#output = terminal.stdout
    this.#rawBinary = rawBinary
    this.#output.on('error', () => {
      this.#broken = true
    })
  }

  /** Nobody reads any more: the pipe is closed. */
  get broken(): boolean {
    return this.#broken
  }

  /** Resolves when the next message may be printed: a reader that is slow is waited for. */
  async print({ data, isBinary }: Message): Promise<void> {
    if (this.#broken || this.#output.write(this.#shown(data, isBinary))) return
    await new Promise<void>(resolve => {
      const done = (): void => {
        for (const event of ['drain', 'error', 'close']) this.#output.off(event, done)
        resolve()
      }
      for (const event of ['drain', 'error', 'close']) this.#output.on(event, done)
    })
  }

  #shown(data: string | Buffer, isBinary: boolean): string | Buffer {
    if (isBinary && this.#rawBinary) return data as Buffer
    const text = isBinary ? (data as Buffer).toString('hex').replace(/..(?=.)/g, '$& ') : (data as string)
    if (this.#terminal.stdout.isTTY !== true) return `${text}\n`
    const mark = styled(this.#terminal, 'stdout', 'green', isBinary ? '<< ' : '< ')
    return `${mark}${visibleText(text)}\n`
  }
}
