/**
 * A connection on a bench: every call of its handler and every frame it sends becomes a short line, in order, so that a
 * test compares lists. The clock is a number that the test sets; the transport takes what it is told to take.
 */

import type { CloseRecord } from '../../src/connection/close-record.js'
import { Connection } from '../../src/connection/connection.js'
import type { ConnectionHandler } from '../../src/connection/connection-handler.js'
import { connectionSettings, type InPlace } from '../../src/connection/connection-settings.js'
import { type DeadlineOptions, type LimitOptions, resolveLimits } from '../../src/connection/limits.js'
import { sizeOnTheWire } from '../../src/connection/message-assembler.js'
import { ProtocolError } from '../../src/errors.js'
import type { AgreedExtension } from '../../src/extensions/extension.js'
import type { CloseBody } from '../../src/framing/close-body.js'
import type { Role } from '../../src/framing/frame-header.js'
import type { MaskingKeySource } from '../../src/framing/masking.js'
import { type OutputSlabPool, sharedOutputSlabs } from '../../src/framing/output-slab.js'
import { CompressingPeer } from './compressing-peer.js'
import { agreed } from './deflating-peer.js'
import { NaivePeer, readFrames, type WireFrame } from './naive-peer.js'

/** Both ends of a connection, for tables that hold for both. */
export const roles: readonly Role[] = ['server', 'client']

const whatIsAgreed = process.env['FRAMEWRIGHT_TEST_AGREED'] ?? ''

/**
 * Where a test does not say: permessage-deflate is agreed on, and nobody compresses; or the peer compresses whatever it
 * sends. So with-deflate.test.ts wants it.
 */
export const deflateAgreed = whatIsAgreed.startsWith('permessage-deflate')
const peerCompresses = whatIsAgreed === 'permessage-deflate, used'

/**
 * What a header is refused with that announces more than a message may have: at once by the limit on frames, which is the
 * same; what is compressed may be a little longer (see sizeOnTheWire), so it is for the message to say.
 */
export function frameTooBig(length: number | bigint, limit: number): string {
  const little = deflateAgreed && length <= sizeOnTheWire(limit)
  return `> fail 1009 §10.4 WS_${little ? 'MESSAGE' : 'FRAME'}_TOO_BIG`
}

/** What a test may set. */
export interface TraceOptions extends LimitOptions, DeadlineOptions {
  readonly textAsOctets?: boolean
  readonly borrowed?: boolean
  readonly inPlace?: InPlace
  readonly slabs?: OutputSlabPool
  readonly maskingKeys?: MaskingKeySource
  readonly extensions?: readonly AgreedExtension[]
}

const names = new Map([
  [0, 'continuation'],
  [1, 'text'],
  [2, 'binary'],
  [8, 'close'],
  [9, 'ping'],
  [10, 'pong'],
])

export class ConnectionTrace {
  readonly connection: Connection
  readonly peer: NaivePeer
  /** What the handler was told, and after `>` the frames that left. */
  lines: string[] = []
  /** The frames that left, as they are. */
  readonly sent: WireFrame[] = []
  now = 0
  wakes = 0
  /** Octets that onWritten told of. */
  written = 0
  record: CloseRecord | undefined
  #unread = Buffer.alloc(0)

  /** @param act - the application: called after the line is written; what it returns or throws reaches the connection. */
  constructor(role: Role, options: TraceOptions = {}, act: Partial<ConnectionHandler> = {}) {
    const {
      textAsOctets,
      borrowed = false,
      inPlace,
      slabs,
      maskingKeys,
      extensions = usualExtensions(role),
      ...limits
    } = options
    // The first one sets the jitter of this connection's Pings: none.
    let key = 0x04030200
    const settings = connectionSettings(resolveLimits(role, limits), {
      maskingKeys: maskingKeys ?? (() => key++),
      slabs: slabs ?? sharedOutputSlabs,
      borrowed,
      inPlace,
      ...(textAsOctets === undefined ? {} : { textAsOctets }),
    })
    this.peer = peerCompresses && options.extensions === undefined ? new CompressingPeer(role) : new NaivePeer(role)
    const owner = { wake: () => void this.wakes++ }
    this.connection = new Connection(role, this.#handler(act), owner, settings, this.now, extensions)
  }

  /** The peer sends: octets in one chunk of their own. Returns how many were taken. */
  receive(...octets: readonly Buffer[]): number {
    if (peerCompresses) this.work()
    return this.connection.receive(Buffer.concat(octets), this.now)
  }

  /** The same, in a chunk that is only lent: it is overwritten at once, with what is in no legal text and no legal header. */
  lend(...octets: readonly Buffer[]): number {
    const chunk = Buffer.concat(octets)
    const taken = this.connection.receive(chunk, this.now, true)
    chunk.fill(0xff)
    return taken
  }

  /** The peer sends octet by octet, each in a chunk of its own. */
  receiveSlowly(...octets: readonly Buffer[]): void {
    for (const octet of Buffer.concat(octets)) this.connection.receive(Buffer.from([octet]), this.now)
  }

  /** Lets the time pass and the owner look at the deadline, as often as it asks for it. */
  waitUntil(now: number): this {
    for (let due = this.connection.nextDeadline(); due <= now; due = this.connection.nextDeadline()) {
      this.now = Math.max(this.now, due)
      this.connection.handleDeadline(this.now)
    }
    this.now = now
    return this
  }

  /** The transport takes all there is and hands it to the kernel. */
  flush(): this {
    while (this.connection.hasOutput) {
      this.#read(this.connection.takeOutput(this.now))
      this.connection.transportTook(0, false, this.now)
      this.connection.releaseOutput()
    }
    return this
  }

  /** The transport takes once, and keeps it. Returns how many octets it took. */
  take(): number {
    const taken = this.connection.takeOutput(this.now)
    this.#read(taken)
    return taken.reduce((sum, buffer) => sum + buffer.length, 0)
  }

  /** Extensions do what they have to do. Returns in how many turns. */
  work(): number {
    let turns = 0
    for (; this.connection.hasWork; turns++) this.connection.work(this.now)
    return turns
  }

  /** The lines since the last call, the frames that can leave among them. */
  next(): string[] {
    if (peerCompresses) this.work()
    this.flush()
    const lines = this.lines
    this.lines = []
    return lines
  }

  /** As {@link next}, of the frames only. */
  frames(): string[] {
    return this.next().filter(line => line.startsWith('>'))
  }

  /** No octets of a frame that is not whole have left. */
  get wholeFrames(): boolean {
    return this.#unread.length === 0
  }

  #read(taken: readonly Buffer[]): void {
    const { frames, rest } = readFrames(Buffer.concat([this.#unread, ...taken]))
    this.#unread = Buffer.from(rest)
    this.sent.push(...frames)
    for (const frame of frames) this.lines.push(`> ${this.#failureLine(frame) ?? frameLine(frame)}`)
  }

  /** A Close frame that tells of the peer's error: the law instead of the words. */
  #failureLine(frame: WireFrame): string | undefined {
    const { error } = this.connection.closeRecord
    if (frame.opcode !== 8 || !(error instanceof ProtocolError)) return undefined
    if (frame.payload.toString('utf8', 2) !== error.message) return undefined
    return `fail ${frame.payload.readUInt16BE(0)} §${error.section} ${error.code}`
  }

  #handler(act: Partial<ConnectionHandler>): ConnectionHandler {
    const tell = (line: string) => void this.lines.push(line)
    return {
      onText: message => {
        tell(typeof message === 'string' ? `text ${quote(message)}` : `text octets ${show(message)}`)
        return act.onText?.(message)
      },
      onBinary: message => {
        tell(`binary ${show(message)}`)
        return act.onBinary?.(message)
      },
      onPing: payload => {
        tell(`ping ${quote(payload.toString())}`)
        act.onPing?.(payload)
      },
      onPong: (payload, roundTripTime) => {
        tell(`pong ${quote(payload.toString())}${roundTripTime === undefined ? '' : ` after ${roundTripTime}`}`)
        act.onPong?.(payload, roundTripTime)
      },
      onClosing: received => {
        tell(received === undefined ? 'closing' : `closing ${closeLine(received)}`)
        act.onClosing?.(received)
      },
      onPeerEnd: () => {
        tell('peer end')
        act.onPeerEnd?.()
      },
      onDrain: () => {
        tell('drain')
        act.onDrain?.()
      },
      onWritten: octets => {
        this.written += octets
        act.onWritten?.(octets)
      },
      onClose: record => {
        this.record = record
        tell(`closed ${closeLine(record)}${record.clean ? ' clean' : ''} by ${record.initiator}`)
        act.onClose?.(record)
      },
      onError: error => {
        tell(`error ${error instanceof Error ? error.message : String(error)}`)
        act.onError?.(error)
      },
    }
  }
}

function usualExtensions(role: Role): readonly AgreedExtension[] {
  if (!deflateAgreed) return []
  const [{ extension, parameters }] = agreed(role) as [AgreedExtension]
  const transform = extension.transform!.bind(extension)
  const quiet = () => Object.assign(transform(role, parameters), { encode: (octets: Buffer) => octets })
  return [{ extension: Object.assign(extension, { transform: quiet }), parameters }]
}

/** A frame in a few words: `text more "he"` is a first fragment. */
function frameLine(frame: WireFrame): string {
  const name = names.get(frame.opcode) ?? `opcode ${frame.opcode}`
  const more = frame.fin ? '' : ' more'
  if (frame.opcode === 8) {
    const { payload } = frame
    return payload.length < 2 ? 'close' : `close ${payload.readUInt16BE(0)} ${quote(payload.toString('utf8', 2))}`
  }
  return `${name}${more} ${frame.opcode === 2 ? show(frame.payload) : quote(frame.payload.toString())}`
}

function closeLine({ code, reason }: CloseBody): string {
  return `${code} ${quote(reason)}`
}

function quote(text: string): string {
  return text.length > 40 ? `of ${text.length} units` : JSON.stringify(text)
}

function show(octets: Buffer): string {
  return octets.length > 20 ? `of ${octets.length} octets` : octets.toString('hex')
}
