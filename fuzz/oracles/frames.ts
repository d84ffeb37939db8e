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
  for (let end = Math.min(start + 2, lengthEnd); end <= Math.min(lengthEnd, octets.length); end++) {
    const codes = judgeLength(octets.subarray(start + 1, end), control, rules.maxFrameSize)
    if (codes.length > 0) return { at: end - 1, codes }
  }
  if (lengthEnd > octets.length) return 'incomplete'
  const { least: length } = lengthBounds(octets.subarray(start + 1, lengthEnd))

  const payloadStart = lengthEnd + (masked ? 4 : 0)
  if (payloadStart > octets.length) return 'incomplete'
  const key = octets.subarray(lengthEnd, payloadStart)
  const end = payloadStart + Number(length)
  const payload = Buffer.from(octets.subarray(payloadStart, Math.min(end, octets.length)))
  if (masked) for (let i = 0; i < payload.length; i++) payload[i]! ^= key[i % 4]!
  return { start, payloadStart, end, fin, rsv, opcode, length: Number(length), key, payload }
}

/** What is wrong with a length of which there are these octets, whatever follows. */
function judgeLength(octets: Buffer, control: boolean, maxFrameSize: number): number[] {
  const { least, most, smallest } = lengthBounds(octets)
  if (least >= 2n ** 63n || most < smallest) return [1002]
  return least > Number.MAX_SAFE_INTEGER || (!control && least > maxFrameSize) ? [1009] : []
}

/** Between what a length lies of which there are these octets, the short one first; and the least it may be in its form. */
function lengthBounds(octets: Buffer): { least: bigint; most: bigint; smallest: bigint } {
  const short = octets[0]! % 128
  if (short <= 125) return { least: BigInt(short), most: BigInt(short), smallest: 0n }
  const digits = short === 126 ? 4 : 16
  const there = octets.subarray(1).toString('hex')
  const bound = (digit: string) => BigInt(`0x${there.padEnd(digits, digit)}`)
  return { least: bound('0'), most: bound('f'), smallest: short === 126 ? 126n : 65536n }
}
