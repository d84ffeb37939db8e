/**
 * Sends messages, whole or fragment by fragment: RFC 6455 §5.4, §5.6, §6.1; and judges each by how much waits already.
 */
// The global Buffer is a getter: 9 ns each time.
import { Buffer, isUtf8 } from 'node:buffer'
import { TransportError, UsageError } from '../errors.js'
import { copyThreshold } from '../framing/frame-encoder.js'
import { Opcode } from '../framing/frame-header.js'
import { Utf8Validator } from '../framing/utf8.js'
import type { ConnectionParts } from './connection-parts.js'
import { leaseOf } from './message-memory.js'
import { Outbox } from './outbox.js'
import type { PreparedMessage } from './prepared-message.js'

/**
 * What became of a message: `sent`, it leaves with this turn; `queued`, it will leave, but enough waits already (wait for
 * the drain); `dropped`, it will not: the connection is closing or closed, or its buffer is full and its policy is `drop`.
 */
export type Verdict = 'sent' | 'queued' | 'dropped'

export class MessageSender {
  readonly outbox = new Outbox()
  /** Whose messages it sends. */
  #parts!: ConnectionParts
  /** The type of the message whose fragments are being sent. */
  #fragmented: Opcode = Opcode.continuation
  /** Its first fragment was dropped, and so are the others. */
  #dropping = false
  /** Where its text stands, if fragments of it were octets; and where it will stand when what was checked is written. */
  #utf8: Utf8Validator | undefined
  #utf8Checked: Utf8Validator | undefined
  /** A `queued` was answered, and no drain was told since. */
  #drainOwed = false
  /** A message was sent, and nobody was told when. */
  sent = false

  /** Sends for this connection from now on, beginning between two messages. */
  begin(parts: ConnectionParts): void {
    this.#parts = parts
    this.outbox.begin(parts.facts.role, parts.settings, parts.octetsSent, parts.transforms)
  }

  /**
   * Forgets its connection, if there is nothing to remember: neither a message that goes on, nor octets that have not left,
   * nor a word that is owed.
   *
   * @returns whether it did.
   */
  rest(): boolean {
    const owes = this.#drainOwed || this.sent || this.#dropping || this.#fragmented !== Opcode.continuation
    if (owes || !this.outbox.rest()) return false
    this.#parts = undefined!
    return true
  }

  /** Nothing more may be added. Judged before what is added: one message always fits, whatever its size. */
  get full(): boolean {
    return this.outbox.bufferedAmount > this.#parts.settings.limits.maxSendBuffer
  }

  /**
   * Checks what the caller is about to send; nothing is written, nothing is remembered until {@link send}.
   *
   * @throws UsageError for octets that are not UTF-8, or another type of message within a fragmented one.
   */
  check(opcode: Opcode, data: string | Buffer, fin: boolean): void {
    this.#utf8Checked = undefined
    if (this.#fragmented !== Opcode.continuation && this.#fragmented !== opcode)
      throw incomplete('is of the other type')
    if (opcode === Opcode.text && !this.#dropping) this.#checkText(data, fin)
  }

  /** @throws UsageError within a fragmented message: what is prepared is a message of its own. */
  checkWhole(): void {
    this.#utf8Checked = undefined
    if (this.#fragmented !== Opcode.continuation) throw incomplete('is not over')
  }

  /**
   * Writes what was checked.
   *
   * @param prepared - the message, if it was: `data` is its octets, which last.
   * @throws TransportError `WS_SEND_BUFFER_FULL`; nothing is written, and a message that has begun can go on later.
   */
  send(opcode: Opcode, data: string | Buffer, fin: boolean, compress?: boolean, prepared?: PreparedMessage): Verdict {
    const first = this.#fragmented === Opcode.continuation
    // A message is dropped whole or not at all: one that has begun cannot be, and ends the connection.
    if (this.full && !this.#dropping) {
      if (!first || this.#parts.settings.limits.sendOverflow !== 'drop') throw this.#overflow()
      this.#dropping = true
    }
    this.#fragmented = fin ? Opcode.continuation : opcode
    if (this.#dropping) {
      this.#dropping = !fin
      return 'dropped'
    }
    this.#utf8 = this.#utf8Checked
    this.sent = true
    const frameOpcode = first ? opcode : Opcode.continuation
    if (this.#parts.transforms !== undefined) {
      const octets = prepared === undefined ? lasting(data) : prepared.octets
      this.outbox.transform(frameOpcode, octets, fin, compress, prepared?.encodings)
    } else if (prepared !== undefined) this.outbox.writePrepared(prepared)
    else if (typeof data === 'string') this.outbox.writeText(frameOpcode, data, fin)
    else this.outbox.writeOctets(frameOpcode, data, fin)
    if (this.outbox.bufferedAmount <= this.#parts.settings.limits.sendHighWaterMark) return 'sent'
    this.#drainOwed = true
    return 'queued'
  }

  /** After `queued`, half of the high-water mark is free again: true once. */
  drained(): boolean {
    if (!this.#drainOwed || this.outbox.bufferedAmount > this.#parts.settings.limits.sendHighWaterMark / 2) return false
    this.#drainOwed = false
    return true
  }

  /** A text is UTF-8 as a whole; its fragments may cut a code point where they are octets (§5.6). */
  #checkText(text: string | Buffer, fin: boolean): void {
    let valid: boolean
    if (typeof text === 'string') valid = this.#utf8?.complete !== false
    else if (fin && this.#utf8 === undefined) valid = isUtf8(text)
    else {
      const utf8 = this.#utf8?.clone() ?? new Utf8Validator()
      valid = utf8.push(text, 0, text.length) && (!fin || utf8.complete)
      if (!fin) this.#utf8Checked = utf8
    }
    if (!valid) throw new UsageError('WS_INVALID_UTF8', '8.1', 'the octets of a text message are not UTF-8')
  }

  #overflow(): TransportError {
    const message = `more than ${this.#parts.settings.limits.maxSendBuffer} octets wait to be sent`
    return new TransportError('WS_SEND_BUFFER_FULL', message, { section: '10.4' })
  }
}

function incomplete(how: string): UsageError {
  return new UsageError('WS_MESSAGE_INCOMPLETE', '5.4', `finish the fragmented message first: it ${how}`)
}

/** Octets that stay as they are while an extension is at work on them, as far as the caller has not lent them for so long. */
function lasting(data: string | Buffer): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  return data.length <= copyThreshold || leaseOf(data) !== undefined ? Buffer.from(data) : data
}

/** @throws UsageError for data of the wrong type. */
export function checkType(opcode: Opcode, data: string | Buffer): void {
  const text = opcode === Opcode.text && typeof data === 'string'
  if (!text && !Buffer.isBuffer(data)) {
    const wanted = opcode === Opcode.text ? 'a string or a Buffer' : 'a Buffer'
    throw new UsageError('WS_INVALID_DATA', '5.6', `what is sent is ${wanted}`)
  }
}
