/**
 * A message that goes to many connections: RFC 6455 §5.6. What is the same for all of them is done once: its UTF-8 made or
 * checked, and its compression, for each set of parameters that lets messages stand by themselves (RFC 7692 §7.1.1).
 */
import { isUtf8 } from 'node:buffer'
import { UsageError } from '../errors.js'
import type { Encodings } from '../extensions/extension.js'
import { FrameEncoder } from '../framing/frame-encoder.js'
import { Opcode } from '../framing/frame-header.js'
import { cryptographicMaskingKeys } from '../framing/masking.js'

/** A message that was made ready to be sent, any number of times and on any number of connections. It cannot be changed. */
export class PreparedMessage {
  /** @internal */
  readonly opcode: Opcode
  readonly #octets: Buffer
  /** @internal */
  readonly compress: boolean | undefined
  #frame: Buffer | undefined
  /** @internal What extensions have made of it. */
  readonly encodings: Encodings = new Map()

  /**
   * @param octets - its own from now on.
   * @param text - it is a text message.
   * @param compress - as a connection's sends take it.
   * @throws UsageError WS_INVALID_UTF8: a text whose octets are not UTF-8.
   */
  constructor(octets: Buffer, text: boolean, compress?: boolean) {
    if (text && !isUtf8(octets)) {
      throw new UsageError('WS_INVALID_UTF8', '8.1', 'the octets of a text message are not UTF-8')
    }
    this.opcode = text ? Opcode.text : Opcode.binary
    this.#octets = octets
    this.compress = compress
    Object.freeze(this)
  }

  /** @internal Nobody changes them: they may be sent by reference, by whatever stream. Not to be seen by who prints it. */
  get octets(): Buffer {
    return this.#octets
  }

  /** @internal For a stream whose reader may write in what it reads: octets of its own. */
  copy(): PreparedMessage {
    return new PreparedMessage(Buffer.from(this.octets), !this.isBinary, this.compress)
  }

  /** @internal The one frame that it is where nothing is masked, nor transformed. */
  get frame(): Buffer {
    if (this.#frame === undefined) {
      const encoder = new FrameEncoder('server', cryptographicMaskingKeys, undefined)
      encoder.writeFrame(true, 0, this.opcode, this.octets)
      this.#frame = Buffer.from(encoder.take()[0]!)
    }
    return this.#frame
  }

  /** Octets of payload, before any compression. */
  get size(): number {
    return this.octets.length
  }

  /** It is a binary message, and not text. */
  get isBinary(): boolean {
    return this.opcode === Opcode.binary
  }
}
