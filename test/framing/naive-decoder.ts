/**
 * The naive twin of FrameDecoder: looks at ever longer beginnings of the stream, says of each whether it can still become
 * a legal frame (RFC 6455 §5.1, §5.2, §5.5, §10.4), and counts in BigInt. Frames are read by the naive codec. What it
 * says is written as in trace.ts.
 */
import { readRawFrame } from '../../src/conformance/raw-frame.js'
import type { Role } from '../../src/framing/frame-header.js'
import { headerLine, payloadLine, type TraceOptions } from './trace.js'

/** What a decoder of this role must make of the octets, and with how many of them it must have failed. */
export function decodeNaively(
  role: Role,
  octets: Buffer,
  options: TraceOptions = {},
): { lines: string[]; failedBy: number | undefined } {
  const lines: string[] = []
  let at = 0
  while (at < octets.length) {
    const rest = octets.subarray(at)
    for (let size = 1; size <= Math.min(rest.length, headerSizeOf(rest)); size++) {
      const fault = faultOf(role, rest.subarray(0, size), options)
      if (fault !== undefined) return { lines: [...lines, `fail ${fault}`], failedBy: at + size }
    }
    const size = headerSizeOf(rest)
    if (rest.length < size) return { lines, failedBy: undefined }
    const [first = 0, second = 0] = rest
    const length = lengthBounds(rest.subarray(1, size)).least
    lines.push(headerLine(first >= 128, Math.floor(first / 16) % 8, first % 16, length))
    const read = readRawFrame(rest)
    if (read === undefined) {
      const key = second >= 128 ? rest.subarray(size - 4, size) : Buffer.alloc(4)
      const some = Buffer.from(rest.subarray(size).map((octet, i) => octet ^ (key[i % 4] ?? 0)))
      if (some.length > 0) lines.push(payloadLine('~', some))
      return { lines, failedBy: undefined }
    }
    lines.push(payloadLine('=', read.frame.payload))
    at += read.end
  }
  return { lines, failedBy: undefined }
}

/** How long the header will be, as far as its beginning tells; Infinity from a single octet. */
function headerSizeOf(octets: Buffer): number {
  const second = octets[1]
  if (second === undefined) return Number.POSITIVE_INFINITY
  return 2 + (second % 128 === 126 ? 2 : second % 128 === 127 ? 8 : 0) + (second >= 128 ? 4 : 0)
}

/** Why this beginning of a header can not become legal, whatever follows. Only its last octet is looked at anew. */
function faultOf(role: Role, header: Buffer, options: TraceOptions): string | undefined {
  const [first = 0, second] = header
  const opcode = first % 16
  const control = opcode >= 8
  const rsv = Math.floor(first / 16) % 8
  const allowed = opcode === 1 || opcode === 2 ? (options.allowedRsv ?? 0) : 0
  for (const bit of [1, 2, 4]) if (rsv & bit && !(allowed & bit)) return '1002 §5.2 WS_RESERVED_BITS'
  if (![0, 1, 2, 8, 9, 10].includes(opcode)) return '1002 §5.2 WS_RESERVED_OPCODE'
  if (control && first < 128) return '1002 §5.5 WS_FRAGMENTED_CONTROL'
  if (second === undefined) return undefined
  if (role === 'server' && second < 128) return '1002 §5.1 WS_UNMASKED_FRAME'
  if (role === 'client' && second >= 128) return '1002 §5.1 WS_MASKED_FRAME'
  if (control && second % 128 > 125) return '1002 §5.5 WS_CONTROL_TOO_LONG'
  const { least, most, minimum } = lengthBounds(header.subarray(1))
  if (least >= 2n ** 63n) return '1002 §5.2 WS_LENGTH_TOP_BIT'
  if (most < minimum) return '1002 §5.2 WS_LENGTH_NOT_MINIMAL'
  const limit = BigInt(Math.min(options.maxFrameSize ?? 2 ** 53 - 1, 2 ** 53 - 1))
  if (!control && least > limit) return '1009 §10.4 WS_FRAME_TOO_BIG'
  return undefined
}

/** Between what the payload length lies, by the octets from the second of the header on, and its least legal value. */
function lengthBounds(octets: Buffer): { least: bigint; most: bigint; minimum: bigint } {
  const short = (octets[0] ?? 0) % 128
  if (short <= 125) return { least: BigInt(short), most: BigInt(short), minimum: 0n }
  const count = short === 126 ? 2 : 8
  const there = octets.subarray(1, 1 + count).toString('hex')
  const least = BigInt(`0x${there.padEnd(2 * count, '0')}`)
  const most = BigInt(`0x${there.padEnd(2 * count, 'f')}`)
  return { least, most, minimum: short === 126 ? 126n : 65536n }
}
