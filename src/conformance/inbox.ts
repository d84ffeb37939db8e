/**
 * What the endpoint under test has sent: messages, Pongs and its Close frame, each in a lane of its own, because the RFC
 * orders messages among themselves and Pongs among themselves, but not the one among the other. Steps take from the
 * lanes; what is left at the end nobody asked for. Everything is looked at for breaches on its way in.
 */
import { isUtf8 } from 'node:buffer'
import { Opcode, type Role } from '../framing/frame-header.js'
import { breaches } from './breaches.js'
import { closeBodyText, frameText, opcodeText, payloadText } from './frame-text.js'
import type { AgreedRawExtension } from './raw-extension.js'
import type { RawFrame } from './raw-frame.js'
import type { Finding } from './verdict.js'

/** A whole message, its fragments joined. */
export interface ReceivedMessage {
  /** 1 or 2; another value where a data frame had a reserved opcode. */
  readonly opcode: number
  /** Opened, where an extension had closed it. */
  readonly payload: Buffer
  /** The RSV bits of its first frame. */
  readonly rsv: number
  /** Its payload on the wire; the same as {@link payload} unless an extension had closed it. */
  readonly wire: Buffer
  /** In how many frames it came. */
  readonly frames: number
}

/** A message that may come and need not. */
export interface AllowedMessage {
  readonly opcode: number
  readonly payload: Buffer
  /** Called when it comes, instead of its going into the lane. */
  readonly onCame?: () => void
}

/** A Close frame. */
export interface ReceivedClose {
  /** undefined where there is none. */
  readonly code: number | undefined
  readonly body: Buffer
}

export class Inbox {
  /** Whole messages that no step has taken yet. */
  readonly messages: ReceivedMessage[] = []
  /** Payloads of the Pongs that no step has taken yet. */
  readonly pongs: Buffer[] = []
  /** Payloads of the first hundred Pings that no step has taken yet. */
  readonly pings: Buffer[] = []
  /** The first Close frame. */
  close: ReceivedClose | undefined
  /** What the endpoint broke. */
  readonly findings: Finding[] = []
  /** How many frames have come. */
  frames = 0
  /** The masking-keys of the first thousand masked frames, as numbers. */
  readonly maskingKeys: number[] = []
  /** What comes in messages and Pongs is nobody's business any more. */
  heedless = false
  /** Called with each frame, before anything is made of it. */
  onFrame: ((frame: RawFrame) => void) | undefined
  /** In use on this connection. */
  extension: AgreedRawExtension | undefined
  readonly #tested: Role
  readonly #allowed: AllowedMessage[] = []
  #first: RawFrame | undefined
  #fragments: Buffer[] = []

  constructor(tested: Role) {
    this.#tested = tested
  }

  /** This message may come before the others, or not at all. */
  allow(message: AllowedMessage): void {
    this.#allowed.push(message)
    for (const came of this.messages.splice(0)) this.#file(came)
  }

  /** Takes in a frame. */
  receive(frame: RawFrame): void {
    this.frames++
    this.onFrame?.(frame)
    if (frame.maskingKey !== undefined && this.maskingKeys.length < 1000) {
      this.maskingKeys.push(frame.maskingKey.readUInt32BE(0))
    }
    this.findings.push(...breaches(frame, this.#tested, this.extension?.rsv ?? 0))
    if (frame.opcode >= 0x8) this.#receiveControl(frame)
    else this.#receiveData(frame)
  }

  #receiveControl(frame: RawFrame): void {
    if (frame.opcode === Opcode.pong) this.pongs.push(frame.payload)
    if (frame.opcode === Opcode.ping && this.pings.length < 100) this.pings.push(frame.payload)
    if (frame.opcode !== Opcode.close) return
    if (this.close !== undefined) {
      this.#breach('5.5.1', `it sent a second Close frame, ${closeBodyText(frame.payload)}`, 'WARN')
      return
    }
    const code = frame.payload.length < 2 ? undefined : frame.payload.readUInt16BE(0)
    this.close = { code, body: frame.payload }
  }

  #receiveData(frame: RawFrame): void {
    if (this.close !== undefined) {
      const what = '"The application MUST NOT send any more data frames after sending a Close frame"'
      this.#breach('5.5.1', `it sent ${frameText(frame, this.#tested)} after its Close frame: ${what}`)
      return
    }
    const continues = frame.opcode === Opcode.continuation
    if (continues && this.#first === undefined) {
      this.#breach('5.4', `it sent ${frameText(frame, this.#tested)} where there is nothing to continue`)
      return
    }
    if (!continues && this.#first !== undefined) {
      this.#breach('5.4', `it sent ${frameText(frame, this.#tested)} within a fragmented message`)
    }
    if (!continues) {
      this.#first = frame
      this.#fragments = []
    }
    this.#fragments.push(frame.payload)
    if (frame.fin) this.#finish(this.#first!)
  }

  #finish({ opcode, rsv }: RawFrame): void {
    const frames = this.#fragments.length
    const wire = frames === 1 ? this.#fragments[0]! : Buffer.concat(this.#fragments)
    this.#first = undefined
    this.#fragments = []
    const payload = this.#open(wire, rsv)
    if (opcode === Opcode.text && !isUtf8(payload)) {
      this.#breach(
        '5.6',
        `it sent ${opcodeText(opcode)} ${payloadText(payload)}: "the whole message MUST contain valid UTF-8"`,
      )
    }
    this.#file({ opcode, payload, rsv, wire, frames })
  }

  /** Those allowed come in their order; one that is skipped comes no more. */
  #file(message: ReceivedMessage): void {
    const at = this.#allowed.findIndex(one => one.opcode === message.opcode && one.payload.equals(message.payload))
    if (at < 0) this.messages.push(message)
    else
      this.#allowed
        .splice(0, at + 1)
        .at(-1)!
        .onCame?.()
  }

  #open(wire: Buffer, rsv: number): Buffer {
    const extension = this.extension
    if (extension === undefined || (rsv & extension.rsv) === 0) return wire
    try {
      return extension.open(wire)
    } catch (error) {
      this.#breach('9', `it sent a message that cannot be opened: ${(error as Error).message}`)
      return wire
    }
  }

  #breach(section: string, reason: string, verdict: Finding['verdict'] = 'FAIL'): void {
    this.findings.push({ verdict, reason, section })
  }
}
