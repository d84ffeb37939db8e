/**
 * What takes long and is the same for many connections (RFC 7692 §7.2.1, without context takeover) is done by all of them
 * together: whoever has a turn goes on with it, whoever comes later finds it done.
 */
import type { MessageTransform, TransformJob } from './extension.js'

export class SharedJob implements TransformJob {
  readonly #encoder: MessageTransform
  readonly #job: TransformJob
  readonly #settled: (result: Buffer | undefined) => void
  #result: Buffer | undefined
  #users = 0

  /**
   * @param encoder - whose job it is: this one's, and no connection's.
   * @param settled - told the result; or undefined when all who took part have left before there was one.
   */
  constructor(encoder: MessageTransform, job: TransformJob, settled: (result: Buffer | undefined) => void) {
    this.#encoder = encoder
    this.#job = job
    this.#settled = settled
  }

  /** One more takes part. */
  join(): void {
    this.#users++
  }

  /** One takes part no more, be it that its connection has ended. */
  leave(): void {
    this.#users--
    if (this.#users > 0 || this.#result !== undefined) return
    this.#encoder.end()
    this.#settled(undefined)
  }

  work(): Buffer | undefined {
    if (this.#result === undefined) {
      this.#result = this.#job.work()
      if (this.#result !== undefined) this.#settled(this.#result)
    }
    return this.#result
  }
}
