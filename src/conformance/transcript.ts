/** What went over the wire in one run, both ways, with times: enough of it to be read, bounded however much came. */

/** An event on the wire. */
export interface TranscriptEntry {
  /** Milliseconds since the run began. */
  readonly at: number
  readonly from: 'us' | 'peer'
  /**
   * `tcp`: it was opened or ended; `http`: of the Opening Handshake; `frame`; `octets`: what has not the shape of a frame;
   * `control`: beside the connection, an order to the endpoint's program or what that told.
   */
  readonly kind: 'tcp' | 'http' | 'frame' | 'octets' | 'control'
  /** For people: `text "Hello"`. */
  readonly text: string
  /** How many octets this side had sent before. */
  readonly offset: number
  /** The first octets, in hexadecimal; '' for an event that has none. */
  readonly hex: string
  /** How many octets there were. */
  readonly length: number
}

/** The most entries that are kept of a run, half of them its first and half its last. */
const maxEntries = 200

/** The most octets of an entry that are kept: of a frame, and of a head, which is worth nothing cut. */
const maxOctets = { tcp: 0, http: 4096, frame: 160, octets: 160, control: 0 }

/** An entry whose text is made when it is read: of most there is never need. */
export interface KeptEntry {
  readonly at: number
  readonly from: 'us' | 'peer'
  readonly kind: TranscriptEntry['kind']
  readonly offset: number
  readonly text: string | (() => string)
  readonly octets: Buffer
  readonly length: number
}

/** Gathers the entries of one run. */
export class Transcript {
  readonly #start = performance.now()
  readonly #sent = { us: 0, peer: 0 }
  #first: KeptEntry[] = []
  #last: KeptEntry[] = []
  #leftOut = 0

  /**
   * @param text - or what makes it, called once or never.
   * @param octets - read only; a copy of the first is kept.
   */
  add(
    from: 'us' | 'peer',
    kind: TranscriptEntry['kind'],
    text: KeptEntry['text'],
    octets: Buffer = Buffer.alloc(0),
  ): KeptEntry {
    const at = Math.round((performance.now() - this.#start) * 1000) / 1000
    const { length } = octets
    const offset = this.#sent[from]
    const entry = { at, from, kind, text, offset, octets: Buffer.from(octets.subarray(0, maxOctets[kind])), length }
    this.#sent[from] += length
    if (this.#first.length < maxEntries / 2) this.#first.push(entry)
    else this.#last.push(entry)
    if (this.#last.length > maxEntries / 2) {
      this.#last.shift()
      this.#leftOut++
    }
    return entry
  }

  /** Takes back what the peer sent last, for it is noted anew as what it has turned out to be. */
  takeBack(entries: readonly KeptEntry[]): void {
    const stays = (entry: KeptEntry) => !entries.includes(entry)
    this.#first = this.#first.filter(stays)
    this.#last = this.#last.filter(stays)
    for (const { length } of entries) this.#sent.peer -= length
  }

  /** How many entries were left out between the first hundred and the last. */
  get leftOut(): number {
    return this.#leftOut
  }

  /** In order. */
  get entries(): TranscriptEntry[] {
    return [...this.#first, ...this.#last].map(({ octets, text, ...rest }) => {
      return { ...rest, text: typeof text === 'string' ? text : text(), hex: octets.toString('hex') }
    })
  }
}
