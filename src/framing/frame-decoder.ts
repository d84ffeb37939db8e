/**
 * Turns the octets a peer sends into frames: RFC 6455 §5.1 (who masks), §5.2 (the header), §5.5 (limits of control
 * frames). It checks each frame by itself; whether a frame may come *now* is the assembler's business (§5.4). It keeps
 * no payload: between chunks it remembers at most the 13 octets of an incomplete header.
 */
import { ProtocolError } from '../errors.js'
import { StatusCode } from '../status-code.js'
import { type FrameHeader, headerSize, maxControlPayload, maxHeaderSize, Opcode, type Role } from './frame-header.js'
import { longRun, mask, maskAway, maskRun, wordsOf } from './masking.js'
import { isTransferred, memoryTransferred } from './transferred.js'

/** What the decoder tells, synchronously, in order. */
export interface FrameSink {
  /** A header has been read and obeys §5.2. Throw a ProtocolError to refuse the frame before its payload arrives. */
  onHeader(frame: FrameHeader): void
  /**
   * A run of unmasked payload, chunk[start, end); the last one has frame.remaining === 0. Called at least once per frame,
   * with an empty run when there is no payload. `frame` is reused: read it, don't keep it.
   */
  onPayload(frame: FrameHeader, chunk: Buffer, start: number, end: number): void
  /**
   * Asked before a long run of masked payload: where is it to be unmasked to? Memory of `length` octets, which
   * {@link FrameSink.onPayload} is then given as the chunk; or undefined: where it lies. frame.remaining has not been lessened
   * by this run.
   */
  roomFor?(frame: FrameHeader, length: number): Buffer | undefined
}

// From this many octets on, one view over the words of a chunk pays for the runs in it: bench/decode.bench.ts.
const wordyChunk = 256

/** Decodes what one peer sends; is itself the header of the current frame. */
export class FrameDecoder implements FrameHeader {
  /** {@inheritDoc FrameHeader.fin} */
  fin = false
  /** {@inheritDoc FrameHeader.rsv} */
  rsv = 0
  /** {@inheritDoc FrameHeader.opcode} */
  opcode: Opcode = 0
  /** {@inheritDoc FrameHeader.payloadLength} */
  payloadLength = 0
  /** {@inheritDoc FrameHeader.remaining} */
  remaining = 0
  /** While true, no further frame and no further run of one is taken in: {@link FrameDecoder.decode} returns early. */
  held = false

  readonly #sink: FrameSink
  #masked = false
  #allowedRsv = 0
  #maxFrameSize = 0
  /** The longest payload of which #wholeMessages may take in a frame. */
  #maxQuick = 0
  #key = 0
  #partial: Buffer | undefined
  #have = 0
  #stopped = false

  /**
   * @param role - whose octets are decoded *by whom*: a server requires masks, a client forbids them (§5.1).
   * @param allowedRsv - the RSV bits that agreed extensions claim on the first frame of a message (§5.2, §9.2).
   * @param maxFrameSize - data frames with a longer payload are refused from their header with 1009; 2^53 - 1, the most
   * that a number counts exactly, is the limit of that.
   */
  constructor(role: Role, sink: FrameSink, maxFrameSize = Number.MAX_SAFE_INTEGER, allowedRsv = 0) {
    this.#sink = sink
    this.begin(role, maxFrameSize, allowedRsv)
  }

  /** @internal Decodes the octets of another peer from now on, beginning between two frames: see the constructor. */
  begin(role: Role, maxFrameSize: number, allowedRsv = 0): void {
    this.#masked = role === 'server'
    this.#maxFrameSize = Math.min(maxFrameSize, Number.MAX_SAFE_INTEGER)
    this.#maxQuick = Math.min(maxFrameSize, this.#masked ? longRun - 1 : 0xffff)
    this.#allowedRsv = allowedRsv
    this.#stopped = false
    this.held = false
    this.remaining = 0
  }

  /** @internal All that was decoded was whole frames. */
  get betweenFrames(): boolean {
    return this.remaining === 0 && this.#partial === undefined
  }

  /** @internal See {@link FrameDecoder.stop}. */
  get stopped(): boolean {
    return this.#stopped
  }

  /**
   * Decodes chunk[start, …). The chunk is changed: payloads are unmasked where they lie. Nothing of it is kept.
   *
   * @returns the place up to which octets were taken: the chunk's length unless {@link FrameDecoder.held} became true.
   * @throws ProtocolError at the first octet that breaks the RFC; what the sink throws passes through; UsageError
   * WS_MEMORY_TRANSFERRED where octets were left in a chunk whose memory the sink has transferred. The decoder must be stopped
   * after any of them.
   */
  decode(chunk: Buffer, start = 0): number {
    const end = chunk.length
    const words = this.#masked && end - start >= wordyChunk ? wordsOf(chunk) : undefined
    const origin = words === undefined ? 0 : chunk.byteOffset
    let at = start
    // A sink that transfers the chunk's memory leaves nothing of it.
    while (at < end && chunk.length === end && !this.held && !this.#stopped) {
      const behind = this.betweenFrames ? this.#wholeMessages(chunk, words, origin, at, end) : at
      at = behind > at ? behind : this.#run(chunk, words, origin, at, end)
    }
    if (this.#stopped) return end
    if (chunk.length < end ? at < end : isTransferred(chunk)) throw memoryTransferred()
    return at
  }

  /** Discards everything from here on: a Close has come (§5.5.1) or the connection has failed (§7.1.7). */
  stop(): void {
    this.#stopped = true
    this.#partial = undefined
  }

  /**
   * Takes in what most frames are, as many as there are in a row: messages, neither long nor in an extension's hands, each whole
   * in this chunk. There is hardly anything to check in such a header, and nothing to remember of it: bench/decode.bench.ts, 20
   * octets 29 ns without this, 23 with it; of a server 19 and 12.
   *
   * @returns the place behind them.
   */
  #wholeMessages(chunk: Buffer, words: Int32Array | undefined, origin: number, start: number, end: number): number {
    const maskBit = this.#masked ? 0x80 : 0
    const shortHeader = headerSize(0, this.#masked)
    let at = start
    while (end - at >= shortHeader && !this.held && !this.#stopped) {
      const first = chunk[at]!
      let length = chunk[at + 1]! - maskBit
      let payload = at + shortHeader
      if (length > 125) {
        if (length !== 126 || end - at < 4) break
        length = (chunk[at + 2]! << 8) | chunk[at + 3]!
        if (length < 126) break
        payload += 2
      }
      const behind = payload + length
      if ((first !== 0x81 && first !== 0x82) || length < 0 || length > this.#maxQuick || behind > end) break
      this.fin = true
      this.rsv = 0
      this.opcode = (first & 0x0f) as Opcode
      this.payloadLength = length
      this.remaining = length
      this.#sink.onHeader(this)
      if (this.#stopped) return end
      if (this.#masked) {
        const key = keyBefore(chunk, payload)
        if (words === undefined) mask(chunk, payload, behind, key)
        else maskRun(chunk, words, origin, payload, behind, key)
      }
      this.remaining = 0
      this.#sink.onPayload(this, chunk, payload, behind)
      at = behind
    }
    return at
  }

  /** Takes in a header, if there is none, and as much of the payload as there is; returns the place behind it. */
  #run(chunk: Buffer, words: Int32Array | undefined, origin: number, start: number, end: number): number {
    let at = start
    if (this.remaining === 0) {
      at = this.#partial === undefined ? this.#header(chunk, at, end) : this.#restOfHeader(chunk, at, end)
      if (at < 0) return end
      this.#sink.onHeader(this)
      if (this.#stopped || (this.remaining > 0 && at === end)) return end
    }
    const runEnd = this.remaining < end - at ? at + this.remaining : end
    if (this.#masked) {
      if (runEnd - at >= longRun && this.#moved(chunk, at, runEnd)) return runEnd
      if (words === undefined) this.#key = mask(chunk, at, runEnd, this.#key)
      else this.#key = maskRun(chunk, words, origin, at, runEnd, this.#key)
    }
    this.remaining -= runEnd - at
    this.#sink.onPayload(this, chunk, at, runEnd)
    return runEnd
  }

  /** Unmasks a run to where the sink wants it, if it wants it elsewhere, and delivers it. */
  #moved(chunk: Buffer, start: number, end: number): boolean {
    const length = end - start
    const room = this.#sink.roomFor?.(this, length)
    if (room === undefined) return false
    this.#key = maskAway(chunk, start, room, length, this.#key)
    this.remaining -= length
    this.#sink.onPayload(this, room, 0, length)
    return true
  }

  /** Reads a header that begins in this chunk; returns the place behind it, or -1 when the chunk ends before. */
  #header(chunk: Buffer, at: number, end: number): number {
    const size = this.#read(chunk, at, end - at)
    if (size > 0) return at + size
    this.#partial = Buffer.alloc(maxHeaderSize)
    this.#have = chunk.copy(this.#partial, 0, at, end)
    return -1
  }

  /** Goes on with a header that was cut: octet by octet, so that it fails at the first wrong one. */
  #restOfHeader(chunk: Buffer, start: number, end: number): number {
    const partial = this.#partial!
    for (let at = start; at < end; ) {
      partial[this.#have++] = chunk[at++]!
      if (this.#read(partial, 0, this.#have) === 0) continue
      this.#partial = undefined
      return at
    }
    return -1
  }

  /**
   * Checks what there is of a header and, when it is whole, takes it in. A header that is cut is refused as soon as no
   * octets that may follow could make it legal.
   *
   * @returns its size, or 0 when octets are missing.
   */
  #read(octets: Buffer, at: number, available: number): number {
    const first = octets[at]!
    checkFirstOctet(first, this.#allowedRsv)
    if (available < 2) return 0

    const second = octets[at + 1]!
    const length7 = second & 0x7f
    if (second >= 0x80 !== this.#masked) throw wrongMasking(this.#masked)
    if (first & 0x08 && length7 > maxControlPayload) {
      throw protocolError('WS_CONTROL_TOO_LONG', '5.5', 'a control frame with more than 125 octets of payload')
    }
    const extended = length7 <= 125 ? 0 : length7 === 126 ? 2 : 8
    const length = extended === 0 ? length7 : extendedLength(octets, at + 2, available - 2, extended)
    if (length > this.#maxFrameSize && !(first & 0x08)) {
      throw new ProtocolError(
        'WS_FRAME_TOO_BIG',
        StatusCode.messageTooBig,
        '10.4',
        `a frame over the limit of ${this.#maxFrameSize} octets`,
      )
    }
    const size = 2 + extended + (this.#masked ? 4 : 0)
    if (available < size) return 0

    if (this.#masked) this.#key = keyBefore(octets, at + size)
    this.fin = first >= 0x80
    this.rsv = (first >> 4) & 0x7
    this.opcode = (first & 0x0f) as Opcode
    this.payloadLength = length
    this.remaining = length
    return size
  }
}

/** The masking-key, whose four octets are the ones before the payload (§5.2). */
function keyBefore(octets: Buffer, payload: number): number {
  return (
    octets[payload - 4]! | (octets[payload - 3]! << 8) | (octets[payload - 2]! << 16) | (octets[payload - 1]! << 24)
  )
}

/** FIN, the RSV bits and the opcode (§5.2, §5.5). */
function checkFirstOctet(first: number, allowedRsv: number): void {
  const opcode = first & 0x0f
  const rsv = (first >> 4) & 0x7
  if (rsv !== 0 && (rsv & ~allowedRsv || (opcode !== Opcode.text && opcode !== Opcode.binary))) {
    throw protocolError('WS_RESERVED_BITS', '5.2', `RSV bits ${rsv} set without an extension that claims them`)
  }
  if ((opcode > 0x2 && opcode < 0x8) || opcode > 0xa) {
    throw protocolError('WS_RESERVED_OPCODE', '5.2', `reserved opcode 0x${opcode.toString(16)}`)
  }
  if (opcode >= 0x8 && first < 0x80) throw protocolError('WS_FRAGMENTED_CONTROL', '5.5', 'a fragmented control frame')
}

/**
 * Reads the 16 or 64 bits of an extended payload length (§5.2). While octets of it are missing, this is the least that
 * the length can be. From 2^53 on it is rounded, but never to less than 2^53.
 */
function extendedLength(octets: Buffer, at: number, available: number, size: 2 | 8): number {
  if (size === 8 && available > 0 && octets[at]! >= 0x80) {
    throw protocolError('WS_LENGTH_TOP_BIT', '5.2', 'the most significant bit of a 64-bit length is set')
  }
  const most = bigEndian(octets, at, available, size, 0xff)
  if (most < (size === 2 ? 126 : 0x1_0000)) {
    throw protocolError('WS_LENGTH_NOT_MINIMAL', '5.2', 'a payload length in more octets than needed')
  }
  return bigEndian(octets, at, available, size, 0x00)
}

/** An unsigned integer of `size` octets in network byte order; the ones that are missing count as `filler`. */
function bigEndian(octets: Buffer, at: number, available: number, size: number, filler: number): number {
  let value = 0
  for (let i = 0; i < size; i++) value = value * 256 + (i < available ? octets[at + i]! : filler)
  return value
}

function wrongMasking(required: boolean): ProtocolError {
  return required
    ? protocolError('WS_UNMASKED_FRAME', '5.1', 'a client sent a frame that is not masked')
    : protocolError('WS_MASKED_FRAME', '5.1', 'a server sent a frame that is masked')
}

function protocolError(code: string, section: string, message: string): ProtocolError {
  return new ProtocolError(code, StatusCode.protocolError, section, message)
}
