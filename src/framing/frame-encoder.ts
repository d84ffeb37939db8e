/**
 * Turns frames into octets: RFC 6455 §5.2 (the header, the shortest form of a length), §5.3 (masking, if this is a
 * client) and §6.1. Frames gather side by side in a slab; what gathered is taken as few buffers.
 */
import { headerSize, maxHeaderSize, type Opcode, type Role } from './frame-header.js'
import { longRun, type MaskingKeySource, maskInto, maskRun } from './masking.js'
import { OutputSlab, type OutputSlabPool } from './output-slab.js'

/**
 * Payloads up to this many octets are copied into the slab, so that all frames of a turn leave as one buffer; above, by
 * reference: then the copy is dearer than a second buffer in the write.
 */
export const copyThreshold = 64 * 1024

// A slab of one's own begins with this size and doubles, while the transport takes nothing.
const firstOwnSlab = 4 * 1024
const largestOwnSlab = 256 * 1024

// Up to this length a loop over char codes beats a call into the runtime: bench/encode.bench.ts, 45 ns against 55;
// 24 code units 61 against 55.
const shortText = 20

// Up to this many octets of payload a client's frame is written in one loop: a copy that is masked then takes longer, by
// two calls into the runtime. bench/encode.bench.ts, 20 octets: 26 ns against 40; 48 octets: 42 either way.
const shortMasked = 32

/** Encodes what one endpoint sends. */
export class FrameEncoder {
  #maskingKeys: MaskingKeySource | undefined
  #pool: OutputSlabPool | undefined
  #slab: OutputSlab | undefined
  #start = 0
  #end = 0
  #closed: Buffer[] | undefined
  /** All that waits, if it is a frame that is shared. */
  #shared: Buffer | undefined
  /** The slabs that hold octets of ours: the first, which is mostly the only one, and the others. */
  #first: OutputSlab | undefined
  #others: OutputSlab[] | undefined
  #pending = 0
  #own: boolean

  /**
   * @param role - a client masks every frame, a server none (§5.1).
   * @param maskingKeys - asked once per frame (clients only).
   * @param pool - shared slabs; undefined: none, {@link FrameEncoder.release} will never be called.
   * @param own - write into slabs of one's own from the start: see {@link FrameEncoder.detached}.
   */
  constructor(role: Role, maskingKeys: MaskingKeySource, pool: OutputSlabPool | undefined, own = false) {
    this.#own = own || pool === undefined
    this.begin(role, maskingKeys, pool, own)
  }

  /** @internal Writes for another connection from now on: see the constructor. Only after {@link FrameEncoder.rest}. */
  begin(role: Role, maskingKeys: MaskingKeySource, pool: OutputSlabPool | undefined, own = false): void {
    this.#maskingKeys = role === 'client' ? maskingKeys : undefined
    this.#pool = pool
    this.#own = own || pool === undefined
  }

  /** @internal Lets go of its memory, if nothing waits and all that was taken is released; returns whether it did. */
  rest(): boolean {
    if (this.#pending > 0 || this.#first !== undefined) return false
    this.#slab = undefined
    return true
  }

  /** Octets that wait to be taken. */
  get pending(): number {
    return this.#pending
  }

  /**
   * True while frames go into slabs of this encoder's own. For a transport that takes nothing: what waits long must not
   * keep the shared slabs from being written again.
   */
  get detached(): boolean {
    return this.#own
  }

  set detached(own: boolean) {
    if (own === this.#own || this.#pool === undefined) return
    this.#own = own
    this.#closeRegion()
    this.#slab = undefined
  }

  /** Writes a whole frame; the payload, at most 64 KiB, is copied. */
  writeFrame(fin: boolean, rsv: number, opcode: Opcode, payload: Uint8Array): void {
    const length = payload.length
    const slab = this.#room(length + maxHeaderSize)
    const key = this.#maskingKeys?.()
    if (key !== undefined && length <= shortMasked) {
      this.#wrote(slab, writeShortMasked(slab.octets, this.#end, firstOctet(fin, rsv, opcode), payload, key))
      return
    }
    const at = writeHeader(slab.octets, this.#end, fin, rsv, opcode, length, key)
    if (key === undefined) slab.octets.set(payload, at)
    else putMasked(slab, at, payload, key)
    this.#wrote(slab, at + length)
  }

  /**
   * Writes a whole frame whose payload is a text of at most 65,536 UTF-16 code units, straight into the slab. Lone
   * surrogates become U+FFFD, as in the WHATWG's USVString.
   */
  writeText(fin: boolean, rsv: number, opcode: Opcode, text: string): void {
    const slab = this.#room(text.length * 3 + maxHeaderSize)
    const key = this.#maskingKeys?.()
    const masked = key !== undefined
    // The header is as long as for ASCII; a longer one moves the payload.
    const guess = this.#end + headerSize(text.length, masked)
    const length = writeUtf8(slab.octets, guess, text)
    const payloadAt = this.#end + headerSize(length, masked)
    if (payloadAt !== guess) slab.octets.copyWithin(payloadAt, guess, guess + length)
    writeHeader(slab.octets, this.#end, fin, rsv, opcode, length, key)
    if (masked) maskRun(slab.octets, slab.words, 0, payloadAt, payloadAt + length, key)
    this.#wrote(slab, payloadAt + length)
  }

  /**
   * @internal Writes a whole frame that never changes, and is the same for many: where it is all that leaves it goes by
   * reference, beside others it is copied. 125 octets to 500: 5.3 us each, copied 6.5 (bench:peers, point broadcast).
   */
  writeShared(frame: Buffer): void {
    // Who takes octets in one process may write in them.
    if (this.#pending === 0 && this.#pool !== undefined) {
      this.#shared = frame
      this.#pending = frame.length
      // So that whatever is written next comes by #openRegion.
      this.#slab = undefined
      return
    }
    const slab = this.#room(frame.length)
    slab.octets.set(frame, this.#end)
    this.#wrote(slab, this.#end + frame.length)
  }

  /**
   * Writes only a header: its payload of `length` octets follows by {@link FrameEncoder.writePiece}.
   *
   * @returns the masking-key for the first piece (meaningless at a server).
   */
  writeHeader(fin: boolean, rsv: number, opcode: Opcode, length: number): number {
    const slab = this.#room(maxHeaderSize)
    const key = this.#maskingKeys?.()
    this.#wrote(slab, writeHeader(slab.octets, this.#end, fin, rsv, opcode, length, key))
    return key ?? 0
  }

  /**
   * Writes the next octets of a payload. A server's go by reference, `octets` is borrowed until it has been written; a
   * client's are copied, at most 64 KiB at a time, and masked.
   *
   * @returns the masking-key for the next piece.
   */
  writePiece(octets: Buffer, key: number): number {
    if (this.#maskingKeys === undefined) {
      this.#closeRegion()
      this.#closed ??= []
      this.#closed.push(octets)
      this.#pending += octets.length
      return key
    }
    const slab = this.#room(octets.length)
    const at = this.#end
    const turned = putMasked(slab, at, octets, key)
    this.#wrote(slab, at + octets.length)
    return turned
  }

  /**
   * Hands over all that waits. The octets stay as they are until {@link FrameEncoder.release}; without it for ever.
   */
  take(): Buffer[] {
    this.#closeShared()
    const region = this.#region()
    const closed = this.#closed
    this.#closed = undefined
    this.#pending = 0
    if (this.#own) this.#slab = undefined
    if (region === undefined) return closed ?? []
    if (closed === undefined) return [region]
    closed.push(region)
    return closed
  }

  /** The transport has copied everything that was taken: its slabs may be written again. */
  release(): void {
    // While something waits, its slab is held with the others: the next release comes soon.
    if (this.#first === undefined || this.#pending > 0) return
    this.#pool!.release(this.#first)
    this.#first = undefined
    if (this.#others !== undefined) for (const slab of this.#others) this.#pool!.release(slab)
    this.#others = undefined
    this.#slab = undefined
  }

  /** A slab with room for `size` octets at #end. */
  #room(size: number): OutputSlab {
    const slab = this.#slab
    if (slab !== undefined && slab.used === this.#end && slab.octets.length - slab.used >= size) return slab
    return this.#openRegion(size)
  }

  #openRegion(size: number): OutputSlab {
    const shared = this.#shared
    this.#shared = undefined
    this.#closeRegion()
    const needed = shared === undefined ? size : shared.length + size
    const slab = this.#own ? this.#ownSlab(needed) : this.#pool!.withRoom(needed)
    this.#slab = slab
    this.#start = slab.used
    this.#end = slab.used
    if (shared !== undefined) {
      // It counts already.
      slab.octets.set(shared, this.#end)
      this.#end += shared.length
      slab.used = this.#end
    }
    // A slab of one's own is nobody else's: it goes when its octets have gone.
    if (this.#own) return slab
    this.#hold(slab)
    return slab
  }

  #hold(slab: OutputSlab): void {
    if (slab === this.#first || this.#others?.includes(slab)) return
    slab.users++
    if (this.#first === undefined) this.#first = slab
    else if (this.#others === undefined) this.#others = [slab]
    else this.#others.push(slab)
    // A transport that is never quite done must not make this list long: the oldest slab is left to the collector.
    if (this.#others !== undefined && this.#others.length > 15) this.#first = this.#others.shift()
  }

  #ownSlab(size: number): OutputSlab {
    const last = this.#slab
    const doubled =
      last === undefined ? firstOwnSlab : Math.min(2 * last.octets.length, this.#pool?.slabSize ?? largestOwnSlab)
    return new OutputSlab(Math.max(doubled, size))
  }

  #closeShared(): void {
    if (this.#shared === undefined) return
    this.#closed = [this.#shared]
    this.#shared = undefined
  }

  #closeRegion(): void {
    this.#closeShared()
    const region = this.#region()
    if (region === undefined) return
    this.#closed ??= []
    this.#closed.push(region)
  }

  /** What was written side by side since a region was last closed; closes it. */
  #region(): Buffer | undefined {
    const slab = this.#slab
    if (slab === undefined || this.#end === this.#start) return undefined
    const region = slab.octets.subarray(this.#start, this.#end)
    this.#start = this.#end
    return region
  }

  #wrote(slab: OutputSlab, end: number): void {
    this.#pending += end - this.#end
    this.#end = end
    slab.used = end
  }
}

/** Writes a payload, or a piece of one, masked; returns the key as of the next piece. */
function putMasked(slab: OutputSlab, at: number, payload: Uint8Array, key: number): number {
  const { length } = payload
  if (length >= longRun) return maskInto(payload, 0, slab.octets, at, length, key)
  slab.octets.set(payload, at)
  return maskRun(slab.octets, slab.words, 0, at, at + length, key)
}

function firstOctet(fin: boolean, rsv: number, opcode: Opcode): number {
  return (fin ? 0x80 : 0) | (rsv << 4) | opcode
}

/** Writes a whole frame of a short payload, masked, at `at`; returns the place behind it. */
function writeShortMasked(octets: Buffer, at: number, first: number, payload: Uint8Array, key: number): number {
  const { length } = payload
  const k0 = key & 0xff
  const k1 = (key >>> 8) & 0xff
  const k2 = (key >>> 16) & 0xff
  const k3 = key >>> 24
  octets[at] = first
  octets[at + 1] = 0x80 | length
  octets[at + 2] = k0
  octets[at + 3] = k1
  octets[at + 4] = k2
  octets[at + 5] = k3
  let to = at + 6
  let i = 0
  for (const quads = length - 3; i < quads; i += 4, to += 4) {
    octets[to] = payload[i]! ^ k0
    octets[to + 1] = payload[i + 1]! ^ k1
    octets[to + 2] = payload[i + 2]! ^ k2
    octets[to + 3] = payload[i + 3]! ^ k3
  }
  if (i < length) octets[to++] = payload[i]! ^ k0
  if (++i < length) octets[to++] = payload[i]! ^ k1
  if (++i < length) octets[to++] = payload[i]! ^ k2
  return to
}

/** Writes a header at `at`; returns the place behind it, where the payload goes. */
function writeHeader(
  octets: Buffer,
  at: number,
  fin: boolean,
  rsv: number,
  opcode: Opcode,
  length: number,
  key: number | undefined,
): number {
  const maskBit = key === undefined ? 0 : 0x80
  let end = at + 2
  octets[at] = firstOctet(fin, rsv, opcode)
  if (length <= 125) {
    octets[at + 1] = maskBit | length
  } else if (length <= 0xffff) {
    octets[at + 1] = maskBit | 126
    end = octets.writeUInt16BE(length, end)
  } else {
    octets[at + 1] = maskBit | 127
    end = octets.writeUInt32BE(Math.floor(length / 0x1_0000_0000), end)
    end = octets.writeUInt32BE(length % 0x1_0000_0000, end)
  }
  return key === undefined ? end : octets.writeInt32LE(key | 0, end)
}

/** Writes `text` as UTF-8 at `at`; returns how many octets it took. */
function writeUtf8(octets: Buffer, at: number, text: string): number {
  if (text.length > shortText) return octets.write(text, at, 'utf8')
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code >= 0x80) return octets.write(text, at, 'utf8')
    octets[at + i] = code
  }
  return text.length
}
