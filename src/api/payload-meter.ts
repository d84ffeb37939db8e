/**
 * How much of what was sent has not left, in octets of payload: the WHATWG's `bufferedAmount`, which knows no framing
 * (RFC 6455 §5.2), out of octets on the wire, which is what a connection counts. Computed when asked; nothing is done as
 * octets leave.
 */

/** So many messages that have left are remembered before they are forgotten together. */
const slack = 1024

export class PayloadMeter {
  /** For each message that may be here: its octets on the wire, its octets of payload. */
  #messages: number[] = []
  /** The index of the first that is still here. */
  #first = 0
  #wire = 0
  #payload = 0

  /** A message has been handed over, behind all others. */
  add(wire: number, payload: number): void {
    this.#messages.push(wire, payload)
    this.#wire += wire
    this.#payload += payload
  }

  /**
   * The octets of payload that are still here.
   *
   * @param wire - how many octets on the wire are still here; never more than before, but for messages added. Control
   * frames among them make the answer larger by no more than their size.
   */
  left(wire: number): number {
    const messages = this.#messages
    while (this.#first < messages.length && this.#wire - messages[this.#first]! >= wire) {
      this.#wire -= messages[this.#first]!
      this.#payload -= messages[this.#first + 1]!
      this.#first += 2
    }
    if (this.#first >= slack || this.#first === messages.length) {
      messages.splice(0, this.#first)
      this.#first = 0
    }
    if (messages.length === 0) return 0
    const [wireOfFirst, payloadOfFirst] = [messages[this.#first]!, messages[this.#first + 1]!]
    const leftOfFirst = wire - (this.#wire - wireOfFirst)
    return this.#payload - payloadOfFirst + Math.min(payloadOfFirst, leftOfFirst)
  }
}
