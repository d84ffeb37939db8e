/**
 * An extension as the naive side of a case has it: what is offered and answered in the Opening Handshake, and how a
 * message that bears its bits is opened.
 */

import type { Role } from '../framing/frame-header.js'

/** What one side of permessage-deflate is bound to when it compresses. */
export interface DeflateSide {
  readonly takeover: boolean
  /** Base-2 logarithm of the window. */
  readonly bits: number
}

/** An extension that a case needs (RFC 6455 §9). */
export interface RawExtension {
  /** Its token: `permessage-deflate`. */
  readonly name: string
  /** What is offered to a server, such as `permessage-deflate; client_max_window_bits`. */
  readonly offer: string
  /**
   * What a client's request is answered with, given its Sec-WebSocket-Extensions; undefined when the offer is of no use to
   * the case, which then is skipped.
   */
  answer(offered: string): string | undefined
  /**
   * What is agreed on for one connection, from the value of Sec-WebSocket-Extensions in the response.
   *
   * @param tested - which side the endpoint under test is.
   */
  agree(answered: string, tested: Role): AgreedRawExtension | undefined
}

/** An extension in use on one connection. */
export interface AgreedRawExtension {
  /** The RSV bits that the first frame of a data message may bear, as in the frame header: RSV1 is 4. */
  readonly rsv: number
  /**
   * The octets of the message, given the payload of one that bears those bits; called once for each, in order.
   *
   * @throws Error whose message says what is wrong with the payload.
   */
  open(payload: Buffer): Buffer
  /** The payload to be sent, in a message that bears those bits, for one of ours; called once for each, in order. */
  close(payload: Buffer): Buffer
  /** What we are bound to. */
  readonly own: DeflateSide
  /** What the endpoint under test is bound to. */
  readonly theirs: DeflateSide
}
