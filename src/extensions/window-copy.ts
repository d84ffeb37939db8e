/**
 * Asks an inflater for its window, which zlib has no other way to tell in Node: compressed octets (RFC 1951 §3.2.6, fixed
 * codes) that say nothing but "copy what was so many octets ago".
 */

/** The longest copy that there is, and its code. */
const longest = 258
const longestCode = 0b11000101

/**
 * What inflates to the last `size` octets that an inflater has given, and then some of them again.
 *
 * @param size - 1 to 32,768: no more than it has.
 */
export function copyOfWindow(size: number): Buffer {
  const copies = Math.ceil(size / longest)
  const { code, extra, extraBits } = distance(size)
  const octets = Buffer.alloc(Math.ceil((3 + copies * (8 + 5 + extraBits)) / 8))
  let at = 0
  const write = (value: number, bits: number) => {
    for (let bit = 0; bit < bits; bit++, at++) octets[at >> 3]! |= ((value >> bit) & 1) << (at & 7)
  }
  // Not the final block; fixed codes.
  write(0b010, 3)
  for (let copy = 0; copy < copies; copy++) {
    write(reversed(longestCode, 8), 8)
    write(reversed(code, 5), 5)
    write(extra, extraBits)
  }
  return octets
}

/** §3.2.5: the code of a distance, and the bits that go with it. */
function distance(octets: number): { code: number; extra: number; extraBits: number } {
  const from = octets - 1
  if (from < 4) return { code: from, extra: 0, extraBits: 0 }
  const extraBits = 30 - Math.clz32(from)
  return { code: 2 * extraBits + (from >> extraBits), extra: from & (2 ** extraBits - 1), extraBits }
}

/** §3.1.1: codes stand the other way round. */
function reversed(code: number, bits: number): number {
  let result = 0
  for (let bit = 0; bit < bits; bit++) result |= ((code >> bit) & 1) << (bits - 1 - bit)
  return result
}
