/** From UTF-8 to UTF-16 by hand, for versions of V8 that are slower. */

/** What is transcoded at a time: a long text becomes several strings, joined. */
const pieceOctets = 16_384

/** The longest that one code point becomes. */
const pairOctets = 4

const memory = Buffer.allocUnsafeSlow(pieceOctets)
const units = new DataView(memory.buffer)

/**
 * Octets[start, end) as a string. They must be valid UTF-8 (nothing is checked), and at least one.
 *
 * @param size of the pieces, in octets of UTF-16; at least 4.
 */
export function transcode(octets: Uint8Array, start: number, end: number, size = pieceOctets): string {
  let text = ''
  let from = start
  while (from < end) {
    let to = 0
    while (from < end && to <= size - pairOctets) {
      const lead = octets[from++]!
      if (lead < 0x80) {
        units.setUint16(to, lead, true)
      } else if (lead < 0xe0) {
        units.setUint16(to, ((lead & 0x1f) << 6) | (octets[from++]! & 0x3f), true)
      } else if (lead < 0xf0) {
        units.setUint16(to, ((lead & 0x0f) << 12) | ((octets[from]! & 0x3f) << 6) | (octets[from + 1]! & 0x3f), true)
        from += 2
      } else {
        const high = ((lead & 0x07) << 18) | ((octets[from]! & 0x3f) << 12)
        const above = (high | ((octets[from + 1]! & 0x3f) << 6) | (octets[from + 2]! & 0x3f)) - 0x10000
        units.setUint16(to, 0xd800 | (above >> 10), true)
        units.setUint16(to + 2, 0xdc00 | (above & 0x3ff), true)
        from += 3
        to += 2
      }
      to += 2
    }
    text += memory.toString('utf16le', 0, to)
  }
  return text
}
