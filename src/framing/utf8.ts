/**
 * UTF-8: RFC 6455 §8.1 (Handling of Errors in UTF-8-Encoded Data), by the definition of RFC 3629. Decodes a text that
 * lies in one run, and checks a text that comes run by run, failing at the first octet that no valid text can have.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { transcode } from './utf8-transcoding.js'

// Above this many octets asking "is it ASCII?" first pays: bench/utf8.bench.ts, 16 KiB ASCII 0.93 us against 1.37.
const longText = 1024

// Up to 13.5 V8 takes 3 ns for each octet of what is mostly not ASCII, where transcoding by hand takes 1 to 2; from then on it has SIMD
// for it. bench/utf8.bench.ts, 1 KiB of Cyrillic 1.7 us against 3.2, from 48 octets on. 13.6 is the first with RegExp.escape.
const slowV8 = !('escape' in RegExp)
const foreignText = 48

/**
 * Decodes octets[start, end), a whole text.
 *
 * @param byHand where most of it is not ASCII.
 * @returns the text, or undefined when the octets are not UTF-8.
 */
export function decodeText(octets: Buffer, start: number, end: number, byHand = slowV8): string | undefined {
  if (end - start > longText) {
    const run = octets.subarray(start, end)
    if (isAscii(run)) return octets.toString('latin1', start, end)
    if (!isUtf8(run)) return undefined
    return byHand && isForeign(octets, start, end) ? transcode(octets, start, end) : octets.toString('utf8', start, end)
  }
  if (byHand && isForeign(octets, start, end)) {
    return isUtf8(octets.subarray(start, end)) ? transcode(octets, start, end) : undefined
  }
  // Decoding first and asking only when U+FFFD turns up: bench/utf8.bench.ts, 20 octets 64 ns against 119.
  const text = octets.toString('utf8', start, end)
  if (text.includes('\ufffd') && !isUtf8(octets.subarray(start, end))) return undefined
  return text
}

/** Mostly not ASCII, by four octets of it: no more is looked at, for this is asked of each text. */
function isForeign(octets: Buffer, start: number, end: number): boolean {
  const length = end - start
  if (length < foreignText) return false
  const step = length >> 2
  const at = start + (step >> 1)
  // A sum of their highest bits.
  const high =
    (octets[at]! >> 7) + (octets[at + step]! >> 7) + (octets[at + 2 * step]! >> 7) + (octets[at + 3 * step]! >> 7)
  return high > 1
}

// Below this many octets stepping through them beats a view and a call: bench/utf8.bench.ts, 64 KiB of Chinese in runs of
// 48 octets 90 us against 199, in runs of 80 131 against 62.
const shortRun = 64

/**
 * Checks a text that comes in runs. Between runs it remembers only the code point that was cut: how many octets it still
 * needs and what the next one may be (RFC 3629 §4, the table of well-formed sequences).
 */
export class Utf8Validator {
  #needed = 0
  #lower = 0x80
  #upper = 0xbf

  /** Another validator that stands where this one stands. */
  clone(): Utf8Validator {
    const clone = new Utf8Validator()
    clone.#needed = this.#needed
    clone.#lower = this.#lower
    clone.#upper = this.#upper
    return clone
  }

  /** No code point is cut: the text may end here. */
  get complete(): boolean {
    return this.#needed === 0
  }

  /**
   * Takes in the next run, octets[start, end).
   *
   * @returns false as soon as some octet of it cannot belong to a valid text; the validator must not be used after.
   */
  push(octets: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (this.#needed > 0 && at < end) if (!this.#step(octets[at++]!)) return false
    if (end - at >= shortRun) {
      const whole = lastBoundary(octets, end)
      if (!isUtf8(octets.subarray(at, whole))) return false
      at = whole
    }
    while (at < end) if (!this.#step(octets[at++]!)) return false
    return true
  }

  #step(octet: number): boolean {
    if (this.#needed === 0) return this.#lead(octet)
    if (octet < this.#lower || octet > this.#upper) return false
    this.#needed--
    this.#lower = 0x80
    this.#upper = 0xbf
    return true
  }

  #lead(octet: number): boolean {
    if (octet < 0x80) return true
    if (octet < 0xc2 || octet > 0xf4) return false
    this.#needed = octet < 0xe0 ? 1 : octet < 0xf0 ? 2 : 3
    // Neither overlong forms (E0, F0), nor surrogates (ED), nor anything above U+10FFFF (F4).
    if (octet === 0xe0) this.#lower = 0xa0
    else if (octet === 0xf0) this.#lower = 0x90
    else if (octet === 0xed) this.#upper = 0x9f
    else if (octet === 0xf4) this.#upper = 0x8f
    return true
  }
}

/** The last place at or before `end` that is not behind the lead octet of a sequence cut by `end`. */
function lastBoundary(octets: Uint8Array, end: number): number {
  for (let back = 1; back <= 3; back++) {
    const octet = octets[end - back]!
    if (octet < 0x80) return end
    if (octet >= 0xc0) return sequenceLength(octet) > back ? end - back : end
  }
  return end
}

function sequenceLength(lead: number): number {
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
}
