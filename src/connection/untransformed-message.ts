/**
 * A message in the queue that has still to go through the extensions, or is on its way through one that takes its time
 * (RFC 6455 §9.1). What was sent after it waits behind it: windows are kept in the order of the messages.
 */
import type { OutgoingMessage, TransformJob } from '../extensions/extension.js'
import type { MessageTransforms } from '../extensions/message-transforms.js'
import { copyThreshold } from '../framing/frame-encoder.js'
import { headerSize, type Opcode } from '../framing/frame-header.js'

export class UntransformedMessage {
  readonly opcode: Opcode
  /** Octets on the wire that it counts for, until it is known how many it will be. */
  readonly counted: number
  /** The place behind it in the stream: see Outbox. */
  end = 0
  readonly #octets: Buffer
  readonly #message: OutgoingMessage
  #job: TransformJob | undefined

  /** @param octets - borrowed until it is transformed, or sent if it is not. */
  constructor(opcode: Opcode, octets: Buffer, message: OutgoingMessage) {
    this.opcode = opcode
    this.counted = octets.length + headerSize(octets.length, false)
    this.#octets = octets
    this.#message = message
  }

  get fin(): boolean {
    return this.#message.fin
  }

  /**
   * Goes on for a few milliseconds at most.
   *
   * @returns what is to be sent, undefined while there is more to do. Up to 64 KiB it may change when anything else is
   * transformed: copy it at once. What is longer lasts.
   */
  work(transforms: MessageTransforms): Buffer | undefined {
    if (this.#job !== undefined) return this.#job.work()
    const result = transforms.encode(this.#octets, this.#message)
    if (Buffer.isBuffer(result))
      return result.length <= copyThreshold || this.#lasts(result) ? result : Buffer.from(result)
    this.#job = result
    return undefined
  }

  /** It is no view that the extension writes again. */
  #lasts(result: Buffer): boolean {
    const { encodings } = this.#message
    return result === this.#octets || (encodings !== undefined && [...encodings.values()].includes(result))
  }
}
