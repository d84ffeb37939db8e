/** How a connection has ended (RFC 6455 §7.1.4 to §7.1.6), for those who ask before and for those who ask behind. */
import type { CloseRecord } from '../connection/close-record.js'
import type { StreamAddresses } from '../transport/stream-addresses.js'

export class Outcome {
  /** Undefined until the connection is closed. */
  record: CloseRecord | undefined
  /** As they were when the end began: a stream that is destroyed has none. */
  addresses: StreamAddresses | undefined
  #promise: Promise<CloseRecord> | undefined
  #resolve: ((record: CloseRecord) => void) | undefined

  /** Resolves with the record; never rejects. */
  get promise(): Promise<CloseRecord> {
    this.#promise ??= new Promise(resolve => {
      if (this.record === undefined) this.#resolve = resolve
      else resolve(this.record)
    })
    return this.#promise
  }

  /** The connection is closed. */
  settle(record: CloseRecord): void {
    this.record = record
    this.#resolve?.(record)
  }
}
