/**
 * permessage-deflate (RFC 7692 §7) as the naive side of a case has it, on node:zlib: whole messages, one after the other;
 * the window is what has gone before, cut to its size and handed over as a dictionary. It shares nothing with the engine.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Role } from '../framing/frame-header.js'
import { type ExtensionElement, extensionElements } from './extension-elements.js'
import type { AgreedRawExtension, DeflateSide, RawExtension } from './raw-extension.js'

/** What each message is to be ended with before it is inflated (§7.2.2). */
const tail = Buffer.of(0, 0, 0xff, 0xff)

const finishFlush = constants.Z_SYNC_FLUSH

const rsv1 = 4

/** The window of one direction, on our side of it. */
export class RawWindow {
  readonly #side: DeflateSide
  #window: Buffer = Buffer.alloc(0)

  constructor(side: DeflateSide) {
    this.#side = side
  }

  /** The octets that a compressed message has on the wire, for its payload. */
  close(payload: Buffer): Buffer {
    // zlib knows no window of 2^8 that is raw; in one of 2^9 it looks no further back than 250 octets.
    const windowBits = Math.max(9, this.#side.bits)
    const closed = deflateRawSync(payload, { windowBits, finishFlush, ...this.#dictionary() })
    this.#keep(payload)
    return closed.subarray(0, closed.length - tail.length)
  }

  /**
   * The payload of a message, for its octets on the wire.
   *
   * @throws Error when they are no DEFLATE, or refer to what is not in the window.
   */
  open(wire: Buffer): Buffer {
    const { bits } = this.#side
    let payload: Buffer = Buffer.alloc(0)
    // Each DEFLATE block may be the last of its stream, with another stream behind it (§7.2.3.4).
    for (let rest = Buffer.concat([wire, tail]); rest.length > 0; ) {
      const dictionary = this.#dictionary(payload)
      // zlib finds references that go beyond the window only across the parts it hands out, so these are small.
      const chunkSize = bits < 15 ? 64 : 65_536
      const options = { windowBits: bits, finishFlush, chunkSize, info: true, ...dictionary }
      const { buffer, engine } = inflateRawSync(rest, options) as unknown as Inflated
      payload = Buffer.concat([payload, buffer])
      rest = rest.subarray(engine.bytesWritten)
    }
    this.#keep(payload)
    return payload
  }

  #keep(payload: Buffer): void {
    if (this.#side.takeover) this.#window = this.#cut(Buffer.concat([this.#window, payload]))
  }

  #dictionary(more: Buffer = Buffer.alloc(0)): { dictionary?: Buffer } {
    const dictionary = this.#cut(Buffer.concat([this.#window, more]))
    return dictionary.length === 0 ? {} : { dictionary }
  }

  #cut(octets: Buffer): Buffer {
    return octets.subarray(Math.max(0, octets.length - 2 ** this.#side.bits))
  }
}

/** What zlib gives with `info`; its types do not say so. */
interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

/**
 * The extension, for a case.
 *
 * @param offered - the parameters that are offered to a server, one after the other with `; ` between.
 * @param answered - those that a client is answered with. One that does not offer `client_max_window_bits` is not
 *   answered with it: the case is skipped.
 */
export function rawDeflate(offered = '', answered = ''): RawExtension {
  const name = 'permessage-deflate'
  const element = (parameters: string) => (parameters === '' ? name : `${name}; ${parameters}`)
  return { name, offer: element(offered), answer: offer => answerTo(offer, element(answered)), agree: agreed }
}

function answerTo(offered: string, answer: string): string | undefined {
  const own = extensionElements(answer)![0]!
  const fits = extensionElements(offered)?.some(({ name, parameters }) => {
    const bits = Number(parameters.get('server_max_window_bits') ?? 15)
    const given = Number(own.parameters.get('server_max_window_bits') ?? 15)
    const takeover = parameters.has('server_no_context_takeover') && !own.parameters.has('server_no_context_takeover')
    const unasked = own.parameters.has('client_max_window_bits') && !parameters.has('client_max_window_bits')
    return name === 'permessage-deflate' && given <= bits && !takeover && !unasked
  })
  return fits === true ? answer : undefined
}

function agreed(answered: string, tested: Role): AgreedRawExtension | undefined {
  const [element, ...others] = extensionElements(answered) ?? []
  if (element?.name !== 'permessage-deflate' || others.length > 0) return undefined
  const own = sideOf(element, tested === 'server' ? 'client' : 'server')
  const theirs = sideOf(element, tested)
  if (![own, theirs].every(({ bits }) => bits >= 8 && bits <= 15)) return undefined
  const outward = new RawWindow(own)
  const inward = new RawWindow(theirs)
  return { rsv: rsv1, own, theirs, open: wire => inward.open(wire), close: payload => outward.close(payload) }
}

function sideOf({ parameters }: ExtensionElement, role: Role): DeflateSide {
  const bits = Number(parameters.get(`${role}_max_window_bits`) ?? 15)
  return { takeover: !parameters.has(`${role}_no_context_takeover`), bits }
}
