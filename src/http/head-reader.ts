/**
 * Reads the head of an HTTP message from octets as they come: RFC 9112 §2.2 (message parsing), §3 to §5. Strict, for
 * whatever two parsers read differently can be smuggled: lines end in CRLF and nothing else, no folded lines in requests (§5.2;
 * in responses each fold is spaces), no white space before a colon (§5.1), no control characters. Each octet is looked at once,
 * however the chunks are cut.
 * What the fields mean is left to the handshake.
 */
import { HandshakeError } from '../errors.js'
import { Fields } from './fields.js'
import { OctetClass, octetClasses } from './grammar.js'
import { parseRequestLine, parseStatusLine, type RequestHead, type ResponseHead } from './message-head.js'
import { OctetStore } from './octet-store.js'

/** How much of a head is read before it is refused. Line ends do not count for a line, they do for the head. */
export interface HeadLimits {
  /** Octets of the request or status line: 8192 unless told. Beyond: 414. */
  readonly startLine: number
  /** Octets of one field line: 8192 unless told. Beyond: 431. */
  readonly fieldLine: number
  /** Octets of the whole head, its last empty line included: 16384 unless told. Beyond: 431. */
  readonly head: number
  /** Field lines: 100 unless told. Beyond: 431. */
  readonly fields: number
}

/** The limits used unless others are given. */
export const defaultHeadLimits: HeadLimits = { startLine: 8192, fieldLine: 8192, head: 16384, fields: 100 }

/** The kinds of head, and what reading one yields. */
export interface Heads {
  request: RequestHead
  response: ResponseHead
}

/** A head that was read, and what came behind it. */
export interface ReadHead<Head> {
  /** The head, parsed. */
  readonly head: Head
  /** The octets after the head: a view of the chunk given last, perhaps empty. */
  readonly rest: Buffer
}

const State = {
  start: 0,
  emptyLineEnd: 1,
  startLine: 2,
  startLineEnd: 3,
  lineStart: 4,
  name: 5,
  value: 6,
  fieldEnd: 7,
  headEnd: 8,
} as const

type State = (typeof State)[keyof typeof State]

const nothing = Buffer.alloc(0)

const tab = 0x09
const lf = 0x0a
const cr = 0x0d
const space = 0x20
const colon = 0x3a

/** Reads one head. After it has thrown or yielded the head it must not be used again. */
export class HeadReader<Kind extends keyof Heads> {
  readonly #kind: Kind
  readonly #limits: HeadLimits
  /** What came of the head before the current chunk; undefined while it is all in this one. */
  #cut: OctetStore | undefined
  readonly #fields = new Fields()
  #head: Heads[Kind] | undefined
  #state: State = State.start
  #skippedEmptyLine = false
  #folded = false
  /** Octets taken in before the current chunk. */
  #taken = 0
  /** Where the current line begins in the chunk; below 0 when it began in an earlier one. */
  #base = 0
  /** Where the field lines begin, counted from the first octet of the head; and what is where in them: see Fields.fill. */
  #fieldsStart = 0
  readonly #places: number[] = []

  constructor(kind: Kind, limits: HeadLimits = defaultHeadLimits) {
    this.#kind = kind
    this.#limits = limits
  }

  /**
   * Takes in what has come.
   *
   * @param chunk - only read; nothing of it is kept but `rest`, which is a view of it.
   * @returns the head and the octets behind it, or undefined while the head is not complete.
   * @throws HandshakeError at the first octet that is not acceptable; for a request with the status to refuse it with.
   */
  receive(chunk: Buffer): ReadHead<Heads[Kind]> | undefined {
    const end = Math.min(chunk.length, this.#limits.head - this.#taken)
    let at = 0
    while (at < end) {
      if (this.#state === State.headEnd) {
        if (chunk[at] !== lf) throw this.#malformed('a bare CR')
        const lines = this.#text(chunk, this.#fieldsStart, this.#taken + at - 1)
        this.#fields.fill(this.#folded ? unfolded(lines) : lines, this.#places)
        return { head: this.#head!, rest: at + 1 === chunk.length ? nothing : chunk.subarray(at + 1) }
      }
      at = this.#step(chunk, at, end)
    }
    if (end < chunk.length) throw this.#tooLarge(this.#state <= State.startLineEnd ? 'startLine' : 'head')
    this.#cut ??= new OctetStore()
    this.#cut.append(chunk, 0, end)
    this.#taken += end
    this.#base -= end
    return undefined
  }

  /** Goes on at `at` (which is below `end`) in the current state; returns the place of the first octet not used. */
  #step(chunk: Buffer, at: number, end: number): number {
    switch (this.#state) {
      case State.start:
        return this.#start(chunk, at)
      case State.startLine:
        return this.#startLine(chunk, at, end)
      case State.lineStart:
        return this.#lineStart(chunk, at)
      case State.name:
        return this.#name(chunk, at, end)
      case State.value:
        return this.#value(chunk, at, end)
      default:
        return this.#lineEnd(chunk, at)
    }
  }

  #start(chunk: Buffer, at: number): number {
    // RFC 9112 §2.2: a server "SHOULD ignore at least one empty line (CRLF) received prior to the request-line".
    if (chunk[at] === cr && this.#kind === 'request' && !this.#skippedEmptyLine) {
      this.#skippedEmptyLine = true
      this.#state = State.emptyLineEnd
      return at + 1
    }
    this.#state = State.startLine
    return at
  }

  #startLine(chunk: Buffer, from: number, end: number): number {
    const allowed = this.#kind === 'request' ? OctetClass.printable : OctetClass.fieldValue
    const at = this.#scan(chunk, from, end, this.#limits.startLine, allowed)
    if (at === end) return at
    if (chunk[at] !== cr) throw this.#unexpected(at, 'startLine', 'an octet that no start line has')
    this.#head = this.#parseStartLine(this.#text(chunk, this.#taken + this.#base, this.#taken + at))
    this.#fieldsStart = this.#taken + at + 2
    this.#state = State.startLineEnd
    return at + 1
  }

  #parseStartLine(line: string): Heads[Kind] {
    const parse = this.#kind === 'request' ? parseRequestLine : parseStatusLine
    const head = parse(line, this.#fields)
    if (head === undefined) throw this.#malformed('a start line that does not conform')
    if (!head.version.startsWith('1.')) {
      throw new HandshakeError('WS_HTTP_VERSION', 'RFC 9112 §2.3', 'not HTTP/1', this.#status(505))
    }
    return head as Heads[Kind]
  }

  #lineStart(chunk: Buffer, at: number): number {
    const octet = chunk[at]!
    if (octet === cr) {
      this.#state = State.headEnd
      return at + 1
    }
    if (isWhiteSpace(octet)) return this.#fold(at)
    if (this.#places.length / 3 >= this.#limits.fields) throw this.#tooLarge('fields')
    this.#base = at
    this.#note(at)
    this.#state = State.name
    return at
  }

  /** §5.2: a user agent reads on in the value of the line before, a server "MUST either reject the message" or do so too. */
  #fold(at: number): number {
    if (this.#kind === 'request' || this.#places.length === 0) {
      throw this.#malformed('a folded line, or white space before a field')
    }
    this.#folded = true
    this.#places.pop()
    this.#base = at
    this.#state = State.value
    return at
  }

  #name(chunk: Buffer, from: number, end: number): number {
    const at = this.#scan(chunk, from, end, this.#limits.fieldLine, OctetClass.token)
    if (at === end) return at
    const length = at - this.#base
    if (chunk[at] !== colon || length === 0 || length === this.#limits.fieldLine) {
      throw this.#unexpected(at, 'fieldLine', 'a field name that is no token, or no colon right behind it')
    }
    this.#note(at)
    this.#state = State.value
    return at + 1
  }

  #value(chunk: Buffer, from: number, end: number): number {
    const at = this.#scan(chunk, from, end, this.#limits.fieldLine, OctetClass.fieldValue)
    if (at === end) return at
    if (chunk[at] !== cr) throw this.#unexpected(at, 'fieldLine', 'a control character in a field value')
    this.#note(at)
    this.#state = State.fieldEnd
    return at + 1
  }

  /** There is something to find again at this place of the chunk. */
  #note(at: number): void {
    this.#places.push(this.#taken + at - this.#fieldsStart)
  }

  #lineEnd(chunk: Buffer, at: number): number {
    if (chunk[at] !== lf) throw this.#malformed('a bare CR')
    this.#base = at + 1
    this.#state = this.#state === State.emptyLineEnd ? State.start : State.lineStart
    return at + 1
  }

  /** The first place in `chunk[from, end)` whose octet is not of the class, or where the line gets too long. */
  #scan(chunk: Buffer, from: number, end: number, limit: number, octetClass: number): number {
    const stop = Math.min(end, this.#base + limit)
    let at = from
    while (at < stop && (octetClasses[chunk[at]!]! & octetClass) !== 0) at++
    return at
  }

  /** The octets of the head from one place to another, both counted from its first octet. */
  #text(chunk: Buffer, from: number, to: number): string {
    const taken = this.#taken
    const before = from < taken ? this.#cut!.view().toString('latin1', from, Math.min(to, taken)) : ''
    return to <= taken ? before : before + chunk.toString('latin1', Math.max(from - taken, 0), to - taken)
  }

  /** The octet at `at` ended a scan: because the line is too long, or because of what it is. */
  #unexpected(at: number, limit: 'startLine' | 'fieldLine', what: string): HandshakeError {
    return at - this.#base >= this.#limits[limit] ? this.#tooLarge(limit) : this.#malformed(what)
  }

  #malformed(what: string): HandshakeError {
    return new HandshakeError('WS_HEAD_MALFORMED', 'RFC 9112 §2.2', `malformed HTTP head: ${what}`, this.#status(400))
  }

  #tooLarge(limit: keyof HeadLimits): HandshakeError {
    const message = `HTTP head too large: limit ${limit} is ${this.#limits[limit]}`
    const status = this.#status(limit === 'startLine' ? 414 : 431)
    return new HandshakeError('WS_HEAD_TOO_LARGE', 'RFC 9110 §5.4', message, status)
  }

  /** Only a request is refused with a status. */
  #status(status: number): { status?: number } {
    return this.#kind === 'request' ? { status } : {}
  }
}

/** RFC 9112 §5.2: "replace each received obs-fold with one or more SP octets": as many as it had, so all stays in its place. */
function unfolded(lines: string): string {
  let text = ''
  let at = 0
  for (let end = lines.indexOf('\r\n'); end !== -1; end = lines.indexOf('\r\n', end + 2)) {
    let from = end
    let to = end + 2
    while (isWhiteSpace(lines.charCodeAt(to))) to++
    if (to === end + 2) continue
    while (from > at && isWhiteSpace(lines.charCodeAt(from - 1))) from--
    text += lines.slice(at, from) + ' '.repeat(to - from)
    at = to
  }
  return text + lines.slice(at)
}

function isWhiteSpace(code: number): boolean {
  return code === space || code === tab
}
