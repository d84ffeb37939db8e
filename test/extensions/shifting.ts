/** A toy extension, as a user might write one: it adds 1 to every octet, claims RSV2, and leaves alone what begins with `#`. */
import type { Extension, MessageTransform, OutgoingMessage, TransformJob } from '../../src/extensions/extension.js'
import type { Parameter } from '../../src/http/grammar.js'

export class Shifting implements Extension {
  readonly name = 'shifting'
  readonly rsv = 2
  readonly #pace: 'at once' | 'slowly'

  constructor(pace: 'at once' | 'slowly' = 'at once') {
    this.#pace = pace
  }

  /** Each octet, plus so many. */
  static shift(octets: Buffer, by: number): Buffer {
    return Buffer.from(octets.map(octet => (octet + by) & 0xff))
  }

  offers(): ReadonlyArray<readonly Parameter[]> {
    return [[]]
  }

  answer(offer: readonly Parameter[]): readonly Parameter[] | undefined {
    return offer.length === 0 ? [] : undefined
  }

  accepts(answer: readonly Parameter[]): boolean {
    return answer.length === 0
  }

  transform(): MessageTransform {
    const shift = (octets: Buffer, by: number) => {
      return this.#pace === 'slowly' ? shiftSlowly(octets, by) : Shifting.shift(octets, by)
    }
    return {
      pinned: 0,
      releaseAfter: Number.POSITIVE_INFINITY,
      encode: (octets: Buffer, { first }: OutgoingMessage) => (first && octets[0] === 0x23 ? octets : shift(octets, 1)),
      decode: (octets: Buffer) => shift(octets, -1),
      release() {},
      end() {},
    }
  }
}

/** In three steps. */
function shiftSlowly(octets: Buffer, by: number): TransformJob {
  let steps = 0
  return { work: () => (++steps < 3 ? undefined : Shifting.shift(octets, by)) }
}
