/**
 * A connection at a prompt: what is typed is sent, what comes is printed above the line that is being typed. Commands
 * begin with a slash: see session-command.ts.
 */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline'
import type { Message } from '../api/message-queue.js'
import type { WebSocketConnection } from '../api/websocket-connection.js'
import type { Verdict } from '../connection/message-sender.js'
import { type ConnectionEnd, connectionEnd } from './connection-end.js'
import { Interruption } from './interruption.js'
import { MessagePrinter } from './message-printer.js'
import { greeting, milliseconds, pingAndTell, type Session, type SessionSettings } from './session.js'
import { parseSessionCommand, type SessionCommand, sessionHelp } from './session-command.js'
import { type Terminal, tell } from './terminal.js'

export class PromptSession implements Session {
  readonly #connection: WebSocketConnection
  readonly #terminal: Terminal
  readonly #settings: SessionSettings
  readonly #printer: MessagePrinter
  readonly #prompt: Interface
  /** The prompt takes input. */
  #typing = true

  constructor(connection: WebSocketConnection, terminal: Terminal, settings: SessionSettings) {
    this.#connection = connection
    this.#terminal = terminal
    this.#settings = settings
    this.#printer = new MessagePrinter(terminal, settings.binary && terminal.stdout.isTTY !== true)
    const { stdin: input, stderr: output } = terminal
    this.#prompt = createInterface({ input, output, terminal: true, prompt: '> ' })
  }

  async run(): Promise<ConnectionEnd> {
    this.#say(`${greeting(this.#connection)}; /help lists the commands`)
    if (this.#settings.ping) this.#ping('')
    const interruption = new Interruption(this.#connection, this.#settings)
    const ignore = this.#terminal.onInterrupt(() => interruption.interrupt())
    this.#prompt.on('SIGINT', () => interruption.interrupt())
    // Back from Ctrl-Z: readline has stopped reading.
    this.#prompt.on('SIGCONT', () => this.#show())
    // Ctrl-D, or the end of this.
    this.#prompt.on('close', () => {
      this.#typing = false
      this.#close()
    })
    this.#prompt.on('line', line => {
      this.#run(parseSessionCommand(line))
      this.#show()
    })
    const end = await Promise.race([this.#converse(), interruption.cut])
    ignore()
    this.#prompt.close()
    this.#clear()
    return end
  }

  async #converse(): Promise<ConnectionEnd> {
    for await (const message of this.#connection.messages()) await this.#print(message)
    await this.#connection.closed
    const { fault } = this.#printer
    if (fault !== undefined) return { line: fault.message, exitCode: fault.exitCode }
    return connectionEnd(this.#connection.closeRecord)
  }

  #run(command: SessionCommand): void {
    switch (command.kind) {
      case 'text':
        this.#sent(this.#connection.send(command.text))
        break
      case 'binary':
        this.#sent(this.#connection.send(command.octets))
        break
      case 'ping':
        this.#ping(command.payload)
        break
      case 'close':
        this.#connection.close(command.code, command.reason)
        break
      case 'quit':
        this.#close()
        break
      case 'info':
        this.#say(this.#info())
        break
      case 'help':
        this.#say(sessionHelp.join('\n'))
        break
      default:
        this.#say(command.message)
    }
  }

  #sent(verdict: Verdict): void {
    if (verdict === 'dropped') this.#say('not sent: the connection is closing')
  }

  #ping(payload: string): void {
    void pingAndTell(this.#connection, payload, text => this.#say(text))
  }

  #info(): string {
    const { state, remoteAddress, remotePort, bufferedAmount, closeRecord } = this.#connection
    const { octetsReceived, octetsSent, roundTripTimes } = closeRecord
    const trips = roundTripTimes === undefined ? '' : `, round trip ${milliseconds(roundTripTimes.mean)} on average`
    return [
      greeting(this.#connection),
      `${state}, to ${remoteAddress} port ${remotePort}${trips}`,
      `octets: ${octetsReceived} received, ${octetsSent} sent, ${bufferedAmount} waiting`,
    ].join('\n')
  }

  async #print(message: Message): Promise<void> {
    this.#clear()
    if (!(await this.#printer.print(message))) this.#close()
    this.#show()
  }

  #say(text: string): void {
    this.#clear()
    tell(this.#terminal, text)
    this.#show()
  }

  /** Takes the prompt and what is being typed, all rows of it, away, so that something can be printed there. */
  #clear(): void {
    const { stderr } = this.#terminal
    moveCursor(stderr, 0, -this.#prompt.getCursorPos().rows)
    cursorTo(stderr, 0)
    clearScreenDown(stderr)
    // Or the prompt would be shown that many rows further up, over what is printed now. Node has no other way to say it.
    ;(this.#prompt as Interface & { prevRows: number }).prevRows = 0
  }

  #show(): void {
    if (this.#typing) this.#prompt.prompt(true)
  }

  #close(): void {
    this.#connection.close(this.#settings.closeCode, this.#settings.closeReason)
  }
}
