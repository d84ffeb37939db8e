/** Who waits for what was sent to leave: RFC 6455 §6.1 says when a message has been formed; this tells when it is gone. */
import type { Connection } from '../connection/connection.js'
import { TransportError } from '../errors.js'
import { rejectionHeard } from './rejection-heard.js'

interface Flush {
  readonly outputEnd: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export class Flushes {
  readonly #connection: Connection
  #waiting: Flush[] = []

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** Resolves when all that was handed over before has left; rejects with a TransportError if the connection ends before. */
  add(): Promise<void> {
    const { outputEnd } = this.#connection
    if (this.#connection.hasLeft(outputEnd)) return Promise.resolve()
    const flushed = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ outputEnd, resolve, reject })
    })
    if (this.#connection.state === 'closed') this.end()
    return rejectionHeard(flushed)
  }

  /** Octets have left. */
  check(): void {
    const waiting = this.#waiting
    this.#waiting = waiting.filter(({ outputEnd }) => !this.#connection.hasLeft(outputEnd))
    for (const flush of waiting) if (this.#connection.hasLeft(flush.outputEnd)) flush.resolve()
  }

  /** No octet will leave any more. */
  end(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { reject } of waiting) {
      reject(new TransportError('WS_FLUSH_INCOMPLETE', 'the connection ended before all octets had left'))
    }
  }
}
