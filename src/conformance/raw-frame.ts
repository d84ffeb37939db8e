/**
 * A naive codec of its own for frames: RFC 6455 §5.2 (Base Framing Protocol) and §5.3 (masking), written to be obvious,
 * not fast. It builds illegal frames too and reads whatever has the shape of a frame; what is legal is for others to
 * judge. It shares nothing with the engine's decoder and encoder, so that a mistake cannot agree with itself.
 */

/** A frame as it lies on the wire, judged by nobody. */
export interface RawFrame {
  /** The FIN bit. */
  readonly fin: boolean
  /** RSV1, RSV2 and RSV3 as one number, 0…7: RSV1 is 4. */
  readonly rsv: number
  /** 0…15, the reserved ones too. */
  readonly opcode: number
  /** The four octets of the masking-key; undefined in a frame that is not masked. */
  readonly maskingKey: Buffer | undefined
  /** How many octets of extended payload length there are. */
  readonly lengthOctets: 0 | 2 | 8
  /** "Payload length" as it stands in the header, its most significant bit included: 0 … 2^64 - 1. */
  readonly payloadLength: bigint
  /** The payload, unmasked; a copy. */
  readonly payload: Buffer
}

/** What a frame is built of. Nothing is checked: every part may be what the RFC forbids. */
export interface RawFrameParts {
  readonly opcode: number
  /** Default true. */
  readonly fin?: boolean
  /** Default 0. */
  readonly rsv?: number
  /** Not masked; a string is written as UTF-8. Default: none. Copied. */
  readonly payload?: Uint8Array | string
  /** Four octets: the frame is masked with them. Default: not masked. */
  readonly maskingKey?: Uint8Array | undefined
  /** Octets of extended payload length. Default: the fewest. */
  readonly lengthOctets?: 0 | 2 | 8
  /** The length to be declared. Default: that of the payload. */
  readonly payloadLength?: bigint | number
}

/** Builds the octets of one frame, a Buffer of the caller's own. */
export function buildRawFrame(parts: RawFrameParts): Buffer {
  const payload = Buffer.from(parts.payload ?? '')
  const length = BigInt(parts.payloadLength ?? payload.length)
  const lengthOctets = parts.lengthOctets ?? (length <= 125n ? 0 : length <= 65535n ? 2 : 8)
  const header: number[] = []
  header.push((parts.fin === false ? 0 : 128) + (parts.rsv ?? 0) * 16 + parts.opcode)
  const short = lengthOctets === 0 ? Number(length) : lengthOctets === 2 ? 126 : 127
  header.push((parts.maskingKey === undefined ? 0 : 128) + short)
  for (let i = lengthOctets - 1; i >= 0; i--) header.push(Number((length >> BigInt(8 * i)) & 255n))
  if (parts.maskingKey === undefined) return Buffer.concat([Buffer.from(header), payload])
  return Buffer.concat([Buffer.from(header), parts.maskingKey, maskNaively(payload, parts.maskingKey)])
}

/**
 * Reads the frame that begins at `at`.
 *
 * @param octets - read only, nothing of it is kept.
 * @returns the frame and the place behind it, or undefined when octets are missing.
 */
export function readRawFrame(octets: Uint8Array, at = 0): { frame: RawFrame; end: number } | undefined {
  const first = octets[at]
  const second = octets[at + 1]
  if (first === undefined || second === undefined) return undefined
  const masked = second >= 128
  const short = second % 128
  const lengthOctets = short === 126 ? 2 : short === 127 ? 8 : 0
  const keyAt = at + 2 + lengthOctets
  const payloadAt = keyAt + (masked ? 4 : 0)
  if (payloadAt > octets.length) return undefined
  let payloadLength = lengthOctets === 0 ? BigInt(short) : 0n
  for (const octet of octets.subarray(at + 2, keyAt)) payloadLength = payloadLength * 256n + BigInt(octet)
  const end = BigInt(payloadAt) + payloadLength
  if (end > BigInt(octets.length)) return undefined

  const maskingKey = masked ? Buffer.from(octets.subarray(keyAt, payloadAt)) : undefined
  const transformed = octets.subarray(payloadAt, Number(end))
  const payload = maskingKey === undefined ? Buffer.from(transformed) : maskNaively(transformed, maskingKey)
  const fin = first >= 128
  const rsv = Math.floor(first / 16) % 8
  return { frame: { fin, rsv, opcode: first % 16, maskingKey, lengthOctets, payloadLength, payload }, end: Number(end) }
}

/**
 * How many octets the frame takes that begins the octets, as its header declares; undefined while the header is not
 * complete.
 */
export function rawFrameSize(octets: Uint8Array): number | undefined {
  const second = octets[1]
  if (second === undefined) return undefined
  const lengthOctets = second % 128 === 126 ? 2 : second % 128 === 127 ? 8 : 0
  if (octets.length < 2 + lengthOctets) return undefined
  let payloadLength = lengthOctets === 0 ? second % 128 : 0
  for (const octet of octets.subarray(2, 2 + lengthOctets)) payloadLength = payloadLength * 256 + octet
  return 2 + lengthOctets + (second >= 128 ? 4 : 0) + payloadLength
}

/** Reads all whole frames, and returns what is left over, a view, beside them. */
export function readRawFrames(octets: Uint8Array): { frames: RawFrame[]; rest: Uint8Array } {
  const frames: RawFrame[] = []
  let at = 0
  for (let read = readRawFrame(octets); read !== undefined; read = readRawFrame(octets, at)) {
    frames.push(read.frame)
    at = read.end
  }
  return { frames, rest: octets.subarray(at) }
}

/** §5.3, word for word: "transformed-octet-i = original-octet-i XOR masking-key-octet-j", where "j = i MOD 4". */
function maskNaively(octets: Uint8Array, maskingKey: Uint8Array): Buffer {
  const transformed = Buffer.allocUnsafe(octets.length)
  for (let i = 0; i < octets.length; i++) transformed[i] = octets[i]! ^ maskingKey[i % 4]!
  return transformed
}
