/**
 * A connection in a pipe: each line of stdin is sent as a text message (or all of stdin as one binary message), what
 * comes goes to stdout. When the input has ended and has left, replies are waited for, then comes the Closing Handshake
 * (RFC 6455 §7.1.2). Both ways a slow side is waited for.
 */
import type { WebSocketConnection } from '../api/websocket-connection.js'
import type { Verdict } from '../connection/message-sender.js'
import { CommandError } from './command-error.js'
import { type ConnectionEnd, connectionEnd } from './connection-end.js'
import { ExitCode } from './exit-code.js'
import { inputLines } from './input-lines.js'
import { Interruption } from './interruption.js'
import { MessagePrinter } from './message-printer.js'
import { greeting, pingAndTell, type Session, type SessionSettings } from './session.js'
import { systemReason } from './system-reason.js'
import { type Terminal, tell } from './terminal.js'

const asText = { text: true } as const

export class PipeSession implements Session {
  readonly #connection: WebSocketConnection
  readonly #terminal: Terminal
  readonly #settings: SessionSettings
  readonly #printer: MessagePrinter
  /** What is wrong with the input. */
  #fault: CommandError | undefined
  #onMessage: () => void = () => {}

  constructor(connection: WebSocketConnection, terminal: Terminal, settings: SessionSettings) {
    this.#connection = connection
    this.#terminal = terminal
    this.#settings = settings
    this.#printer = new MessagePrinter(terminal, settings.binary)
  }

  async run(): Promise<ConnectionEnd> {
    const { verbose, ping } = this.#settings
    if (verbose) tell(this.#terminal, greeting(this.#connection))
    if (ping) void pingAndTell(this.#connection, '', text => tell(this.#terminal, text))
    const interruption = new Interruption(this.#connection, this.#settings)
    const ignore = this.#terminal.onInterrupt(() => interruption.interrupt())
    const end = await Promise.race([this.#converse(), interruption.cut])
    ignore()
    return end
  }

  async #converse(): Promise<ConnectionEnd> {
    // What is still read then has nowhere to go.
    void this.#connection.closed.then(() => this.#terminal.stdin.destroy())
    const receiving = this.#receive()
    await this.#send()
    await this.#stay()
    this.#close()
    await this.#connection.closed
    await receiving
    return this.#end()
  }

  async #receive(): Promise<void> {
    for await (const message of this.#connection.messages()) {
      if (!(await this.#printer.print(message))) this.#close()
      this.#onMessage()
    }
  }

  /** Sends the input; where it is wrong, what came before that. */
  async #send(): Promise<void> {
    try {
      if (this.#settings.binary) await this.#sendWhole()
      else await this.#sendLines()
    } catch (error) {
      // The end of the connection has destroyed the input.
      if (this.#connection.state !== 'closed') this.#fault = new CommandError(`stdin: ${systemReason(error)}`)
    }
  }

  async #sendLines(): Promise<void> {
    let number = 0
    for await (const line of inputLines(this.#terminal.stdin)) {
      number++
      let verdict: Verdict
      try {
        verdict = this.#connection.send(line, asText)
      } catch {
        this.#fault = new CommandError(
          `line ${number} of the input is not UTF-8: neither it nor what follows was sent (--binary sends any octets)`,
        )
        return
      }
      if (verdict === 'queued') await this.#room()
    }
  }

  async #sendWhole(): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of this.#terminal.stdin) chunks.push(Buffer.from(chunk))
    if (chunks.length > 0) this.#connection.send(Buffer.concat(chunks))
  }

  /** Waits until there is room for more. */
  async #room(): Promise<void> {
    await new Promise<void>(resolve => {
      const done = (): void => {
        this.#connection.off('drain', done)
        this.#connection.off('close', done)
        resolve()
      }
      this.#connection.on('drain', done)
      this.#connection.on('close', done)
    })
  }

  /** Stays until the replies that are expected have come, or it has been quiet for long enough. */
  async #stay(): Promise<void> {
    const { replies = Number.POSITIVE_INFINITY } = this.#settings
    // That the input is wrong is not kept back for ever.
    const wait = this.#fault === undefined ? this.#settings.wait : Math.min(this.#settings.wait, 1000)
    if (this.#connection.state !== 'open') return
    await this.#connection.flush().catch(() => {})
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>(resolve => {
      if (wait !== Number.POSITIVE_INFINITY) timer = setTimeout(resolve, wait)
      this.#onMessage = () => {
        if (this.#printer.printed >= replies) resolve()
        else timer?.refresh()
      }
      this.#onMessage()
      void this.#connection.closed.then(() => resolve())
    })
    clearTimeout(timer)
  }

  #close(): void {
    this.#connection.close(this.#settings.closeCode, this.#settings.closeReason)
  }

  #end(): ConnectionEnd {
    const { fault, printed, unread } = this.#printer
    const { replies = 0 } = this.#settings
    const wrong = fault ?? this.#fault
    if (wrong !== undefined) return { line: wrong.message, exitCode: wrong.exitCode }
    const end = connectionEnd(this.#connection.closeRecord)
    if (end.exitCode !== ExitCode.ok || unread || printed >= replies) return end
    return { line: `${printed} of ${replies} messages came`, exitCode: ExitCode.failed }
  }
}
