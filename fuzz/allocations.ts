/** Counts the octets that are set aside with Buffer.alloc and Buffer.allocUnsafeSlow while something runs. */
const { alloc, allocUnsafeSlow } = Buffer

export class Allocations {
  octets = 0
  readonly #except: number

  /** @param except - a size that does not count: that of a slab, for output is bounded elsewhere. */
  constructor(except = -1) {
    this.#except = except
  }

  /** Runs `work`; what it sets aside is added to {@link octets}. Must not be nested. */
  during<Result>(work: () => Result): Result {
    Buffer.alloc = (size, ...more: [never?, never?]) => {
      this.#count(size)
      return alloc(size, ...more)
    }
    Buffer.allocUnsafeSlow = size => {
      this.#count(size)
      return allocUnsafeSlow(size)
    }
    try {
      return work()
    } finally {
      Buffer.alloc = alloc
      Buffer.allocUnsafeSlow = allocUnsafeSlow
    }
  }

  #count(size: number): void {
    if (size !== this.#except) this.octets += size
  }
}
