/** Replies that are compared octet by octet before anything is measured. */
import type { Exchange } from './exchange.js'
import type { Link } from './link.js'

/** Resolves when the replies to `count` messages, beginning with number `first`, have come and are right to the octet. */
export function verifiedReplies(link: Link, exchange: Exchange, first: number, count: number): Promise<void> {
  const chunks: Buffer[] = []
  let missing = count * exchange.replyLength
  return new Promise((resolve, reject) => {
    link.onOctets = (chunk, length) => {
      chunks.push(Buffer.from(chunk.subarray(0, length)))
      missing -= length
      if (missing > 0) return
      try {
        exchange.verify(Buffer.concat(chunks), first)
        resolve()
      } catch (error) {
        reject(error as Error)
      }
    }
  })
}
