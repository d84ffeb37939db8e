/** What a target finds: a property of the list in target.ts that does not hold for an input. */

/** The properties that targets assert; each finding is named after the one it violates. */
export type Property =
  /** Every input ends in "need more", in events or in one documented error; never in another exception, never after 1 s. */
  | 'ending'
  /** Where the octets are cut never changes what is read. */
  | 'segmentation'
  /** After the first error there is no further event. */
  | 'silence'
  /** What is accepted has one spelling: the one that we would write. */
  | 'canonical'
  /** All octets we send are whole, legal frames, masked by a client only, nothing where nothing may be. */
  | 'output'
  /** What is encoded is decoded to the same. */
  | 'round trip'
  /** What is retained stays within twice the octets received and 64 KiB. */
  | 'memory'
  /** The work is linear, by a count of steps. */
  | 'work'
  /** 101 for a conforming request only, with the right proof. */
  | 'handshake'
  /** Whatever we accept, another strict parser accepts too, with the same reading. */
  | 'strictness'
  /** Exactly one end, no event before its time or after the end. */
  | 'once'
  /** Nothing is delivered while the application holds it. */
  | 'hold'
  /** Whoever drives a connection is told when there is something to do. */
  | 'wake'
  /** Octets in are octets out: nothing is lost, nothing is counted twice. */
  | 'conservation'
  /** A naive reading of the RFC says the same. */
  | 'twin'

export class Violation extends Error {
  override readonly name = 'Violation'
  readonly property: Property

  constructor(property: Property, message: string) {
    super(message)
    this.property = property
  }
}

/** @throws Violation unless `holds`. */
export function must(property: Property, holds: boolean, message: string | (() => string)): asserts holds {
  if (!holds) throw new Violation(property, typeof message === 'string' ? message : message())
}

/** @throws Violation unless both are made of the same values, compared as JSON. */
export function mustEqual(property: Property, actual: unknown, expected: unknown, what: string): void {
  const is = text(actual)
  const should = text(expected)
  if (is !== should)
    throw new Violation(property, `${what}: is ${excerpt(is, should)}, should be ${excerpt(should, is)}`)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : String(JSON.stringify(value))
}

/** The part around the first difference, where the whole is long. */
function excerpt(value: string, other: string): string {
  if (value.length <= 240) return value
  let at = 0
  while (at < value.length && value[at] === other[at]) at++
  return `…${value.slice(Math.max(0, at - 80), at + 120)}… (${value.length} characters, from ${Math.max(0, at - 80)})`
}
