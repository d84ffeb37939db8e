/**
 * Drives one connection over one stream: a TCP or TLS socket, or any Duplex of octets. RFC 6455 §7.1.1 (who closes TCP,
 * and how) is honoured here. Each event is one turn: octets go in, output is written once, and what the connection says
 * of holding, hanging up and deadlines is done.
 */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { Connection } from '../connection/connection.js'
import type { ConnectionHandler, ConnectionOwner } from '../connection/connection-handler.js'
import type { ConnectionSettings } from '../connection/connection-settings.js'
import { TransportError } from '../errors.js'
import type { AgreedExtension } from '../extensions/extension.js'
import type { Role } from '../framing/frame-header.js'
import { keepFreedMemory } from './freed-memory.js'
import { type Reads, type ReusedReads, sharedReusedReads } from './reused-reads.js'
import { own, type StreamOwner } from './socket-events.js'
import { sharedTimerWheel, type Timed, type TimerWheel } from './timer-wheel.js'

/** Octets written in one turn at most; the rest after others have had theirs. */
const maxPerTurn = 1024 * 1024

/** Facts about a driver, each a bit of one number: as fields they would be 56 octets more for each connection. */
const Fact = {
  /** The kernel copies what is written, or the callback of a write says so: then the memory may be used again. */
  copiesAtOnce: 1,
  copiesLater: 2,
  inTurn: 4,
  awake: 8,
  /** We have ended the stream; the peer has. */
  ended: 16,
  peerEnded: 32,
  paused: 64,
  blocked: 128,
  yielding: 256,
  /** The stream calls back when it has given what it has to the kernel. */
  watched: 512,
  /** In line for work. */
  working: 1024,
  /** To be read into memory that is used again, as soon as that can be; it is. */
  reusable: 2048,
  reused: 4096,
} as const

/** Where there are no other facts than these, a turn in which a message to many leaves is nothing but its write. */
const quietly = Fact.copiesAtOnce | Fact.reusable | Fact.reused

const nothing = Buffer.alloc(0)

/** Drivers whose connection asked to be looked at outside an event: one process.nextTick for all of them. */
let awake: SocketDriver[] = []

/** Drivers whose connection has work that takes its time: one of them in each turn of the event loop. */
const working: SocketDriver[] = []

export class SocketDriver implements StreamOwner, ConnectionOwner, Timed {
  readonly stream: Duplex
  readonly connection: Connection
  #facts: number
  #kept: Buffer | undefined
  /** Owned by the timer wheel. */
  tick = 0
  nextTimed: Timed | undefined
  previousTimed: Timed | undefined
  readonly #wheel: TimerWheel
  #written: ((error?: Error | null) => void) | undefined
  #error: Error | undefined

  /** After this, {@link start}. The stream must be open both ways and in octets, not in object mode. */
  constructor(
    stream: Duplex,
    role: Role,
    handler: ConnectionHandler,
    settings: ConnectionSettings,
    wheel: TimerWheel = sharedTimerWheel,
    extensions: readonly AgreedExtension[] = [],
  ) {
    this.stream = stream
    this.#wheel = wheel
    this.#facts = !(stream instanceof Socket) ? 0 : stream instanceof TLSSocket ? Fact.copiesLater : Fact.copiesAtOnce
    // What others may write again must not be lent to a stream that never says when it is done with it.
    const own = this.borrows ? settings : { ...settings, slabs: undefined }
    this.connection = new Connection(role, handler, this, own, wheel.clock(), extensions)
  }

  /**
   * Begins to read.
   *
   * @param head - octets that came behind the Opening Handshake; copied.
   * @param later - `head` is delivered in the next turn of the event loop: whoever awaits the connection has it first.
   */
  start(head: Buffer, later?: 'later'): void {
    own(this.stream, this)
    if (this.stream.isPaused()) this.stream.resume()
    this.#wheel.sooner(this, this.connection.nextDeadline())
    if (head.length === 0) return
    this.#kept = Buffer.from(head)
    if (later === undefined) this.wake()
    else setImmediate(() => this.wake())
  }

  /** Reads into memory that is used again for each read, from as soon as it can: see {@link ReusedReads.begin}. */
  reuseReads(): void {
    this.#note(Fact.reusable, this.#is(Fact.copiesAtOnce))
    this.#reuse()
  }

  /** How it reads now. */
  get reads(): Reads {
    return this.#is(Fact.reused) ? 'reused' : 'plain'
  }

  /** What is written may be borrowed from the application until it has left; if not, the stream may hold it for ever. */
  get borrows(): boolean {
    return this.#is(Fact.copiesAtOnce | Fact.copiesLater)
  }

  /** Now, by the clock of this connection. */
  get now(): number {
    return this.#wheel.clock()
  }

  /** ConnectionOwner: look at the connection before this turn of the event loop ends. */
  wake(): void {
    if (this.#is(Fact.inTurn | Fact.awake)) return
    this.#note(Fact.awake, true)
    if (awake.push(this) === 1) process.nextTick(wakeAll)
  }

  /** Runs a turn that was asked for by {@link wake}. */
  onWake(now: number): void {
    this.#note(Fact.awake, false)
    if (!this.#writesLone(now)) this.#turn(now)
  }

  /** Runs a turn of the connection's own work, and what it entails. */
  onWork(): void {
    this.#note(Fact.working, false)
    const now = this.now
    this.#note(Fact.inTurn, true)
    if (this.connection.hasWork) this.connection.work(now)
    this.#turn(now)
  }

  onData(chunk: Buffer, lent: boolean): void {
    keepFreedMemory(chunk.length)
    this.#reuse()
    // Octets of a stream that is not the kernel's may be held by whoever wrote them: they are not ours to unmask.
    const octets = this.borrows ? chunk : Buffer.from(chunk)
    // Streams that are joined in one process can be given octets by what this turn writes: they wait for its end.
    if (this.#kept !== undefined || this.#is(Fact.inTurn)) {
      this.#keep(octets, lent)
      return
    }
    this.#note(Fact.inTurn, true)
    const now = this.now
    this.#receive(octets, now, lent)
    this.#turn(now)
  }

  #reuse(): void {
    if (!this.#is(Fact.reusable) || !sharedReusedReads.begin(this.stream)) return
    this.#note(Fact.reusable, false)
    this.#note(Fact.reused, true)
  }

  /** These wait behind what waits. */
  #keep(octets: Buffer, lent: boolean): void {
    if (this.#kept === undefined) this.#kept = lent ? Buffer.from(octets) : octets
    // It is never empty, but where its memory was transferred with a message: the connection fails when it is given that.
    else if (this.#kept.length > 0) this.#kept = Buffer.concat([this.#kept, octets])
  }

  onEnd(): void {
    this.#note(Fact.peerEnded, true)
    this.#turn(this.now)
  }

  onError(error: Error): void {
    this.#error = new TransportError('WS_SOCKET_ERROR', `the connection broke: ${error.message}`, { cause: error })
    this.stream.destroy()
  }

  onClose(): void {
    this.#wheel.enter(this, Number.POSITIVE_INFINITY)
    this.#kept = undefined
    this.#note(Fact.inTurn, true)
    this.connection.transportEnded(this.now, this.#error)
  }

  onDeadline(now: number): void {
    this.#note(Fact.inTurn, true)
    this.connection.handleDeadline(now)
    this.#turn(now)
  }

  /** The whole of what an event entails, after its octets. */
  #turn(now: number): void {
    this.#note(Fact.inTurn, true)
    if (this.#kept !== undefined && !this.connection.held) {
      const kept = this.#kept
      this.#kept = undefined
      this.#receive(kept, now, false)
    }
    if (this.#is(Fact.peerEnded) && this.#kept === undefined) this.connection.receiveEnd(now)
    this.#flush(now)
    this.#hangUp()
    this.#read()
    this.#wheel.sooner(this, this.connection.nextDeadline())
    this.#work()
    this.#note(Fact.inTurn, false)
    // A handler of this turn may have released what is kept.
    if (this.#kept !== undefined && !this.connection.held) this.wake()
  }

  #receive(octets: Buffer, now: number, lent: boolean): void {
    // Who transfers the memory of the last message leaves none of them.
    const { length } = octets
    const taken = this.connection.receive(octets, now, lent)
    if (taken === length) return
    const later = this.#kept
    this.#kept = undefined
    this.#keep(octets.subarray(taken), lent)
    if (later !== undefined) this.#keep(later, false)
  }

  #flush(now: number): void {
    let budget = maxPerTurn
    while (!this.#is(Fact.blocked | Fact.yielding) && this.stream.writable && this.connection.hasOutput) {
      if (budget <= 0) {
        this.#yield()
        return
      }
      try {
        budget -= this.#write(this.connection.takeOutput(now))
      } catch (error) {
        // A Duplex whose own _write throws: the stream is as broken as if it had said so.
        this.onError(error as Error)
        return
      }
      // It has failed within the call, and says so by its events: nothing has left.
      if (this.stream.errored) return
      this.#report(now, false)
    }
  }

  /** The whole turn, if there is nothing to do but to write a message to many, and the kernel takes it at once. */
  #writesLone(now: number): boolean {
    if (!this.connection.sendsLone || this.#is(~quietly) || this.#kept !== undefined) return false
    this.#note(Fact.inTurn, true)
    this.#flush(now)
    this.#note(Fact.inTurn, false)
    return this.#kept === undefined && this.connection.atRest
  }

  /** Gets in line for work, behind all others that have some. */
  #work(): void {
    if (this.#is(Fact.working) || !this.connection.hasWork) return
    this.#note(Fact.working, true)
    if (working.push(this) === 1) setImmediate(workOn)
  }

  /** Lets others have their turn before more is written. */
  #yield(): void {
    this.#note(Fact.yielding, true)
    setImmediate(() => {
      this.#note(Fact.yielding, false)
      this.wake()
    })
  }

  /** Writes the buffers as one; returns how many octets they have. */
  #write(buffers: Buffer[]): number {
    const last = buffers.length - 1
    let octets = 0
    if (last > 0) this.stream.cork()
    for (let i = 0; i <= last; i++) {
      const buffer = buffers[i]!
      octets += buffer.length
      if (i < last || this.#is(Fact.copiesAtOnce)) this.stream.write(buffer)
      else this.#writeWatched(buffer)
    }
    if (last > 0) this.stream.uncork()
    return octets
  }

  /** Writes, and hears when that and all before it has gone. The closure is made once it is needed. */
  #writeWatched(buffer: Buffer): void {
    this.#written ??= error => this.#onWritten(error)
    this.stream.write(buffer, this.#written)
  }

  /** The stream has given octets to the kernel since they were written; or it has failed, and throws them away. */
  #onWritten(error: Error | null | undefined): void {
    this.#note(Fact.watched, false)
    const idle = !this.#is(Fact.blocked) && this.connection.bufferedAmount === 0
    if (error || this.stream.destroyed || idle) return
    const now = this.now
    this.#note(Fact.inTurn, true)
    this.#report(now, true)
    this.#turn(now)
  }

  /** Tells the connection how the stream stands. */
  #report(now: number, calledBack: boolean): void {
    const backlog = this.stream.writableLength
    const blocked = this.stream.writableNeedDrain && backlog > 0
    this.#note(Fact.blocked, blocked)
    const copied = this.#is(Fact.copiesAtOnce) || (calledBack && this.#is(Fact.copiesLater))
    if (backlog === 0 && copied) this.connection.releaseOutput()
    // Mostly a socket takes a write at once, and there is nothing to hear of it: an empty write asks where it has not.
    if (backlog > 0 && this.#is(Fact.copiesAtOnce) && !this.#is(Fact.watched) && this.stream.writable) {
      this.#note(Fact.watched, true)
      this.#writeWatched(nothing)
    }
    this.connection.transportTook(backlog, blocked, now)
  }

  /** §7.1.1. Never destroyed while octets of the peer may be unread: the kernel would send RST, and the Close be lost. */
  #hangUp(): void {
    const hangUp = this.connection.hangUp
    if (hangUp === 'cut') this.stream.destroy()
    else if (hangUp === 'now' && !this.#is(Fact.ended) && !(this.stream.writable && this.#owesOutput)) {
      this.#note(Fact.ended, true)
      this.stream.end()
    }
  }

  /** Something is still to be written. */
  get #owesOutput(): boolean {
    return this.connection.hasOutput || this.connection.hasWork
  }

  /** Reading stops while octets wait here, and not before: who reads hears that the peer has left. */
  #read(): void {
    const paused = this.#kept !== undefined
    if (paused === this.#is(Fact.paused)) return
    this.#note(Fact.paused, paused)
    if (paused) this.stream.pause()
    else this.stream.resume()
  }

  /** Is any of these the case? */
  #is(facts: number): boolean {
    return (this.#facts & facts) !== 0
  }

  #note(fact: number, is: boolean): void {
    this.#facts = is ? this.#facts | fact : this.#facts & ~fact
  }
}

function workOn(): void {
  // Who is at work stays in line meanwhile: whoever gets in line behind need not ask for a turn.
  try {
    working[0]!.onWork()
  } finally {
    working.shift()
    if (working.length > 0) setImmediate(workOn)
  }
}

function wakeAll(): void {
  const drivers = awake
  awake = []
  const now = drivers[0]!.now
  for (const driver of drivers) driver.onWake(now)
}
