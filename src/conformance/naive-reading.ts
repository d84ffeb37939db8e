/**
 * What octets come to when they are read as RFC 6455 says, naively: the messages in them, and where they break a rule. It
 * says what an endpoint must make of a mutated session.
 */
import { isUtf8 } from 'node:buffer'
import { Opcode, type Role } from '../framing/frame-header.js'
import { isSendableStatusCode } from '../status-code.js'
import { type RawFrame, readRawFrame } from './raw-frame.js'

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
    const read = readRawFrame(rest)
    // Whether a frame is refused by its header or once it is whole is an endpoint's own choice.
    if (read === undefined) return ended('within')
    if (isBadHeader(read.frame, tested)) return ended('violation')
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

/** §5.1, §5.2, §5.5. */
function isBadHeader({ fin, rsv, opcode, maskingKey, lengthOctets, payloadLength }: RawFrame, tested: Role): boolean {
  const control = opcode >= 0x8
  if (rsv !== 0 || (opcode > 0x2 && !control) || opcode > 0xa) return true
  if ((maskingKey !== undefined) !== (tested === 'server')) return true
  if (control && (!fin || payloadLength > 125n)) return true
  return lengthOctets > 0 && payloadLength < (lengthOctets === 2 ? 126n : 65_536n)
}

function isBadClose(body: Buffer): boolean {
  if (body.length === 0) return false
  return body.length === 1 || !isSendableStatusCode(body.readUInt16BE(0)) || !isUtf8(body.subarray(2))
}
