/**
 * What octets come to when they are read as RFC 6455 says, naively: the messages in them, and where they break a rule. It
 * says what an endpoint must make of a mutated session.
 */
import { isUtf8 } from 'node:buffer'
import { Opcode, type Role } from '../framing/frame-header.js'
import { isSendableStatusCode } from '../status-code.js'
import { type RawFrame, rawFrameSize, readRawFrame } from './raw-frame.js'

/** What the octets are. */
export interface NaiveReading {
  /** The whole messages before the end. */
  readonly messages: readonly { readonly opcode: number; readonly payload: Buffer }[]
  /** The payloads of the whole Pings. */
  readonly pings: readonly Buffer[]
  /**
   * How they end. `open`: all frames are whole, and so are all messages. `within`: in the middle of a frame or a message.
   * `close`: with a Close frame. `violation`: with what an endpoint must fail on.
   */
  readonly end: 'open' | 'within' | 'close' | 'violation'
}

/** Reads the octets that the endpoint under test is sent. */
export function naiveReading(octets: Buffer, tested: Role): NaiveReading {
  const messages: { opcode: number; payload: Buffer }[] = []
  const pings: Buffer[] = []
  let parts: { opcode: number; payloads: Buffer[] } | undefined
  const ended = (end: NaiveReading['end']) => ({ messages, pings, end })
  for (let at = 0; at < octets.length; ) {
    const rest = octets.subarray(at)
    if (isBadHeader(rest, tested)) return ended('violation')
    const read = readRawFrame(rest)
    if (read === undefined) return ended('within')
    at += read.end
    const { opcode, payload, fin } = read.frame
    if (opcode === Opcode.close) return ended(isBadClose(payload) ? 'violation' : 'close')
    if (opcode === Opcode.ping) pings.push(payload)
    if (opcode > 0x8) continue
    if ((opcode === Opcode.continuation) !== (parts !== undefined)) return ended('violation')
    parts ??= { opcode, payloads: [] }
    parts.payloads.push(payload)
    if (!fin) continue
    const message = { opcode: parts.opcode, payload: Buffer.concat(parts.payloads) }
    if (message.opcode === Opcode.text && !isUtf8(message.payload)) return ended('violation')
    messages.push(message)
    parts = undefined
  }
  return ended(parts === undefined ? 'open' : 'within')
}

/** §5.1, §5.2, §5.5: as much of it as is there. */
function isBadHeader(octets: Buffer, tested: Role): boolean {
  const [first, second] = octets
  if (second === undefined) return false
  const header: Pick<RawFrame, 'fin' | 'rsv' | 'opcode'> = {
    fin: first! >= 128,
    rsv: (first! >> 4) & 7,
    opcode: first! & 15,
  }
  const control = header.opcode >= 0x8
  if (header.rsv !== 0 || (header.opcode > 0x2 && !control) || header.opcode > 0xa) return true
  if (second >= 128 !== (tested === 'server')) return true
  const short = second & 127
  if (control) return !header.fin || short > 125
  const size = rawFrameSize(octets)
  if (size === undefined || short < 126) return false
  const length = short === 126 ? BigInt(octets.readUInt16BE(2)) : octets.readBigUInt64BE(2)
  return length < (short === 126 ? 126n : 65_536n) || length >= 2n ** 63n
}

function isBadClose(body: Buffer): boolean {
  if (body.length === 0) return false
  return body.length === 1 || !isSendableStatusCode(body.readUInt16BE(0)) || !isUtf8(body.subarray(2))
}
