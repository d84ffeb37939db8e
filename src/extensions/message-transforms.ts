/**
 * The extensions of one connection, applied in the order that was agreed on: RFC 6455 §9.1 ("the order in which they are
 * listed"), §5.2 (the RSV bits), RFC 7692 §6. What is sent goes through the first one first; what is received, last.
 */
import type { AgreedExtension, MessageTransform, OutgoingMessage, TransformJob } from './extension.js'

/** One extension on the way. */
interface Stage {
  readonly transform: MessageTransform
  readonly rsv: number
}

const nobody: readonly Stage[] = []

export class MessageTransforms {
  /** The RSV bits that may be set on the first frame of a message. */
  readonly claimedRsv: number
  /** See MessageTransform. */
  readonly releaseAfter: number
  /** The RSV bits of the message that is being sent: meant once {@link encode} has come to a result. */
  rsv = 0
  readonly #stages: readonly Stage[]
  /** One claims no bits: it has to do with every message. */
  readonly #unmarked: boolean
  /** The ones that the message being sent goes through: its first fragment has shown which. */
  #applied: readonly Stage[] = nobody

  /** @returns undefined where no extension transforms messages. */
  static of(role: 'client' | 'server', agreed: readonly AgreedExtension[]): MessageTransforms | undefined {
    if (agreed.length === 0) return undefined
    const found = agreed.flatMap(({ extension, parameters }): Stage[] => {
      const transform = extension.transform?.(role, parameters)
      return transform === undefined ? [] : [{ transform, rsv: extension.rsv }]
    })
    // A list that has grown has room for more, in every connection.
    return found.length === 0 ? undefined : new MessageTransforms([...found])
  }

  private constructor(stages: readonly Stage[]) {
    this.#stages = stages
    this.#unmarked = stages.some(({ rsv }) => rsv === 0)
    this.claimedRsv = stages.reduce((bits, { rsv }) => bits | rsv, 0)
    this.releaseAfter = Math.min(...stages.map(({ transform }) => transform.releaseAfter))
  }

  /** See MessageTransform. */
  get pinned(): number {
    let sum = 0
    for (const { transform } of this.#stages) sum += transform.pinned
    return sum
  }

  /** Some extension has to do with a message that was received with these RSV bits. */
  appliesTo(rsv: number): boolean {
    return this.#unmarked || rsv !== 0
  }

  /** See MessageTransform; the result goes out with {@link rsv} on its first frame. */
  encode(octets: Buffer, message: OutgoingMessage): Buffer | TransformJob {
    const stages = message.first ? this.#stages : this.#applied
    if (message.first) {
      this.rsv = 0
      this.#applied = nobody
    }
    if (stages.length !== 1) return new Passage(stages, octets, message, this).run()
    const stage = stages[0]!
    const result = stage.transform.encode(octets, message)
    if (!Buffer.isBuffer(result)) return new Passage(stages, octets, message, this, result)
    if (message.first && result !== octets) this.apply(stage)
    return result
  }

  /** The stage has made something else of the first fragment of the message being sent. */
  apply(stage: Stage): void {
    this.rsv |= stage.rsv
    this.#applied = this.#stages.length === 1 ? this.#stages : this.#applied.concat(stage)
  }

  /**
   * See MessageTransform.
   *
   * @param rsv - the RSV bits of the message's first frame.
   */
  decode(octets: Buffer, rsv: number, limit: number): Buffer | TransformJob {
    // One alone has something to do with it, or nobody would be asked.
    if (this.#stages.length === 1) return this.#stages[0]!.transform.decode(octets, limit)
    const stages = this.#stages.filter(stage => (stage.rsv & rsv) === stage.rsv).reverse()
    return new Passage(stages, octets, limit).run()
  }

  /** See MessageTransform. */
  release(): void {
    for (const { transform } of this.#stages) transform.release()
  }

  /** See MessageTransform. */
  end(): void {
    for (const { transform } of this.#stages) transform.end()
  }
}

/** A message on its way through the extensions: to be sent, or received, with the limit that it has. */
class Passage implements TransformJob {
  readonly #stages: readonly Stage[]
  readonly #about: OutgoingMessage | number
  readonly #sender: MessageTransforms | undefined
  #octets: Buffer
  #next = 0
  #job: TransformJob | undefined

  /**
   * @param sender - told of each stage that has made something else of a first fragment.
   * @param begun - what the first stage is at already.
   */
  constructor(
    stages: readonly Stage[],
    octets: Buffer,
    about: OutgoingMessage | number,
    sender?: MessageTransforms,
    begun?: TransformJob,
  ) {
    this.#stages = stages
    this.#octets = octets
    this.#about = about
    this.#sender = sender
    this.#job = begun
  }

  /** As far as it goes at once. */
  run(): Buffer | TransformJob {
    return this.work() ?? this
  }

  work(): Buffer | undefined {
    while (this.#next < this.#stages.length) {
      const stage = this.#stages[this.#next]!
      const own = this.#job !== undefined
      const result = this.#job === undefined ? this.#start(stage) : this.#job.work()
      if (result === undefined) return undefined
      if (!Buffer.isBuffer(result)) {
        this.#job = result
        return undefined
      }
      this.#job = undefined
      this.#next++
      if (result === this.#octets) continue
      if (typeof this.#about === 'object' && this.#about.first) this.#sender!.apply(stage)
      // A view may not last until the next one is done with it, nor is it what a job gives.
      this.#octets = own ? result : Buffer.from(result)
    }
    return this.#octets
  }

  #start({ transform }: Stage): Buffer | TransformJob {
    const about = this.#about
    if (typeof about === 'number') return transform.decode(this.#octets, about)
    // What comes from the stage before may be this connection's alone.
    return transform.encode(this.#octets, this.#next === 0 ? about : { ...about, encodings: undefined })
  }
}
