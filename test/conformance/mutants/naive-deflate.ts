/** permessage-deflate of the naive endpoints, rightly or broken. */
import { extensionElements } from '../../../src/conformance/extension-elements.js'
import { RawWindow, rawDeflate } from '../../../src/conformance/raw-deflate.js'
import type { DeflateSide } from '../../../src/conformance/raw-extension.js'
import type { Break } from './mutants.js'

type Breaks = ReadonlySet<Break>

/** What a client offers. */
export function naiveOffer(breaks: Breaks): string {
  if (breaks.has('offers a window of 2^7')) return 'permessage-deflate; server_max_window_bits=7'
  return 'permessage-deflate; client_max_window_bits'
}

/** What a server answers these offers with: the first that is legal; undefined for none. */
export function naiveDeflateAnswer(offered: string, breaks: Breaks): string | undefined {
  const does = (what: Break) => breaks.has(what)
  const offers = (extensionElements(offered) ?? []).filter(({ name }) => name === 'permessage-deflate')
  const offer = offers.find(one => does('takes any parameter of deflate') || isLegal(one.names, one.parameters, true))
  if (offer === undefined) return undefined
  const bits = offer.parameters.get('server_max_window_bits')
  const parts = [
    'permessage-deflate',
    offer.parameters.has('server_no_context_takeover') && !does('forgets that it must take nothing over')
      ? `server_no_context_takeover${does('answers takeover with a value') ? '=1' : ''}`
      : '',
    offer.parameters.has('client_no_context_takeover') ? 'client_no_context_takeover' : '',
    bits === undefined || does('forgets that its window is limited')
      ? ''
      : `server_max_window_bits=${does('answers with a window of 2^15') ? 15 : bits}`,
    does('limits the window of clients that do not know of it') ? 'client_max_window_bits=15' : '',
    does('answers with a window of 2^7') ? 'client_max_window_bits=7' : '',
    does('takes any parameter of deflate') ? offer.names.filter(name => !parameters.includes(name)).join('; ') : '',
  ]
  return parts.filter(part => part !== '').join('; ')
}

const flags = ['server_no_context_takeover', 'client_no_context_takeover']
const parameters = [...flags, 'server_max_window_bits', 'client_max_window_bits']

/** Whether a server, or a client, may take these parameters. */
export function isLegal(names: readonly string[], values: ReadonlyMap<string, string>, inOffer: boolean): boolean {
  return (
    new Set(names).size === names.length &&
    names.every(name => parameters.includes(name)) &&
    [...values].every(([name, value]) => {
      if (flags.includes(name)) return value === ''
      return /^([89]|1[0-5])$/.test(value) || (inOffer && name === 'client_max_window_bits' && value === '')
    })
  )
}

/** Compressing and inflating on one connection. */
export class NaiveDeflate {
  readonly #breaks: Breaks
  readonly #own: DeflateSide
  readonly #theirs: DeflateSide
  readonly #outward: RawWindow
  readonly #inward: RawWindow

  /** @param answered - the value of Sec-WebSocket-Extensions in the response. */
  constructor(answered: string, role: 'client' | 'server', breaks: Breaks) {
    const tested = role === 'server' ? 'client' : 'server'
    const agreed = rawDeflate().agree(answered, tested) ?? rawDeflate().agree('permessage-deflate', tested)!
    this.#breaks = breaks
    const bits = breaks.has('looks further back than agreed') ? 15 : agreed.own.bits
    const takeover = agreed.own.takeover || breaks.has('keeps its window against the agreement')
    this.#own = { takeover: takeover && !breaks.has('compresses each message for itself'), bits }
    const inflates = !breaks.has('inflates each message for itself')
    const back = breaks.has('has a window of 2^12 only') ? 12 : agreed.theirs.bits
    this.#theirs = { takeover: agreed.theirs.takeover && inflates, bits: back }
    this.#outward = new RawWindow(this.#own)
    this.#inward = new RawWindow(this.#theirs)
  }

  /** The octets to be sent compressed; undefined where the message is sent as it is. */
  close(payload: Buffer): Buffer | undefined {
    if (this.#breaks.has('never compresses')) return undefined
    const wire = this.#outward.close(payload)
    return this.#breaks.has('leaves the tail of its messages')
      ? Buffer.concat([wire, Buffer.from('0000ffff', 'hex')])
      : wire
  }

  /** @throws Error for what it does not take. */
  open(wire: Buffer): Buffer {
    const refuses = (what: Break, is: boolean) => {
      if (is && this.#breaks.has(what)) throw new Error(what)
    }
    const kind = wire[0]! & 7
    refuses('fails on final blocks', (kind & 1) === 1)
    refuses('fails on stored blocks', kind === 0 && wire.length > 1)
    refuses('fails on empty compressed messages', wire.length <= 2)
    refuses('fails on several blocks', wire.includes('0000ffff', 0, 'hex'))
    try {
      return this.#inward.open(wire)
    } catch (error) {
      if (this.#breaks.has('takes what cannot be inflated for empty')) return Buffer.alloc(0)
      throw error
    }
  }
}
