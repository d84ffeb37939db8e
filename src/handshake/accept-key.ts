/**
 * The proof that the server has read the client's handshake: RFC 6455 §4.1 item 7 (Sec-WebSocket-Key) and §4.2.2
 * item 5.4 (Sec-WebSocket-Accept), with the default source of nonces.
 */
import { hash, randomFillSync } from 'node:crypto'

/** §1.3: the GUID that no endpoint would use by chance which does not understand the WebSocket Protocol. */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** 64 nonces: to draw each alone from the operating system takes a client a twentieth of its time. */
const nonces = Buffer.alloc(64 * 16)
let nextNonce = nonces.length

/** "A nonce consisting of a randomly selected 16-byte value" (§4.1): fresh octets, given to nobody else, the caller's own. */
export function randomNonce(): Buffer {
  if (nextNonce === nonces.length) {
    randomFillSync(nonces)
    nextNonce = 0
  }
  nextNonce += 16
  return Buffer.from(nonces.subarray(nextNonce - 16, nextNonce))
}

/** The value of Sec-WebSocket-Accept for this Sec-WebSocket-Key, taken as the string that it is. */
export function acceptValue(key: string): string {
  return hash('sha1', key + guid, 'base64')
}

/**
 * Is this the base64 of 16 octets (RFC 4648 §4), spelled in the one canonical way? 24 characters, the last two `==`,
 * and no stray bits in the last digit, so that it would be encoded to itself again.
 */
export function isKey(text: string): boolean {
  if (text.length !== 24 || text[22] !== '=' || text[23] !== '=') return false
  for (let i = 0; i < 22; i++) if (!isBase64Digit(text.charCodeAt(i))) return false
  const last = text[21]
  return last === 'A' || last === 'Q' || last === 'g' || last === 'w'
}

function isBase64Digit(code: number): boolean {
  const letter = code | 0x20
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2f
}
