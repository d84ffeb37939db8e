/**
 * The other end of a connection under test: builds the octets it sends, legal or not (RFC 6455 §5.2), and reads what it
 * gets, one octet at a time and with nothing of the library, so that a mistake cannot agree with itself.
 */
import type { Role } from '../../src/framing/frame-header.js'

/** A frame as it stands on the wire, its payload unmasked. */
export interface WireFrame {
  readonly fin: boolean
  readonly rsv: number
  readonly opcode: number
  readonly masked: boolean
  readonly payload: Buffer
}

/** What may differ from a plain, final frame of this peer. */
export interface FrameShape {
  readonly fin?: boolean
  readonly rsv?: number
  /** Four octets, or undefined for a frame without a mask. */
  readonly key?: Buffer | undefined
}

const sampleKey = Buffer.from('01020304', 'hex')

/** The peer of an endpoint in this role: it masks what it sends to a server. */
export class NaivePeer {
  readonly key: Buffer | undefined

  constructor(role: Role) {
    this.key = role === 'server' ? sampleKey : undefined
  }

  frame(opcode: number, payload: Buffer | string = '', shape: FrameShape = {}): Buffer {
    return buildFrame(opcode, Buffer.from(payload), { key: this.key, ...shape })
  }

  text(payload: Buffer | string = '', shape: FrameShape = {}): Buffer {
    return this.frame(1, payload, shape)
  }

  binary(payload: Buffer | string = '', shape: FrameShape = {}): Buffer {
    return this.frame(2, payload, shape)
  }

  /** A fragment that goes on with a message; `last`: it ends it. */
  more(payload: Buffer | string = '', last = false): Buffer {
    return this.frame(0, payload, { fin: last })
  }

  ping(payload: Buffer | string = ''): Buffer {
    return this.frame(9, payload)
  }

  pong(payload: Buffer | string = ''): Buffer {
    return this.frame(10, payload)
  }

  close(code?: number, reason = ''): Buffer {
    return this.frame(8, code === undefined ? '' : Buffer.concat([Buffer.from([code >> 8, code & 255]), text(reason)]))
  }

  /** Only a header: first octet, then a length of any size, as this peer would mask it. */
  header(first: number, length: number | bigint): Buffer {
    const octets = [first, ...lengthOctets(BigInt(length))]
    if (this.key !== undefined) octets[1]! |= 0x80
    return Buffer.concat([Buffer.from(octets), this.key ?? Buffer.alloc(0)])
  }
}

/** A whole frame, by the picture in §5.2. */
export function buildFrame(opcode: number, payload: Buffer, shape: FrameShape): Buffer {
  const { fin = true, rsv = 0, key } = shape
  const octets = [(fin ? 128 : 0) + rsv * 16 + opcode, ...lengthOctets(BigInt(payload.length))]
  if (key === undefined) return Buffer.concat([Buffer.from(octets), payload])
  octets[1]! |= 0x80
  return Buffer.concat([Buffer.from(octets), key, payload.map((octet, i) => octet ^ key[i % 4]!)])
}

/** How many octets a frame with this payload takes on the wire. */
export function wireSize(payload: number, masked: boolean): number {
  return 1 + lengthOctets(BigInt(payload)).length + (masked ? 4 : 0) + payload
}

/** Reads whole frames; returns them and the octets of one that is not whole. */
export function readFrames(octets: Buffer): { frames: WireFrame[]; rest: Buffer } {
  const frames: WireFrame[] = []
  let rest = octets
  for (;;) {
    const size = frameSize(rest)
    if (size === undefined || size.end > rest.length) return { frames, rest }
    const key = size.masked ? rest.subarray(size.payload - 4, size.payload) : undefined
    const payload = Buffer.from(rest.subarray(size.payload, size.end))
    if (key !== undefined) for (let i = 0; i < payload.length; i++) payload[i]! ^= key[i % 4]!
    const first = rest[0]!
    frames.push({ fin: first >= 128, rsv: (first >> 4) & 7, opcode: first & 15, masked: size.masked, payload })
    rest = rest.subarray(size.end)
  }
}

function frameSize(octets: Buffer): { masked: boolean; payload: number; end: number } | undefined {
  if (octets.length < 2) return undefined
  const short = octets[1]! & 127
  const extended = short === 127 ? 8 : short === 126 ? 2 : 0
  if (octets.length < 2 + extended) return undefined
  let length = short
  if (extended > 0) length = Number(`0x${octets.toString('hex', 2, 2 + extended)}`)
  const masked = octets[1]! >= 128
  const payload = 2 + extended + (masked ? 4 : 0)
  return { masked, payload, end: payload + length }
}

function lengthOctets(length: bigint): number[] {
  const octets = (count: number) =>
    Array.from({ length: count }, (_, i) => Number((length >> BigInt(8 * i)) & 255n)).reverse()
  if (length <= 125n) return [Number(length)]
  return length <= 65535n ? [126, ...octets(2)] : [127, ...octets(8)]
}

function text(reason: string): Buffer {
  return Buffer.from(reason)
}
