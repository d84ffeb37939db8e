/**
 * Deflaters for connections that keep their window from message to message, in no more memory than is allowed to all of
 * them. A sender may forget its window whenever it likes, and the peer need not know: so where memory is short, who has
 * none takes over that of a connection which has sent nothing for longest (nearly: it is asked in turn, and let off once
 * if it has). Memory that is given back would not do instead: what one message of each connection has taken from the
 * system at the same time, the process seldom returns (bench/servers, "deflate idle").
 */
import { type Compression, createDeflater, type Deflater, deflaterSize } from './deflate.js'

/** A connection that has one. */
export interface DeflaterHolder {
  /**
   * Gives its deflater up.
   *
   * @returns undefined where it will not: it is in the middle of a message, or has sent one since it was last asked.
   */
  yieldDeflater(): Deflater | undefined
}

export class KeptDeflaters {
  readonly #maxSize: number
  #size = 0
  /** Who has one, of which kind; who is asked first stands first. */
  readonly #holders = new Map<DeflaterHolder, Compression>()

  /** @param maxSize - octets for all of them; one there is in any case, and one for each message under way. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  /** One without a window; `holder` has it until it yields it, or says that it is gone. */
  take(holder: DeflaterHolder, compression: Compression): Deflater {
    const size = deflaterSize(compression)
    let found: Deflater | undefined
    const isShort = () => this.#holders.size > 0 && this.#size + size > this.#maxSize
    for (let times = 2 * this.#holders.size; times > 0 && isShort(); times--) {
      const [asked, itsCompression] = this.#holders.entries().next().value!
      this.#holders.delete(asked)
      const deflater = asked.yieldDeflater()
      if (deflater === undefined) {
        this.#holders.set(asked, itsCompression)
        continue
      }
      this.#size -= deflaterSize(itsCompression)
      if (found === undefined && isSame(compression, itsCompression)) found = deflater
      else deflater.close()
    }
    this.#size += size
    this.#holders.set(holder, compression)
    found?.reset()
    return found ?? createDeflater(compression)
  }

  /** The holder has closed it. */
  gone(holder: DeflaterHolder): void {
    const compression = this.#holders.get(holder)
    if (compression === undefined) return
    this.#holders.delete(holder)
    this.#size -= deflaterSize(compression)
  }
}

function isSame(one: Compression, other: Compression): boolean {
  return one.windowBits === other.windowBits && one.level === other.level && one.memLevel === other.memLevel
}
