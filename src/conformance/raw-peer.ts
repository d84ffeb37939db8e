/**
 * Our end of one connection with the endpoint under test: it sends exactly the octets it is told to, takes in what comes,
 * and lets a step wait until a fact is there. It is polite where no case says otherwise (it answers Pings), and never
 * concludes anything from time passing except that what was awaited has not come.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { HandshakeError } from '../errors.js'
import { Opcode, type Role } from '../framing/frame-header.js'
import type { RequestHead, ResponseHead } from '../http/message-head.js'
import type { OrderedClient } from './control.js'
import type { Target } from './dial.js'
import { asRawFrame, close, type FrameParts, pong } from './frame-parts.js'
import { frameText } from './frame-text.js'
import { Inbox } from './inbox.js'
import type { Patience } from './patience.js'
import { buildRawFrame } from './raw-frame.js'
import { RawFrameReader } from './raw-frame-reader.js'
import { RawHeadReader } from './raw-head-reader.js'
import type { SeededOctets } from './seeded-octets.js'
import { cut, type Segmentation } from './segmentation.js'
import { type KeptEntry, Transcript } from './transcript.js'
import { Waiting } from './waiting.js'

/** The most octets that are handed to the socket at once: each part that it takes is a sign of life. */
const maxWrite = 262_144

export interface RawPeerAbout {
  /** Which side the endpoint under test is; we are the other. */
  readonly tested: Role
  readonly segmentation: Segmentation
  readonly chance: SeededOctets
  readonly patience: Patience
}

export class RawPeer {
  readonly tested: Role
  /** How what it sends is cut. */
  segmentation: Segmentation
  /** Where masking-keys come from. */
  chance: SeededOctets
  /** How long it waits. */
  patience: Patience
  readonly transcript = new Transcript()
  readonly inbox: Inbox
  /** The server under test; undefined where a client is. */
  target: Target | undefined
  /** Where the client under test takes orders: what gives them. */
  client: OrderedClient | undefined
  /** Where a proxy is under test: our other end, behind it, once the request has come there. */
  behind: RawPeer | undefined
  /** There: resolves with our other end when the request with our key comes to it; never, when it does not. */
  arrival: (() => Promise<RawPeer>) | undefined
  /** There: what is under test passes octets on and reads none of them. */
  throughTunnel = false
  /** The Sec-WebSocket-Key of the Opening Handshake; '' where a request has none. */
  key = ''
  /** Field lines that the user wants in our responses to the client under test. */
  fieldLines = ''
  /** The client under test has sent this key before. */
  keyWasSeen = false
  /** The masking-keys of the client under test, an array of each of its connections; this one's may be among them. */
  otherMaskingKeys: readonly (readonly number[])[] = []
  /** The client under test's request. */
  request: RequestHead | undefined
  /** The status codes of the interim responses before it (RFC 9110 §15.2). */
  readonly interim: number[] = []
  /** The response of the server under test. */
  response: ResponseHead | undefined
  /** The octets of all heads that have come, and of what came with the last one. */
  headOctets: Buffer = Buffer.alloc(0)
  /** Its head is not HTTP as RFC 9112 has it; or larger than we read, see {@link beyondLimits}. */
  headError: HandshakeError | undefined
  /** What has come behind the head and is not read as frames: a body, or data that came too early. */
  behindHead: Buffer = Buffer.alloc(0)
  /** The endpoint under test has ended its side of TCP, in order or by a reset. */
  ended: 'FIN' | 'reset' | undefined
  /** The Close frame that we have sent; its code, or `none`. */
  closeSent: number | 'none' | undefined
  /** A step has seen that the endpoint failed the connection, as it had to (§7.1.7). */
  sawFailure = false
  /** We have ended our side of TCP. */
  finished = false
  /** The payloads of the Pings that we have sent. */
  readonly pingsSent: Buffer[] = []
  /** The payloads of the Pongs that we have sent without being asked. */
  readonly pongsSent: Buffer[] = []
  /** The last await ended without what it waited for because nothing came any more. */
  silent = false
  readonly waiting = new Waiting()
  readonly #socket: Socket
  #head: RawHeadReader
  readonly #frames = new RawFrameReader()
  #stage: 'head' | 'behind' | 'frames' = 'head'
  /** What of the transcript is behind the head. */
  #behind: KeptEntry[] = []
  #held: Buffer[] = []
  #sending: Promise<unknown> = Promise.resolve()

  /** @param socket - open; the peer's own from now on. */
  constructor(socket: Socket, about: RawPeerAbout) {
    this.tested = about.tested
    this.segmentation = about.segmentation
    this.chance = about.chance
    this.patience = about.patience
    this.inbox = new Inbox(about.tested)
    this.#socket = socket
    this.#head = new RawHeadReader(about.tested === 'client' ? 'request' : 'response')
    this.transcript.add('us', 'tcp', 'TCP connection open')
    socket.allowHalfOpen = true // who ends TCP, and when, is part of what is judged
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('end', () => this.#end('FIN', 'TCP ended (FIN)'))
    socket.on('error', (error: NodeJS.ErrnoException) => this.#end('reset', `TCP reset (${error.code})`))
    socket.on('close', () => this.#end('reset', 'TCP ended'))
    socket.on('drain', () => this.wake())
  }

  /** From here on what comes is read as frames, what has come behind the head included. */
  startFrames(): void {
    const early = this.behindHead
    this.behindHead = Buffer.alloc(0)
    this.#stage = 'frames'
    this.transcript.takeBack(this.#behind.splice(0))
    if (early.length > 0) this.#receiveFrames(early)
  }

  /** The port of ours that the connection came to, or goes from. */
  get port(): number {
    return this.#socket.localPort!
  }

  /** Both ends of the TCP connection, ours first: address and port. */
  get ends(): readonly [ours: string, theirs: string] {
    const { localAddress, localPort, remoteAddress, remotePort } = this.#socket
    return [`${localAddress} ${localPort}`, `${remoteAddress} ${remotePort}`]
  }

  /** How many octets of a frame have come that is not whole. */
  get pending(): number {
    return this.#frames.pending
  }

  /** The octets of a frame, masked as its parts say or §5.1 asks. */
  build(parts: FrameParts): Buffer {
    const masked = parts.masked ?? (parts.maskingKey !== undefined || this.tested === 'server')
    const maskingKey = masked ? (parts.maskingKey ?? this.chance.take(4)) : undefined
    const { masked: _, ...raw } = parts
    const built = { ...raw, maskingKey }
    const octets = buildRawFrame(built)
    const from = this.tested === 'server' ? 'client' : 'server'
    this.transcript.add('us', 'frame', () => frameText(asRawFrame(built), from), octets)
    return octets
  }

  /**
   * Sends frames, cut as the run says.
   *
   * @returns whether the endpoint took them; false when it no longer reads.
   */
  async sendFrames(frames: readonly FrameParts[]): Promise<boolean> {
    for (const { opcode, payload } of frames) {
      if (opcode === Opcode.close) this.#noteClose(Buffer.from(payload))
      if (opcode === Opcode.ping) this.pingsSent.push(Buffer.from(payload))
      if (opcode === Opcode.pong) this.pongsSent.push(Buffer.from(payload))
    }
    return await this.#send(
      cut(
        frames.map(parts => this.build(parts)),
        this.segmentation,
      ),
    )
  }

  /** Sends octets that have been noted, cut as the run says. */
  async sendOctets(octets: Buffer): Promise<boolean> {
    return await this.#send(cut([octets], this.segmentation))
  }

  /** Sends pieces that have been noted, each in a write of its own, whatever the run says. */
  async sendPieces(pieces: readonly Buffer[]): Promise<boolean> {
    return await this.#send(pieces)
  }

  /** The octets of this text, noted as sent; for `sendOctets`, `sendPieces` and `hold`. */
  note(kind: 'http' | 'octets', what: string, text: string | Buffer): Buffer {
    const octets = Buffer.isBuffer(text) ? text : Buffer.from(text, 'latin1')
    this.transcript.add('us', kind, what, octets)
    return octets
  }

  /** Reads what comes, or leaves it for a while. */
  readOn(reads: boolean): void {
    if (reads) this.#socket.resume()
    else this.#socket.pause()
  }

  /**
   * Sends the same octets again and again, until the endpoint takes no more for a while or so many have been sent.
   *
   * @returns how many octets have been sent.
   */
  async fill(octets: Buffer, most: number): Promise<number> {
    await this.#flush()
    let sent = 0
    while (sent < most && this.#socket.writable) {
      this.#socket.write(octets)
      sent += octets.length
      if (this.#socket.writableNeedDrain && !(await this.waiting.next(this.patience.asking, this.patience))) break
    }
    return sent
  }

  /** Keeps octets back, to go in one write with what is sent next, or before something is awaited. */
  hold(octets: Buffer): void {
    this.#held.push(octets)
  }

  /** Sends a Close frame; without a code an empty one. In one write, however the run cuts. */
  async sendClose(code?: number): Promise<void> {
    const parts = close(code)
    this.#noteClose(Buffer.from(parts.payload))
    await this.#send([this.build(parts)])
  }

  #noteClose(body: Buffer): void {
    this.closeSent ??= body.length < 2 ? 'none' : body.readUInt16BE(0)
  }

  /** Ends our side of TCP, in order. */
  async finish(): Promise<void> {
    await this.#flush()
    if (this.finished) return
    this.finished = true
    this.transcript.add('us', 'tcp', 'TCP ended (FIN)')
    this.#socket.end()
  }

  /**
   * Nothing more is sent or read. Who has not ended TCP by now is cut off by a reset, if possible: Node loses its handle on
   * a socket that is to be reset after its end was sent, and one with TLS cannot be reset at all.
   */
  destroy(): void {
    const begun = this.ended !== undefined || this.finished || this.#socket.writableLength > 0
    const possible = !begun && !(this.#socket instanceof TLSSocket)
    if (possible) this.#socket.resetAndDestroy()
    else this.#socket.destroy()
  }

  /**
   * Waits for a fact.
   *
   * @param within - the longest silence, in ms; that of the run unless told.
   * @returns whether the fact is there; false when the connection has ended without, or nothing comes any more.
   */
  async until(done: () => boolean, within = this.patience.silence): Promise<boolean> {
    await this.#flush()
    const latest = performance.now() + this.patience.endless
    this.silent = false
    while (!done() && this.ended === undefined) {
      if (performance.now() < latest && (await this.waiting.next(within, this.patience))) continue
      this.silent = true
      break
    }
    return done()
  }

  /** What there is instead of what was awaited: in a clause, for the reason of a finding. */
  instead(): string {
    const { inbox } = this
    if (inbox.close !== undefined) return `it closed with ${inbox.close.code ?? 'an empty Close frame'}`
    if (this.ended !== undefined) return this.ended === 'FIN' ? 'it ended TCP' : 'it reset TCP'
    if (this.pending > 0) return `only part of a frame came, ${this.pending} octets, and then nothing`
    return 'nothing came'
  }

  /** One after the other: what answers by itself (a Pong) must not get between the pieces of a step. */
  #send(pieces: readonly Buffer[]): Promise<boolean> {
    const sent = this.#sending.then(() => this.#write(pieces))
    this.#sending = sent
    return sent
  }

  async #write(pieces: readonly Buffer[]): Promise<boolean> {
    const held = this.#held.splice(0)
    const all = held.length === 0 ? pieces : [Buffer.concat([...held, ...pieces.slice(0, 1)]), ...pieces.slice(1)]
    for (const [i, piece] of all.entries()) {
      if (i > 0) await new Promise(setImmediate) // the one before has its own segment
      for (let at = 0; at === 0 || at < piece.length; at += maxWrite) {
        if (this.finished || !this.#socket.writable) return true
        this.#socket.write(piece.subarray(at, at + maxWrite))
        if (!(await this.#drained())) return false
      }
    }
    return true
  }

  /** Resolves when there is room again; with false when it takes too long. */
  async #drained(): Promise<boolean> {
    while (this.#socket.writableNeedDrain && this.ended === undefined) {
      if (!(await this.waiting.next(this.patience.silence, this.patience))) return false
    }
    return true
  }

  async #flush(): Promise<void> {
    if (this.#held.length > 0) await this.#send([])
  }

  /** Something has happened, here or beside the connection: whoever waits looks again. */
  wake(): void {
    this.waiting.wake()
  }

  #end(how: 'FIN' | 'reset', text: string): void {
    if (this.ended !== undefined) return
    this.ended = how
    this.transcript.add('peer', 'tcp', text)
    this.wake()
  }

  #receive(chunk: Buffer): void {
    if (this.#stage === 'head') {
      this.headOctets = Buffer.concat([this.headOctets, chunk])
      for (let rest: Buffer | undefined = chunk; rest?.length; ) rest = this.#receiveHead(rest)
    } else if (this.#stage === 'frames') this.#receiveFrames(chunk)
    else this.#keepBehind(chunk)
    this.wake()
  }

  /** @returns what is behind an interim response: of another head. */
  #receiveHead(chunk: Buffer): Buffer | undefined {
    try {
      const read = this.#head.receive(chunk)
      const length = chunk.length - (read?.rest.length ?? 0)
      this.transcript.add('peer', 'http', () => startOf(chunk), chunk.subarray(0, length))
      if (read === undefined) return undefined
      const { head, rest } = read
      if (!('status' in head)) {
        this.request = head
        this.key = head.fields.get('sec-websocket-key') ?? ''
      } else if (head.status < 100 || head.status >= 200 || head.status === 101) this.response = head
      else {
        this.interim.push(head.status)
        this.#head = new RawHeadReader('response')
        return rest
      }
      if (rest.length > 0) this.#keepBehind(rest)
    } catch (error) {
      this.transcript.add('peer', 'http', 'no HTTP head', chunk)
      this.headError = error as HandshakeError
    }
    this.#stage = 'behind'
    return undefined
  }

  #keepBehind(octets: Buffer): void {
    const most = 65_536
    if (this.behindHead.length === most) return
    this.#behind.push(this.transcript.add('peer', 'octets', 'octets behind the head', octets))
    this.behindHead = Buffer.concat([this.behindHead, octets.subarray(0, most - this.behindHead.length)])
  }

  #receiveFrames(chunk: Buffer): void {
    for (const { frame, octets } of this.#frames.receive(chunk)) {
      this.transcript.add('peer', 'frame', () => frameText(frame, this.tested), octets)
      this.inbox.receive(frame)
      if (frame.opcode === Opcode.ping && this.closeSent === undefined)
        void this.#send([this.build(pong(frame.payload))])
    }
  }
}

/** The first line of a head. */
function startOf(chunk: Buffer): string {
  return chunk.toString('latin1').split('\r\n', 1)[0]!.slice(0, 200)
}
