/**
 * Counts the steps of a parser exactly, whatever the machine: octets and text that count how often they are read. A method
 * that goes over a run (copy, toString) counts the length of the run.
 */

/** Counts what is read of everything that was made with it. */
export class Reads {
  count = 0

  /** A buffer that behaves like `octets` and counts. */
  octets(octets: Buffer): Buffer {
    const add = (steps: number) => {
      this.count += steps
    }
    return new Proxy(octets, {
      get(target, key) {
        if (typeof key === 'string' && key >= '0' && key <= '9~') {
          add(1)
          return target[Number(key)]
        }
        const value: unknown = Reflect.get(target, key, target)
        if (typeof value !== 'function') return value
        return (...given: unknown[]) => {
          add(key === 'copy' || key === 'toString' ? runLength(target.length, key, given) : 1)
          return Reflect.apply(value, target, given) as unknown
        }
      },
      set(target, key, value) {
        add(1)
        return Reflect.set(target, key, value, target)
      },
    })
  }

  /** A text that behaves like the string and counts. */
  text(text: string): string {
    return new CountedText(text, this) as unknown as string
  }
}

/** How long a run copy(target, at, start, end) or toString(encoding, start, end) goes over. */
function runLength(length: number, key: string | symbol, given: readonly unknown[]): number {
  const [first, second] = key === 'copy' ? [given[2], given[3]] : [given[1], given[2]]
  const start = typeof first === 'number' ? first : 0
  const end = typeof second === 'number' ? Math.min(second, length) : length
  return Math.max(1, end - start)
}

class CountedText extends String {
  readonly #reads: Reads

  constructor(text: string, reads: Reads) {
    super(text)
    this.#reads = reads
  }

  override charCodeAt(at: number): number {
    this.#reads.count++
    return super.charCodeAt(at)
  }

  override slice(start?: number, end?: number): string {
    const cut = super.slice(start, end)
    this.#reads.count += cut.length
    return cut
  }

  override indexOf(search: string, from = 0): number {
    const found = super.indexOf(search, from)
    this.#reads.count += (found === -1 ? this.length : found) - from + 1
    return found
  }
}
