/**
 * DEFLATE as RFC 1951 §3 writes it down, bit by bit, and messages as RFC 7692 §7.2.2 cuts it into: the twin of
 * src/extensions/deflate.ts, for a window of 32 KiB.
 */

/** What comes of the messages, one after the other, until one fails: octets, or the status code. */
export function inflateMessages(messages: readonly Buffer[], limit: number): (Buffer | 1007 | 1009)[] {
  const stream = new NaiveInflater(limit)
  const results: (Buffer | 1007 | 1009)[] = []
  for (const message of messages) {
    try {
      results.push(message.length === 0 ? message : stream.message(message))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      results.push(error.code)
      break
    }
  }
  return results
}

class Failure extends Error {
  readonly code: 1007 | 1009

  constructor(code: 1007 | 1009) {
    super(`fails with ${code}`)
    this.code = code
  }
}

const corrupt = () => new Failure(1007)

const tail = Buffer.from([0, 0, 0xff, 0xff])

// §3.2.5: least length and extra bits of the codes 257 to 285, least distance and extra bits of the codes 0 to 29.
const lengths = [...ranges(3, [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5])]
lengths.push({ least: 258, extra: 0 })
const distances = [...ranges(1, [0, 0, ...Array.from({ length: 28 }, (_, code) => code >> 1)])]

// §3.2.7
const lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

// §3.2.6
const fixedLengths = Array.from({ length: 288 }, (_, code) => (code < 144 ? 8 : code < 256 ? 9 : code < 280 ? 7 : 8))

interface Span {
  readonly least: number
  readonly extra: number
}

function* ranges(first: number, extras: readonly number[]): Generator<Span> {
  let least = first
  for (const extra of extras) {
    yield { least, extra }
    least += 2 ** extra
  }
}

/** §3.2.2: codes by their bits, `101` as text. */
type Codes = ReadonlyMap<string, number>

class NaiveInflater {
  readonly #limit: number
  /** Bits that have not been read, and what the last message has left of them: fewer than 8. */
  #octets: Buffer = Buffer.alloc(0)
  #at = 0
  /** All that this stream has given. */
  #history: number[] = []
  #given = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  message(octets: Buffer): Buffer {
    // What is left of the octet before stays in front.
    const kept = this.#at % 8 === 0 ? Buffer.alloc(0) : this.#octets.subarray(-1)
    this.#octets = Buffer.concat([kept, octets, tail])
    this.#at %= 8
    const end = 8 * (kept.length + octets.length)
    const begin = this.#history.length
    const before: number[] = []
    let start = begin
    this.#given = 0
    for (;;) {
      if (this.#at + 3 > end) throw corrupt()
      const final = this.#bits(1) === 1
      this.#block(this.#bits(2), end)
      if (final) this.#at = 8 * Math.ceil(this.#at / 8)
      const inTail = this.#at > end
      const stops = inTail && Math.ceil(this.#at / 8) === this.#octets.length
      if (inTail && !stops) throw corrupt()
      if (final) {
        before.push(...this.#history.slice(start))
        this.#history = []
        start = 0
      }
      if (stops) return Buffer.from([...before, ...this.#history.slice(start)])
    }
  }

  #block(type: number, end: number): void {
    if (type === 0) this.#stored(end)
    else if (type === 1) this.#compressed(codesOf(fixedLengths), codesOf(Array(32).fill(5)), end)
    else if (type === 2) this.#dynamic(end)
    else throw corrupt()
  }

  /** §3.2.4 */
  #stored(end: number): void {
    this.#at = 8 * Math.ceil(this.#at / 8)
    const length = this.#bits(16)
    if (length + this.#bits(16) !== 0xffff) throw corrupt()
    for (let left = length; left > 0; left--) this.#give(this.#bits(8), end)
  }

  /** §3.2.7 */
  #dynamic(end: number): void {
    const [literals, spans, count] = [this.#bits(5) + 257, this.#bits(5) + 1, this.#bits(4) + 4]
    if (literals > 286 || spans > 30) throw corrupt()
    const own: number[] = Array(19).fill(0)
    for (const code of lengthOrder.slice(0, count)) own[code] = this.#bits(3)
    if (unused(own) !== 0) throw corrupt()
    const codes = codesOf(own)
    const all: number[] = []
    while (all.length < literals + spans) {
      const code = this.#code(codes)
      if (code < 16) all.push(code)
      else if (code === 16) {
        const last = all.at(-1)
        if (last === undefined) throw corrupt()
        repeat(all, last, 3 + this.#bits(2))
      } else repeat(all, 0, code === 17 ? 3 + this.#bits(3) : 11 + this.#bits(7))
    }
    if (all.length > literals + spans || all[256] === 0) throw corrupt()
    const [forLiterals, forSpans] = [all.slice(0, literals), all.slice(literals)]
    for (const some of [forLiterals, forSpans]) {
      // One code of one bit may leave the other unused; no distances at all are fine where there are only literals.
      const left = unused(some)
      if (left < 0 || (left > 0 && Math.max(...some) > 1)) throw corrupt()
    }
    this.#compressed(codesOf(forLiterals), codesOf(forSpans), end)
  }

  /** §3.2.3 */
  #compressed(literals: Codes, spans: Codes, end: number): void {
    for (;;) {
      const code = this.#code(literals)
      if (code === 256) return
      if (code < 256) {
        this.#give(code, end)
        continue
      }
      const length = this.#span(lengths, code - 257)
      const distance = this.#span(distances, this.#code(spans))
      for (let left = length; left > 0; left--) {
        const octet = this.#history[this.#history.length - distance]
        if (octet === undefined) throw corrupt()
        this.#give(octet, end)
      }
    }
  }

  #span(spans: readonly Span[], code: number): number {
    const span = spans[code]
    if (span === undefined) throw corrupt()
    return span.least + this.#bits(span.extra)
  }

  #code(codes: Codes): number {
    for (let bits = ''; bits.length < 16; ) {
      bits += this.#bits(1)
      const code = codes.get(bits)
      if (code !== undefined) return code
    }
    throw corrupt()
  }

  #bits(count: number): number {
    let value = 0
    for (let bit = 0; bit < count; bit++, this.#at++) {
      const octet = this.#octets[this.#at >> 3]
      if (octet === undefined) throw corrupt()
      value += ((octet >> (this.#at & 7)) & 1) * 2 ** bit
    }
    return value
  }

  #give(octet: number, end: number): void {
    // Not of the tail: then the message was not whole.
    if (this.#at > end) throw corrupt()
    this.#given++
    if (this.#given > this.#limit) throw new Failure(1009)
    this.#history.push(octet)
  }
}

function repeat(list: number[], value: number, times: number): void {
  for (let left = times; left > 0; left--) list.push(value)
}

/** How much of all the codes there could be is not used, in codes of 15 bits; below 0: more than there are. */
function unused(lengths: readonly number[]): number {
  return lengths.reduce((left, length) => (length === 0 ? left : left - 2 ** (15 - length)), 2 ** 15)
}

/** §3.2.2 */
function codesOf(lengths: readonly number[]): Codes {
  const codes = new Map<string, number>()
  let next = 0
  for (let length = 1; length <= 15; length++, next *= 2) {
    for (const [code, its] of lengths.entries()) {
      if (its !== length) continue
      codes.set(next.toString(2).padStart(length, '0'), code)
      next++
    }
  }
  return codes
}
