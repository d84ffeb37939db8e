/** What the messages of a load are made of: text that repeats, and octets by chance, which no compression makes fewer. */
import { randomFillSync } from 'node:crypto'

const filling = 'The quick brown fox jumps over the lazy dog. '

/** Octets of all of them together: twice what a window of permessage-deflate holds, so that none is still in it. */
const enough = 2 * 32_768

/** Messages of one octet have numbers up to this. */
const fewestNumbers = 64

/** Chance and filling take turns in pieces of this. */
const piece = 64

/** Six bits in each octet. */
const letters = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')

/**
 * The payloads that messages take turns with; how many is a power of two.
 *
 * @param random - the share of octets that are by chance, from 0 to 1; with none, one payload is enough.
 * @param text - those are letters, of which compression still takes a quarter.
 */
export function payloadsOf(size: number, random: number, text: boolean): readonly Buffer[] {
  if (random === 0 || size === 0) return [Buffer.alloc(size, filling)]
  const count = Math.min(fewestNumbers ** size, 2 ** Math.ceil(Math.log2(Math.max(1, enough / size))))
  return Array.from({ length: count }, () => {
    const payload = Buffer.alloc(size, filling)
    const chance = randomFillSync(Buffer.allocUnsafe(Math.ceil(size * random)))
    if (text) for (const [at, octet] of chance.entries()) chance[at] = letters[octet & 63]!
    let used = 0
    for (let at = 0; at < size; at += piece) {
      // As many as make it so many of all until here.
      const until = Math.round(Math.min(size, at + piece) * random)
      chance.copy(payload, at, used, until)
      used = until
    }
    return payload
  })
}
