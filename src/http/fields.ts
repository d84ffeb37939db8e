/**
 * Header fields: RFC 9110 §5. An ordered list of lines; names are compared without regard to case and may repeat. It
 * is a list and no object, so that `__proto__` or `constructor` are names like any other.
 *
 * The lines are kept as one text, and where names and values are in it; of names and values no copies are made but those
 * that are asked for. A handshake asks for six or so of what may be thirty.
 */

/** Header fields in the order of their lines. */
export class Fields implements Iterable<readonly [name: string, value: string]> {
  /** Each line with its CRLF. */
  #text = ''
  /** For each line, where in the text it begins, has its colon, and ends before its CRLF. */
  #places: number[] = []

  /** How many lines there are; a repeated name counts each time. */
  get size(): number {
    return this.#places.length / 3
  }

  /** Adds a line after the others. The caller has checked name and value. */
  append(name: string, value: string): void {
    const start = this.#text.length
    const colon = start + name.length
    this.#places.push(start, colon, colon + 1 + value.length)
    this.#text += `${name}:${value}\r\n`
  }

  /** Is there a line of this name? */
  has(name: string): boolean {
    return this.#find(name.toLowerCase(), 0) !== -1
  }

  /** How many lines bear this name. */
  count(name: string): number {
    const key = name.toLowerCase()
    let count = 0
    for (let at = this.#find(key, 0); at !== -1; at = this.#find(key, at + 3)) count++
    return count
  }

  /** The value of this name; repeated lines joined by `, ` (RFC 9110 §5.2); undefined when there is none. */
  get(name: string): string | undefined {
    const key = name.toLowerCase()
    const first = this.#find(key, 0)
    if (first === -1) return undefined
    let value = this.#value(first)
    for (let at = this.#find(key, first + 3); at !== -1; at = this.#find(key, at + 3)) value += `, ${this.#value(at)}`
    return value
  }

  /** @internal The value of the only line of this name, in lower case: null when there are more, undefined when there is none. */
  only(key: string): string | null | undefined {
    const first = this.#find(key, 0)
    if (first === -1) return undefined
    return this.#find(key, first + 3) === -1 ? this.#value(first) : null
  }

  /** The values of all lines of this name, in order. */
  getAll(name: string): string[] {
    const key = name.toLowerCase()
    const values: string[] = []
    for (let at = this.#find(key, 0); at !== -1; at = this.#find(key, at + 3)) values.push(this.#value(at))
    return values
  }

  /** Lines in order, names as received. */
  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (let at = 0; at < this.#places.length; at += 3) yield [this.#name(at), this.#value(at)]
  }

  /** @internal The lines as one text, each with its CRLF: all there is to know, in the least room. */
  get text(): string {
    return this.#text
  }

  /**
   * @internal These lines and no others.
   *
   * @param text - lines that conform (RFC 9112 §5), each with its CRLF.
   * @param places - for each line where it begins, has its colon, and ends before its CRLF; looked for unless given.
   */
  fill(text: string, places: number[] = placesIn(text)): void {
    this.#text = text
    this.#places = places
  }

  /** The first line of this name, in lower case, from this one on; -1 when there is none. */
  #find(key: string, from: number): number {
    const places = this.#places
    for (let at = from; at < places.length; at += 3) {
      const start = places[at]!
      if (places[at + 1]! - start === key.length && standsAt(this.#text, start, key)) return at
    }
    return -1
  }

  #name(at: number): string {
    return this.#text.slice(this.#places[at]!, this.#places[at + 1]!)
  }

  /** White space around a value is not part of it (RFC 9112 §5.1). */
  #value(at: number): string {
    const text = this.#text
    let from = this.#places[at + 1]! + 1
    let to = this.#places[at + 2]!
    while (from < to && isWhiteSpace(text.charCodeAt(from))) from++
    while (to > from && isWhiteSpace(text.charCodeAt(to - 1))) to--
    return text.slice(from, to)
  }
}

/** Does `key`, in lower case, stand there in any case? */
function standsAt(text: string, start: number, key: string): boolean {
  for (let i = 0; i < key.length; i++) {
    const code = text.charCodeAt(start + i)
    const lower = code >= 0x41 && code <= 0x5a ? code + 0x20 : code
    if (lower !== key.charCodeAt(i)) return false
  }
  return true
}

function placesIn(text: string): number[] {
  const places: number[] = []
  for (let at = 0; at < text.length; ) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r', colon)
    places.push(at, colon, end)
    at = end + 2
  }
  return places
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
