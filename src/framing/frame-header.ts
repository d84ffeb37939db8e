/**
 * The header of a frame: RFC 6455 §5.2 (Base Framing Protocol) and §11.8 (opcodes). Only the nouns and the layout;
 * reading is the decoder's, writing the encoder's.
 */

/** Which end of the connection this is: it decides who masks (§5.1) and who closes TCP first (§7.1.1). */
export type Role = 'client' | 'server'

/** What a frame is (§5.2, §11.8). 0x3 to 0x7 and 0xB to 0xF are reserved. */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const

/** One of the opcodes (§5.2). */
export type Opcode = (typeof Opcode)[keyof typeof Opcode]

/** RSV bits as they lie in the header's first octet, shifted to 0…7: RSV1 is 4, RSV2 is 2, RSV3 is 1. */
export const Rsv = { none: 0, rsv1: 4, rsv2: 2, rsv3: 1 } as const

/** Control frames have the opcode's top bit set (§5.5). */
export function isControl(opcode: Opcode): boolean {
  return (opcode & 0x8) !== 0
}

/** §5.5: "All control frames MUST have a payload length of 125 bytes or less". */
export const maxControlPayload = 125

/** A masked header with a 64-bit length: 2 + 8 + 4 octets, the largest there is (§5.2). */
export const maxHeaderSize = 14

/** How many octets the header of a frame with this payload takes, masking-key included (§5.2). */
export function headerSize(payloadLength: number, masked: boolean): number {
  const base = payloadLength <= 125 ? 2 : payloadLength <= 0xffff ? 4 : 10
  return masked ? base + 4 : base
}

/** A header that has been read. */
export interface FrameHeader {
  /** The FIN bit: this is the last fragment of its message. */
  readonly fin: boolean
  /** The RSV bits, 0…7: see {@link Rsv}. */
  readonly rsv: number
  /** What the frame is. */
  readonly opcode: Opcode
  /** "Payload length" in octets, exact: 0 … 2^53 - 1. */
  readonly payloadLength: number
  /** Octets of the payload that have not been delivered yet. */
  readonly remaining: number
}
