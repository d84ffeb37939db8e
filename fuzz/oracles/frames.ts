/**
 * Frames read the obvious way, from octets that are all there: RFC 6455 §5.1, §5.2, §5.5. The twin of
 * src/framing/frame-decoder.ts; it shares nothing with it.
 */

export interface FrameRules {
  /** §5.1: the frames must be masked, or must not be. */
  readonly masked: boolean
  /** Data frames with more octets of payload are refused. */
  readonly maxFrameSize: number
  /** The RSV bits an extension claims on the first frame of a message. */
  readonly allowedRsv: number
}

export interface NaiveFrame {
  /** Where the frame begins, where its payload does, and where it would end. */
  readonly start: number
  readonly payloadStart: number
  readonly end: number
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly length: number
  /** The masking-key as on the wire; empty without. */
  readonly key: Buffer
  /** What there is of the payload, unmasked. */
  readonly payload: Buffer
}

/** The octet at `at` made the frame illegal: with one of these status codes, where it breaks several rules at once. */
export interface NaiveFailure {
  readonly at: number
  readonly codes: readonly number[]
}

export interface NaiveReading {
  /** All frames whose header is whole; the payload of the last may be incomplete. */
  readonly frames: readonly NaiveFrame[]
  readonly failure: NaiveFailure | undefined
}

/** Reads frames until one is wrong, or the octets end. */
export function readFrames(octets: Buffer, rules: FrameRules): NaiveReading {
  const frames: NaiveFrame[] = []
  let at = 0
  while (at < octets.length) {
    const read = readFrame(octets, at, rules)
    if (read === 'incomplete') break
    if ('codes' in read) return { frames, failure: read }
    frames.push(read)
    at = read.end
  }
  return { frames, failure: undefined }
}

function readFrame(octets: Buffer, start: number, rules: FrameRules): NaiveFrame | NaiveFailure | 'incomplete' {
  const bits = octets[start]!.toString(2).padStart(8, '0')
  const fin = bits[0] === '1'
  const rsv = Number.parseInt(bits.slice(1, 4), 2)
  const opcode = Number.parseInt(bits.slice(4), 2)
  const control = opcode >= 8
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) return { at: start, codes: [1002] }
  const claimable = opcode === 1 || opcode === 2 ? rules.allowedRsv : 0
  if ((rsv & ~claimable) !== 0) return { at: start, codes: [1002] }
  if (control && !fin) return { at: start, codes: [1002] }

  if (start + 1 >= octets.length) return 'incomplete'
  const masked = octets[start + 1]! >= 128
  const shortLength = octets[start + 1]! % 128
  if (masked !== rules.masked || (control && shortLength > 125)) return { at: start + 1, codes: [1002] }

  const lengthSize = shortLength === 126 ? 2 : shortLength === 127 ? 8 : 0
  const lengthEnd = start + 2 + lengthSize
  if (lengthSize === 8 && octets.length > start + 2 && octets[start + 2]! >= 128)
    return { at: start + 2, codes: [1002] }
  if (lengthEnd > octets.length) return 'incomplete'
  const longLength = lengthSize === 0 ? '0' : `0x${octets.toString('hex', start + 2, lengthEnd)}`
  const length = lengthSize === 0 ? BigInt(shortLength) : BigInt(longLength)
  if ((lengthSize === 2 && length < 126n) || (lengthSize === 8 && length < 65536n)) {
    return { at: lengthEnd - 1, codes: [1002] }
  }
  if (length > Number.MAX_SAFE_INTEGER || (!control && Number(length) > rules.maxFrameSize)) {
    return { at: lengthEnd - 1, codes: [1009] }
  }

  const payloadStart = lengthEnd + (masked ? 4 : 0)
  if (payloadStart > octets.length) return 'incomplete'
  const key = octets.subarray(lengthEnd, payloadStart)
  const end = payloadStart + Number(length)
  const payload = Buffer.from(octets.subarray(payloadStart, Math.min(end, octets.length)))
  if (masked) for (let i = 0; i < payload.length; i++) payload[i]! ^= key[i % 4]!
  return { start, payloadStart, end, fin, rsv, opcode, length: Number(length), key, payload }
}

/** A frame to be written, legal or not. */
export interface FrameSpec {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  /** Four octets, or none for a frame that is not masked. */
  readonly key: Buffer | undefined
  readonly payload: Buffer
  /** Octets of extended length: 0, 2 or 8; the shortest form unless told. */
  readonly lengthSize?: 0 | 2 | 8 | undefined
  /** What the header says the length is; the truth unless told. */
  readonly declared?: bigint | undefined
}

/** Writes a frame bit by bit. */
export function writeFrame(spec: FrameSpec): Buffer {
  const declared = spec.declared ?? BigInt(spec.payload.length)
  const lengthSize = spec.lengthSize ?? (declared < 126n ? 0 : declared < 65536n ? 2 : 8)
  const length7 = lengthSize === 0 ? Number(declared & 127n) : lengthSize === 2 ? 126 : 127
  const long = (declared & (2n ** BigInt(lengthSize * 8) - 1n)).toString(16).padStart(lengthSize * 2, '0')
  const payload = Buffer.from(spec.payload)
  if (spec.key !== undefined) for (let i = 0; i < payload.length; i++) payload[i]! ^= spec.key[i % 4]!
  return Buffer.concat([
    Buffer.from([(spec.fin ? 128 : 0) + spec.rsv * 16 + spec.opcode, (spec.key === undefined ? 0 : 128) + length7]),
    lengthSize === 0 ? Buffer.alloc(0) : Buffer.from(long, 'hex'),
    spec.key ?? Buffer.alloc(0),
    payload,
  ])
}
