/** Frames, payloads and Close bodies as people read them, in a line. */
import { isUtf8 } from 'node:buffer'
import { Opcode, type Role } from '../framing/frame-header.js'
import type { RawFrame } from './raw-frame.js'

const names: ReadonlyMap<number, string> = new Map([
  [Opcode.continuation, 'continuation'],
  [Opcode.text, 'text'],
  [Opcode.binary, 'binary'],
  [Opcode.close, 'Close'],
  [Opcode.ping, 'Ping'],
  [Opcode.pong, 'Pong'],
])

/** How many octets of a payload are shown. */
const shown = 48

/** `text`, `Close`, `opcode 0xB`. */
export function opcodeText(opcode: number): string {
  return names.get(opcode) ?? `opcode 0x${opcode.toString(16).toUpperCase()}`
}

/**
 * A frame: `text FIN=0 RSV1 "Hel"`.
 *
 * @param from - who sends it; told where the masking is not what §5.1 asks of that side.
 */
export function frameText(frame: RawFrame, from: Role): string {
  const masked = frame.maskingKey !== undefined
  const fewest = frame.payloadLength <= 125n ? 0 : frame.payloadLength <= 65535n ? 2 : 8
  const parts = [
    opcodeText(frame.opcode),
    frame.fin ? '' : 'FIN=0',
    ...[4, 2, 1].map((bit, i) => ((frame.rsv & bit) === 0 ? '' : `RSV${i + 1}`)),
    masked === (from === 'client') ? '' : masked ? 'masked' : 'not masked',
    frame.lengthOctets === fewest ? '' : `with its length in ${frame.lengthOctets} octets`,
    BigInt(frame.payload.length) === frame.payloadLength ? '' : `declaring ${frame.payloadLength} octets`,
    frame.opcode === Opcode.close ? closeBodyText(frame.payload) : payloadText(frame.payload),
  ]
  return parts.filter(part => part !== '').join(' ')
}

/** A payload: `"Hello"`, `3 octets 00ff80`, `65536 octets "aaaa…"`, `(empty)`. */
export function payloadText(payload: Uint8Array): string {
  if (payload.length === 0) return '(empty)'
  const head = payload.subarray(0, shown)
  const cut = payload.length > shown
  const readable = isUtf8(cut ? wholeCharacters(head) : head)
  const size = `${payload.length} ${payload.length === 1 ? 'octet' : 'octets'}`
  if (!readable) return `${size} ${Buffer.from(head).toString('hex')}${cut ? '…' : ''}`
  const text = JSON.stringify(Buffer.from(wholeCharacters(head)).toString())
  return cut ? `${size} ${text.slice(0, -1)}…"` : text
}

/** The body of a Close frame: `1002 "why"`, `without a status code`. */
export function closeBodyText(body: Uint8Array): string {
  if (body.length === 0) return 'without a status code'
  if (body.length === 1) return `with a body of one octet ${Buffer.from(body).toString('hex')}`
  const code = Buffer.from(body).readUInt16BE(0)
  return body.length === 2 ? String(code) : `${code} ${payloadText(body.subarray(2))}`
}

/** Without a character that was cut at the end: UTF-8 continues with 10xxxxxx, at most three times. */
function wholeCharacters(octets: Uint8Array): Uint8Array {
  for (let back = 1; back <= 4 && back <= octets.length; back++) {
    const octet = octets[octets.length - back]!
    if ((octet & 0xc0) === 0x80) continue
    const length = octet < 0x80 ? 1 : octet < 0xe0 ? 2 : octet < 0xf0 ? 3 : 4
    return length > back ? octets.subarray(0, octets.length - back) : octets
  }
  return octets
}
