/**
 * An echo endpoint that is as obvious as can be, built on the naive codec and nothing of the engine, and that can be told
 * to break a rule: a mutant. Unbroken it must pass every case; broken it must be caught by the cases for that rule.
 */
import { isUtf8 } from 'node:buffer'
import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { close, type FrameParts, frame, pong } from '../../../src/conformance/frame-parts.js'
import { buildRawFrame, type RawFrame, rawFrameSize, readRawFrame } from '../../../src/conformance/raw-frame.js'
import { isSendableStatusCode } from '../../../src/status-code.js'
import { answersTo, type MessageAnswer, pongTo } from './answers.js'
import type { Break } from './mutants.js'
import type { NaiveDeflate } from './naive-deflate.js'
import { isNaiveText } from './naive-utf8.js'

export class NaiveEcho {
  readonly #socket: Socket
  readonly #role: 'client' | 'server'
  readonly #breaks: ReadonlySet<Break>
  readonly #deflate: NaiveDeflate | undefined
  #chunks: Buffer[] = []
  #length = 0
  #needed = 2
  /** The message that has begun, and what has come of it. */
  #message: { opcode: number; parts: Buffer[]; compressed: boolean } | undefined
  #heldPings: Buffer[] = []
  #ping: Buffer = Buffer.alloc(0)
  #over = false
  #closeSent = false
  #messages = 0
  #frames = 0
  #masked = false
  #firstKey: Buffer | undefined
  #slow: NodeJS.Timeout | undefined

  /** @param socket on which the Opening Handshake is over. */
  constructor(socket: Socket, role: 'client' | 'server', breaks: ReadonlySet<Break>, deflate?: NaiveDeflate) {
    this.#deflate = deflate
    this.#socket = socket
    this.#role = role
    this.#breaks = breaks
    socket.on('data', chunk => this.receive(chunk))
    socket.on('end', () => {
      if (this.#does('closes with 1006 when TCP ends')) this.#send(close(1006))
      if (this.#does('resets TCP') && role === 'client') socket.resetAndDestroy()
      else if (!this.#keepsOpen()) socket.end()
    })
  }

  #keepsOpen(): boolean {
    const stays = this.#does('keeps TCP open after failing') || this.#does('falls silent at what is wrong')
    return this.#does('keeps its side of TCP open') || (this.#over && stays)
  }

  #does(what: Break): boolean {
    return this.#breaks.has(what)
  }

  receive(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length < this.#needed && this.#length > 4096) return
    let octets = Buffer.concat(this.#chunks)
    while (!this.#over) {
      const end = this.#readOne(octets)
      if (end === 0) break
      octets = octets.subarray(end)
      if (this.#does('reads only the first frame of a segment')) octets = Buffer.alloc(0)
    }
    if (this.#does('gives up on who is slow')) {
      clearTimeout(this.#slow)
      if (octets.length > 0) this.#slow = setTimeout(() => this.#over || this.#fail(1008), 10)
    }
    this.#chunks = [octets]
    this.#length = octets.length
    this.#needed = rawFrameSize(octets) ?? 2
  }

  /** Reads a frame; returns its end, or 0 when there is none, or none any more. */
  #readOne(octets: Buffer): number {
    const [first, second] = octets
    if (first === undefined || second === undefined) return 0
    if (!this.#checkHeader(octets, first, second)) return 0
    const read = readRawFrame(this.#does('reads 32 bits of lengths') ? withCutLength(octets) : octets)
    if (read === undefined) {
      this.#checkPartOfText(octets, first)
      return 0
    }
    const one = this.#unmask(read.frame)
    this.#frames++
    if (one.opcode > 10 || (one.opcode > 2 && one.opcode < 8)) return read.end
    if (one.opcode >= 8) this.#receiveControl(one)
    else this.#receiveData(one)
    return read.end
  }

  /** Some are, once there is compression. */
  get #isLax(): boolean {
    return this.#deflate !== undefined && this.#does('checks little with deflate')
  }

  /** §5.1, §5.2, §5.5: as soon as the header shows it. */
  #checkHeader(octets: Buffer, first: number, second: number): boolean {
    const opcode = first & 15
    const control = opcode >= 8
    const middle = (first & 0x8f) === 0 && this.#does('ignores RSV bits of middle fragments')
    if (!middle && !this.#checkRsv(first) && !this.#does('ignores RSV bits')) return this.#fail(1002)
    if ((opcode > 2 && opcode < 8) || opcode > 10) {
      const ignored = control ? 'ignores reserved control opcodes' : 'ignores reserved data opcodes'
      if (!this.#does(ignored) && !this.#isLax) return this.#fail(1002)
    }
    if (second >= 128 !== (this.#role === 'server') && !this.#does('ignores the mask bit')) return this.#fail(1002)
    if (control && opcode < 11 && first < 128 && !this.#does('takes fragmented control frames') && !this.#isLax)
      return this.#fail(1002)
    if (control && (second & 127) > 125 && !this.#does('takes long control frames') && !this.#isLax)
      return this.#fail(1002)
    return this.#checkLength(octets, second & 127, control)
  }

  /** RSV1 on the first frame of a message, where there is compression. */
  #checkRsv(first: number): boolean {
    const rsv = (first >> 4) & 7
    if (rsv === 0) return true
    if (this.#deflate === undefined) return false
    const opcode = first & 15
    if ((rsv & 3) !== 0) return this.#does('ignores RSV2 and RSV3 with deflate')
    if (opcode >= 8) return this.#does('ignores RSV1 on control frames')
    return opcode !== 0 || this.#does('ignores RSV1 on continuations')
  }

  #checkLength(octets: Buffer, short: number, control: boolean): boolean {
    const wasteful =
      this.#does('takes lengths that are not minimal') || (control && this.#does('takes long control frames'))
    if (short === 126 && octets.length >= 4 && octets.readUInt16BE(2) < 126 && !wasteful) return this.#fail(1002)
    if (short === 127 && octets.length >= 10) {
      const length = octets.readBigUInt64BE(2)
      if (length < 65_536n && !wasteful) return this.#fail(1002)
      if (length >= 1n << 63n && !this.#does('waits for lengths with the top bit')) return this.#fail(1002)
      if (length > 1_000_000n && this.#does('takes no message above a million octets')) return this.#fail(1009)
    }
    return true
  }

  /** §8.1, before the frame is whole: only of small ones, for this is naive. */
  #checkPartOfText(octets: Buffer, first: number): void {
    const opcode = first & 15
    const compressed = opcode === 0 ? this.#message?.compressed === true : (first & 0x40) !== 0
    const isText = !compressed && (opcode === 1 || (opcode === 0 && this.#message?.opcode === 1))
    const size = rawFrameSize(octets)
    if (!isText || size === undefined || size > 4096) return
    const { payload } = readRawFrame(Buffer.concat([octets, Buffer.alloc(size - octets.length)]))!.frame
    const come = octets.length - (size - payload.length)
    this.#checkText([...(this.#message?.parts ?? []), payload.subarray(0, Math.max(0, come))])
  }

  /** Whether these fragments may still become text; fails the connection when not. */
  #checkText(parts: readonly Buffer[]): boolean {
    if (this.#takesText(1) || parts.reduce((sum, part) => sum + part.length, 0) > 4096) return true
    if (isNaiveText(Buffer.concat(parts), false, this.#breaks)) return true
    return this.#does('checks UTF-8 of whole frames only') ? true : this.#fail(1007)
  }

  #unmask(one: RawFrame): RawFrame {
    const { maskingKey: key, payload } = one
    if (key === undefined) return one
    this.#firstKey ??= key
    const raw = () => payload.map((octet, i) => octet ^ key[i % 4]!)
    if (this.#does('refuses masking-keys of zeros') && key.every(octet => octet === 0)) this.#fail(1002)
    if (this.#does('does not unmask')) return { ...one, payload: Buffer.from(raw()) }
    if (this.#does('unmasks with the first octet of the key')) {
      return { ...one, payload: Buffer.from(raw().map(octet => octet ^ key[0]!)) }
    }
    if (this.#does('unmasks all frames with the first key')) {
      return { ...one, payload: Buffer.from(raw().map((octet, i) => octet ^ this.#firstKey![i % 4]!)) }
    }
    return one
  }

  #receiveControl({ opcode, payload }: RawFrame): void {
    if (this.#does('fails on control frames within a message') && this.#message !== undefined) this.#fail(1002)
    else if (opcode === 8) this.#receiveClose(payload)
    else if (opcode === 9) this.#receivePing(payload)
    else if (this.#does('answers Pongs')) this.#send(pong(payload))
  }

  #receivePing(payload: Buffer): void {
    const within = this.#message !== undefined
    if (within && this.#does('answers no Ping within a message')) return
    if (within && this.#does('answers Pings after the message')) this.#heldPings.push(payload)
    else for (const answer of pongTo(this.#left(payload), this.#breaks)) this.#send(this.#compressedPong(answer))
  }

  /** What is in the buffer that Pings are read into. */
  #left(payload: Buffer): Buffer {
    if (payload.length > 0) this.#ping = payload
    return this.#does('answers empty Pings with what an earlier one left') ? this.#ping : payload
  }

  #hasBegun(): boolean {
    if (this.#message === undefined) return false
    const byOctets = this.#does('tells by its octets whether a message has begun')
    return !byOctets || this.#message.parts.some(part => part.length > 0)
  }

  #receiveData({ opcode, fin, payload, rsv }: RawFrame): void {
    if (this.#does('echoes each fragment')) {
      this.#finish(opcode === 0 ? 1 : opcode, payload)
      return
    }
    if (opcode !== 0 && this.#hasBegun() && !this.#does('takes a new message within one')) {
      this.#fail(1002)
      return
    }
    if (opcode === 0 && this.#message === undefined) {
      if (this.#does('ignores continuations of nothing')) return
      this.#fail(1002)
      return
    }
    const message =
      opcode === 0 ? this.#message! : { opcode, parts: [], compressed: this.#deflate !== undefined && (rsv & 4) !== 0 }
    if (this.#does('joins fragments in reverse')) message.parts.unshift(payload)
    else message.parts.push(payload)
    this.#message = message
    const plainText = message.opcode === 1 && !message.compressed
    if (plainText && !this.#checkText(this.#does('checks UTF-8 frame by frame') ? [payload] : message.parts)) return
    if (!fin) return
    this.#message = undefined
    this.#open(message.opcode, Buffer.concat(message.parts), message)
    for (const held of this.#heldPings.splice(0)) this.#send(pong(held))
  }

  #open(opcode: number, wire: Buffer, { parts, compressed }: { parts: readonly Buffer[]; compressed: boolean }): void {
    if (!compressed && this.#deflate !== undefined && this.#does('fails on messages that are not compressed')) {
      this.#fail(1002)
    } else if (!compressed) this.#finish(opcode, wire, parts.length)
    else {
      let payload: Buffer
      try {
        payload = this.#deflate!.open(wire)
      } catch {
        this.#fail(1007)
        return
      }
      const taken = this.#does('takes compressed text that is not UTF-8')
      this.#finish(taken && !isUtf8(payload) ? 2 : opcode, payload)
    }
  }

  #finish(opcode: number, payload: Buffer, frames = 1): void {
    if (opcode === 1 && !isNaiveText(payload, true, this.#breaks) && !this.#takesText(frames)) {
      this.#fail(1007)
      return
    }
    const answer: MessageAnswer = { opcode, payload, number: ++this.#messages }
    for (const one of answersTo(answer, this.#breaks)) this.#send(this.#compressed(one))
    if (this.#does('closes after three messages') && this.#messages === 3) this.#answerClose(1000)
  }

  #compressedPong(one: FrameParts): FrameParts {
    if (!this.#does('compresses Pongs')) return one
    const payload = this.#deflate?.close(Buffer.from(one.payload)) ?? one.payload
    return { ...one, payload, rsv: 4 }
  }

  #compressed(one: FrameParts): FrameParts {
    const whole = (one.opcode === 1 || one.opcode === 2) && one.fin !== false
    const wire = whole ? this.#deflate?.close(Buffer.from(one.payload)) : undefined
    return wire === undefined ? one : { ...one, payload: wire, rsv: 4 }
  }

  #takesText(frames: number): boolean {
    if (this.#does('takes text that is not UTF-8') || this.#does('replaces what is not UTF-8')) return true
    if (this.#does('checks UTF-8 frame by frame') && frames > 1) return true
    return frames > 1 && this.#does('checks UTF-8 of whole frames only')
  }

  #receiveClose(body: Buffer): void {
    if (this.#does('ignores Close frames')) return
    if (this.#does('ignores Close frames within a message') && this.#message !== undefined) return
    const answer = this.#judgeClose(body)
    if (answer === 'fail') return
    if (this.#does('answers no Close')) this.#endTcp(false)
    else this.#answerClose(answer)
  }

  /** The status code to answer with; `fail` when the connection has failed. */
  #judgeClose(body: Buffer): number | undefined | 'fail' {
    const code = body.length < 2 ? undefined : body.readUInt16BE(0)
    if (body.length === 1) {
      if (this.#does('answers a Close of one octet with an empty one')) return undefined
      if (!this.#does('takes Close bodies of one octet')) return this.#failed(1002)
      return 1000
    }
    if (code !== undefined && !isSendableStatusCode(code)) {
      if (this.#does('answers invalid status codes with 1000')) return 1000
      if (!this.#does('takes every status code')) return this.#failed(1002)
    }
    if (!isUtf8(body.subarray(2)) && !this.#does('takes reasons that are not UTF-8')) return this.#failed(1007)
    if (this.#does('refuses registered status codes') && code !== undefined && code > 1011) return this.#failed(1002)
    return code
  }

  #failed(code: number): 'fail' {
    this.#fail(code)
    return 'fail'
  }

  #answerClose(code: number | undefined): void {
    this.#send(close(this.#closeCode(code)))
    this.#closeSent = true
    if (this.#does('sends data after its Close')) this.#send(frame(1, 'one more'))
    if (this.#does('goes on after a Close')) return
    this.#over = true
    if (this.#role === 'server') this.#endTcp(false)
    else if (this.#does('ends TCP before the server')) this.#socket.end()
  }

  #closeCode(code: number | undefined): number | undefined {
    if (this.#does('always closes with 1000')) return 1000
    if (this.#does('answers an empty Close with 1005') && code === undefined) return 1005
    return this.#does('always closes with an empty Close') ? undefined : code
  }

  #endTcp(failed: boolean): void {
    this.#over = true
    if (this.#does(failed ? 'keeps TCP open after failing' : 'keeps TCP open after the Closing Handshake')) return
    // A reset that comes together with the last octets looks like the end to whoever reads them: this one comes later.
    if (this.#does('resets TCP')) this.#socket.once('data', () => this.#socket.resetAndDestroy())
    else this.#socket.end()
  }

  /** §7.1.7. Returns whether to go on all the same. */
  #fail(code: number): boolean {
    if (this.#does('falls silent at what is wrong')) {
      this.#over = true
      return false
    }
    const goesOn = this.#does('goes on after failing') || this.#does('goes on after a Close')
    if (this.#does('fails without a word')) this.#socket.end()
    else if (!this.#closeSent || goesOn) this.#send(close(this.#closeCode(code)))
    this.#closeSent = true
    if (goesOn) return true
    if (this.#does('fails without a word')) this.#over = true
    else this.#endTcp(true)
    return false
  }

  #send(parts: FrameParts): void {
    const bare = parts.opcode === 8 && this.#does('does not mask Close frames')
    const masks = (this.#role === 'client') !== (this.#does('masks the wrong way') || bare)
    const dropping = this.#does('drops what does not fit')
    // Never what is as large as its own buffer: what the kernel has room for depends on who is quicker.
    const fits = this.#socket.writableLength + parts.payload.length < 256 * 1024
    if (!this.#socket.writable || (dropping && !fits)) return
    const octets = buildRawFrame({ ...parts, maskingKey: masks ? this.#key() : undefined })
    const cuts = octets.length > 1_000_000 && this.#does('leaves large messages unfinished')
    const room = this.#socket.write(cuts ? octets.subarray(0, 100_000) : octets)
    if (room || this.#socket.isPaused() || this.#does('reads on when its answers are not read') || dropping) return
    this.#socket.pause().once('drain', () => this.#socket.resume())
  }

  #key(): Buffer {
    if (this.#does('masks with one key')) return Buffer.from('same')
    // As in the connection that asks how many cases there are.
    if (this.#does('begins each connection with the same masking-keys') && !this.#masked) {
      this.#masked = true
      return Buffer.from('abcd')
    }
    const counted = Buffer.alloc(4)
    counted.writeUInt32BE((this.#frames * 2654435761) >>> 0)
    return this.#does('counts its masking-keys up') ? counted : randomBytes(4)
  }
}

/** The octets of a frame, with nothing in the upper half of a length of eight octets. */
function withCutLength(octets: Buffer): Buffer {
  if ((octets[1]! & 127) !== 127 || octets.length < 10) return octets
  return Buffer.from(octets).fill(0, 2, 6)
}
