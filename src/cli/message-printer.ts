/**
 * Writes what a connection receives to stdout: to a pipe as it came, text with a line feed behind each message; on a
 * terminal so that it can do no harm. Binary messages as hexadecimal lines, or raw when that was asked for.
 */
import type { Message } from '../api/message-queue.js'
import { visibleText } from '../visible-text.js'
import type { CommandError } from './command-error.js'
import { print } from './print.js'
import { styled, type Terminal } from './terminal.js'

export class MessagePrinter {
  readonly #terminal: Terminal
  readonly #rawBinary: boolean
  /** Messages that have been printed, to the last octet. */
  printed = 0
  /** Nobody reads any more: the pipe is closed. */
  unread = false
  /** Why nothing can be printed any more, where that is a fault. */
  fault: CommandError | undefined

  /** @param rawBinary - binary messages are written as they are, without anything between them. */
  constructor(terminal: Terminal, rawBinary: boolean) {
    this.#terminal = terminal
    this.#rawBinary = rawBinary
  }

  /** Resolves when the next message may be printed, for a reader that is slow is waited for: with false if none can be. */
  async print({ data, isBinary }: Message): Promise<boolean> {
    // A stream that has failed once would only say that it has.
    if (this.unread || this.fault !== undefined) return false
    try {
      this.unread = !(await print(this.#terminal, this.#shown(data, isBinary)))
    } catch (error) {
      this.fault = error as CommandError
      return false
    }
    if (!this.unread) this.printed++
    return !this.unread
  }

  #shown(data: string | Buffer, isBinary: boolean): string | Buffer {
    if (isBinary && this.#rawBinary) return data as Buffer
    const text = isBinary ? (data as Buffer).toString('hex').replace(/..(?=.)/g, '$& ') : (data as string)
    if (this.#terminal.stdout.isTTY !== true) return `${text}\n`
    const mark = styled(this.#terminal, 'stdout', 'green', isBinary ? '<< ' : '< ')
    // Further lines stand in, so that no message looks like two.
    return `${mark}${visibleText(text).replaceAll('\n', `\n${' '.repeat(isBinary ? 3 : 2)}`)}\n`
  }
}
