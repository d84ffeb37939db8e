/**
 * Header fields: RFC 9110 §5. An ordered list of lines; names are compared without regard to case and may repeat. It
 * is a list and no object, so that `__proto__` or `constructor` are names like any other.
 *
 * What was received is kept as the text that it was, and taken apart when it is asked for: a connection keeps its request,
 * and hardly ever looks at it again.
 */

/** Header fields in the order of their lines. */
export class Fields implements Iterable<readonly [name: string, value: string]> {
  /** Lines that have been checked, each with its CRLF; undefined where the lines were appended one by one. */
  #text: string | undefined = ''
  #names: string[] | undefined
  #values: string[] = []

  /** How many lines there are; a repeated name counts each time. */
  get size(): number {
    return this.#lines().length
  }

  /** Adds a line after the others. The caller has checked name and value. */
  append(name: string, value: string): void {
    this.#lines().push(name)
    this.#values.push(value)
    this.#text = undefined
  }

  /** Is there a line of this name? */
  has(name: string): boolean {
    return this.#find(name.toLowerCase(), 0) !== -1
  }

  /** How many lines bear this name. */
  count(name: string): number {
    const key = name.toLowerCase()
    let count = 0
    for (let at = this.#find(key, 0); at !== -1; at = this.#find(key, at + 1)) count++
    return count
  }

  /** The value of this name; repeated lines joined by `, ` (RFC 9110 §5.2); undefined when there is none. */
  get(name: string): string | undefined {
    const key = name.toLowerCase()
    const first = this.#find(key, 0)
    if (first === -1) return undefined
    let value = this.#values[first]!
    for (let at = this.#find(key, first + 1); at !== -1; at = this.#find(key, at + 1)) value += `, ${this.#values[at]}`
    return value
  }

  /** The values of all lines of this name, in order. */
  getAll(name: string): string[] {
    const key = name.toLowerCase()
    const values: string[] = []
    for (let at = this.#find(key, 0); at !== -1; at = this.#find(key, at + 1)) values.push(this.#values[at]!)
    return values
  }

  /** Lines in order, names as received. */
  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    const names = this.#lines()
    for (let at = 0; at < names.length; at++) yield [names[at]!, this.#values[at]!]
  }

  /** @internal These lines and no others: as received, each with its CRLF; the head reader has checked them (RFC 9112 §5). */
  fill(text: string): void {
    this.#text = text
    this.#names = undefined
  }

  /** @internal The lines as text, each with its CRLF, to {@link Fields.fill} others with: smaller by far. */
  get text(): string {
    return this.#text ?? Array.from(this, ([name, value]) => `${name}: ${value}\r\n`).join('')
  }

  /** The first line of this name, in lower case, from this one on; -1 when there is none. */
  #find(key: string, from: number): number {
    const names = this.#lines()
    for (let at = from; at < names.length; at++) {
      const name = names[at]!
      if (name.length === key.length && name.toLowerCase() === key) return at
    }
    return -1
  }

  /** The names, after the lines have been taken apart. */
  #lines(): string[] {
    if (this.#names !== undefined) return this.#names
    const names: string[] = []
    const values: string[] = []
    const text = this.#text!
    for (let at = 0; at < text.length; ) {
      const colon = text.indexOf(':', at)
      const end = text.indexOf('\r', colon)
      names.push(text.slice(at, colon))
      values.push(trimmed(text, colon + 1, end))
      at = end + 2
    }
    this.#names = names
    this.#values = values
    return names
  }
}

/** White space around a value is not part of it (RFC 9112 §5.1). */
function trimmed(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isWhiteSpace(text.charCodeAt(from))) from++
  while (to > from && isWhiteSpace(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
