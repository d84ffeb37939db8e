/**
 * Gathers the first part of a response's body: RFC 9112 §6 (how long a body is), §7.1 (chunked). Only the body of a
 * refused handshake is ever read, for the application to see, so nothing here fails: a body that is malformed or too
 * long ends where it went wrong, and what came before is kept.
 */
import { parseDigits, splitList } from './grammar.js'
import type { ResponseHead } from './message-head.js'
import { OctetStore } from './octet-store.js'

const State = {
  data: 0,
  chunkSize: 1,
  chunkExtension: 2,
  chunkSizeEnd: 3,
  chunkEnd: 4,
  chunkEndLf: 5,
  done: 6,
} as const

type State = (typeof State)[keyof typeof State]

const lf = 0x0a
const cr = 0x0d

/** Reads one body. */
export class BodyReader {
  readonly #gathered = new OctetStore()
  readonly #limit: number
  readonly #chunked: boolean
  #state: State
  /** Octets of data that are still to come before the next thing happens; Infinity: until the connection ends. */
  #remaining: number
  /** Octets of chunk framing that may still come: as many as of data. */
  #overhead: number
  #sizeDigits = 0

  /** @param limit - how many octets of data are gathered at most. */
  constructor(head: ResponseHead, limit: number) {
    this.#limit = limit
    this.#overhead = limit
    const length = bodyLength(head)
    this.#chunked = length === 'chunked'
    this.#remaining = length === 'chunked' ? 0 : length
    this.#state = this.#chunked ? State.chunkSize : State.data
    if (length === 0) this.#state = State.done
  }

  /** Nothing more of the body is wanted: it is complete, as long as the limit, or malformed. */
  get done(): boolean {
    return this.#state === State.done
  }

  /** Takes in what has come; `chunk` is only read. */
  receive(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length && this.#state !== State.done) {
      at = this.#state === State.data ? this.#data(chunk, at) : this.#framing(chunk[at]!, at)
    }
  }

  /** What was gathered: the caller's to keep. */
  take(): Uint8Array {
    return new Uint8Array(this.#gathered.view())
  }

  #data(chunk: Buffer, at: number): number {
    const room = this.#limit - this.#gathered.length
    const end = Math.min(chunk.length, at + this.#remaining, at + room)
    this.#gathered.append(chunk, at, end)
    this.#remaining -= end - at
    if (this.#gathered.length === this.#limit) this.#state = State.done
    else if (this.#remaining === 0) this.#state = this.#chunked ? State.chunkEnd : State.done
    return end
  }

  /** One octet of what stands between the chunks (RFC 9112 §7.1); returns the place of the next one. */
  #framing(octet: number, at: number): number {
    if (this.#overhead-- === 0) this.#state = State.done
    else if (this.#state === State.chunkSize) this.#chunkSize(octet)
    else if (this.#state === State.chunkExtension)
      this.#state = octet === cr ? State.chunkSizeEnd : State.chunkExtension
    else if (this.#state === State.chunkSizeEnd)
      this.#expect(octet, lf, this.#remaining === 0 ? State.done : State.data)
    else if (this.#state === State.chunkEnd) this.#expect(octet, cr, State.chunkEndLf)
    else this.#expect(octet, lf, State.chunkSize)
    return at + 1
  }

  #expect(octet: number, expected: number, next: State): void {
    this.#state = octet === expected ? next : State.done
  }

  #chunkSize(octet: number): void {
    const digit = hexDigit(octet)
    if (digit !== undefined && this.#sizeDigits < 8) {
      this.#remaining = this.#remaining * 16 + digit
      this.#sizeDigits++
      return
    }
    const sized = this.#sizeDigits > 0
    this.#sizeDigits = 0
    if (sized && octet === cr) this.#state = State.chunkSizeEnd
    else if (sized && (octet === 0x3b || octet === 0x20 || octet === 0x09)) this.#state = State.chunkExtension
    else this.#state = State.done
  }
}

/** RFC 9112 §6.3: the length of the body of a response to GET; Infinity where only the connection's end tells. */
function bodyLength(head: ResponseHead): number | 'chunked' {
  if (head.status < 200 || head.status === 204 || head.status === 304) return 0
  const coding = head.fields.get('transfer-encoding')
  if (coding !== undefined) return splitList(coding).at(-1)!.toLowerCase() === 'chunked' ? 'chunked' : Infinity
  const lengths = head.fields.getAll('content-length')
  if (lengths.length === 0) return Infinity
  return (lengths.length === 1 ? parseDigits(lengths[0]!) : undefined) ?? 0
}

function hexDigit(octet: number): number | undefined {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30
  const letter = octet | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : undefined
}
