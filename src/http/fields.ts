/**
 * Header fields: RFC 9110 §5. An ordered list of lines; names are compared without regard to case and may repeat. It
 * is a list and no object, so that `__proto__` or `constructor` are names like any other.
 */

/** Header fields in the order of their lines. */
export class Fields implements Iterable<readonly [name: string, value: string]> {
  readonly #names: string[] = []
  readonly #keys: string[] = []
  readonly #values: string[] = []

  /** How many lines there are; a repeated name counts each time. */
  get size(): number {
    return this.#names.length
  }

  /** Adds a line after the others. The caller has checked name and value. */
  append(name: string, value: string): void {
    this.#names.push(name)
    this.#keys.push(name.toLowerCase())
    this.#values.push(value)
  }

  /** Is there a line of this name? */
  has(name: string): boolean {
    return this.#keys.includes(name.toLowerCase())
  }

  /** How many lines bear this name. */
  count(name: string): number {
    const key = name.toLowerCase()
    let count = 0
    for (const other of this.#keys) if (other === key) count++
    return count
  }

  /** The value of this name; repeated lines joined by `, ` (RFC 9110 §5.2); undefined when there is none. */
  get(name: string): string | undefined {
    const key = name.toLowerCase()
    const first = this.#keys.indexOf(key)
    if (first === -1) return undefined
    let value = this.#values[first]!
    for (let at = first + 1; at < this.#keys.length; at++) {
      if (this.#keys[at] === key) value += `, ${this.#values[at]}`
    }
    return value
  }

  /** The values of all lines of this name, in order. */
  getAll(name: string): string[] {
    const key = name.toLowerCase()
    return this.#values.filter((_, at) => this.#keys[at] === key)
  }

  /** Lines in order, names as received. */
  *[Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    for (let at = 0; at < this.#names.length; at++) yield [this.#names[at]!, this.#values[at]!]
  }
}
