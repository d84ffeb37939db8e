/** Counts the octets that are set aside with Buffer.alloc and Buffer.allocUnsafeSlow while something runs. */
const { alloc, allocUnsafeSlow } = Buffer

export class Allocations {
  octets = 0

  /** Runs `work`; what it sets aside is added to {@link octets}. Must not be nested. */
  during<Result>(work: () => Result): Result {
    Buffer.alloc = (size, ...more: [never?, never?]) => {
      this.octets += size
      return alloc(size, ...more)
    }
    Buffer.allocUnsafeSlow = size => {
      this.octets += size
      return allocUnsafeSlow(size)
    }
    try {
      return work()
    } finally {
      Buffer.alloc = alloc
      Buffer.allocUnsafeSlow = allocUnsafeSlow
    }
  }
}
