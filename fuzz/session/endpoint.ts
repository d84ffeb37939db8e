/**
 * A connection on a bench: its transport, its application and its clock are played here. Every call is watched for what must
 * hold at all times; what must hold in the end is for the targets.
 */
import type { CloseRecord } from '../../src/connection/close-record.js'
import { Connection } from '../../src/connection/connection.js'
import type { ConnectionHandler } from '../../src/connection/connection-handler.js'
import { connectionSettings } from '../../src/connection/connection-settings.js'
import { type Limits, resolveLimits } from '../../src/connection/limits.js'
import type { Verdict } from '../../src/connection/message-sender.js'
import { TransportError, UsageError } from '../../src/errors.js'
import type { Role } from '../../src/framing/frame-header.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'
import { Allocations } from '../allocations.js'
import { patterned } from '../generators/octets.js'
import type { NaiveEvent } from '../oracles/messages.js'
import { must, mustEqual, Violation } from '../violation.js'
import { Obligations } from './obligations.js'
import { Promised } from './promised.js'
import { checkWake, standOf } from './stand.js'
import type { Reaction, SessionOptions, Step, Told } from './step.js'
import type { SentMessage } from './wire.js'

/** How it stood after octets were taken in. */
export interface Reading {
  /** Octets taken so far. */
  readonly taken: number
  readonly openBefore: boolean
  readonly openAfter: boolean
}

const slabSize = 256 * 1024

/** Pools that are as good as new: making one for each run would be most of the work. */
const cleanPools: OutputSlabPool[] = []

export class Endpoint {
  readonly connection: Connection
  readonly limits: Limits
  /** What the handlers were told of the peer, in order. */
  readonly events: NaiveEvent[] = []
  /** How many of {@link events} came before the end began. */
  closingAt = Number.POSITIVE_INFINITY
  /** What onClose was told; more than one is a violation. */
  record: CloseRecord | undefined
  readonly readings: Reading[] = []
  /** All octets that were taken in. */
  received: Buffer[] = []
  /** All octets that were taken out. */
  wire: Buffer[] = []
  /** Messages that were accepted. */
  readonly accepted: SentMessage[] = []
  /** Payloads that must come back: Pings received while the end had not begun, and Pongs of our own. */
  readonly owedPongs: Buffer[] = []
  /** The transport has taken nothing for a while, once at least. */
  wasBlocked = false
  now = 0

  readonly #owed: Obligations
  readonly #reactions = new Map<Told, Reaction>()
  readonly #pending: ((what: 'resolved' | 'rejected') => void)[] = []
  /** Settles promises as soon as nothing of the connection is on the stack. */
  readonly #soon: (() => void)[] = []
  readonly #slabs = cleanPools.pop() ?? new OutputSlabPool(slabSize)
  readonly #allocations = new Allocations(slabSize)
  /** Found within a handler: the connection takes it for a mistake of the application, and goes on. */
  #violation: Violation | undefined
  #inbox: Buffer[] = []
  #outstanding = 0
  #unreleased: { octets: Buffer; copy: Buffer }[] = []
  #accepting: SentMessage | undefined
  #receivedSinceEvent = 0
  #wakes = 0
  #depth = 0
  #reacted = 0
  #written = 0
  #mostBuffered = 0

  constructor(role: Role, options: SessionOptions = {}) {
    const { textAsOctets = false, ...limits } = options
    let key = 0x1b2c3d4e
    const maskingKeys = () => {
      key = (Math.imul(key, 0x41c64e6d) + 12345) | 0
      return key
    }
    this.limits = resolveLimits(role, limits)
    this.#owed = new Obligations(this.limits)
    const settings = connectionSettings(this.limits, { maskingKeys, textAsOctets, slabs: this.#slabs })
    this.connection = new Connection(role, this.#handler(), { wake: () => void this.#wakes++ }, settings, 0)
  }

  step(step: Step): void {
    this.#mostBuffered = Math.max(this.#mostBuffered, this.connection.bufferedAmount)
    const before = standOf(this.connection)
    if (this.#transportStep(step)) this.#wakes = 0
    else {
      this.#applicationStep(step)
      checkWake(before, standOf(this.connection), this.#wakes > 0)
    }
    this.#pump()
    this.#owed.afterStep(step, this.connection, this.now)
    this.#checkHandlers()
    if (this.connection.hangUp === 'cut') this.connection.transportEnded(this.now)
  }

  /** Octets arrive from the peer. */
  receive(octets: Buffer): void {
    this.#inbox.push(octets)
    this.#wakes = 0
    this.#pump()
  }

  /** Everything flows until nothing does: promises settle, held octets are given, output is taken. */
  flow(): void {
    for (let round = 0; round < 100_000; round++) {
      this.#checkHandlers()
      this.#settle(true)
      this.#resume()
      this.#pump()
      if (this.connection.hangUp === 'cut') this.connection.transportEnded(this.now)
      if (this.connection.state === 'closed') return
      if (!this.connection.hasOutput && this.#outstanding === 0 && this.#pending.length === 0) {
        this.#checkSlabs()
        this.#owed.atRest(this.connection)
        return
      }
      this.#take()
      this.#drain(this.#outstanding, false)
    }
    must('conservation', false, 'output without end')
  }

  /** Everything has left: no slab is held any more. */
  #checkSlabs(): void {
    const { users, used } = this.#slabs.withRoom(1)
    must('memory', users === 0 && used === 0, `a slab is held by ${users}, with ${used} octets in it`)
  }

  /** @throws Violation that was found within a handler. */
  #checkHandlers(): void {
    if (this.#violation !== undefined) throw this.#violation
  }

  /** Nobody uses this endpoint any more. */
  release(): void {
    this.#checkHandlers()
    const { users, used } = this.#slabs.withRoom(1)
    if (users === 0 && used === 0) cleanPools.push(this.#slabs)
  }

  #transportStep(step: Step): boolean {
    if (step[0] === 'receive') this.#inbox.push(Buffer.from(step[1], 'hex'))
    else if (step[0] === 'end') this.connection.receiveEnd(this.now)
    else if (step[0] === 'dead') this.connection.transportEnded(this.now)
    else if (step[0] === 'take') this.#take()
    else if (step[0] === 'drain') this.#drain(step[1], step[2])
    else if (step[0] === 'tick') this.#tick(step[1])
    else return false
    return true
  }

  #applicationStep(step: Step): void {
    if (step[0] === 'text') this.#send(true, step[1], step[2])
    else if (step[0] === 'octets') this.#send(true, Buffer.from(step[1], 'hex'), step[2])
    else if (step[0] === 'binary') this.#send(false, Buffer.from(step[1], 'hex'), step[2])
    else if (step[0] === 'large') this.#send(false, patterned(step[1]), step[2])
    else if (step[0] === 'ping') this.#ping(Buffer.from(step[1], 'hex'))
    else if (step[0] === 'pong') this.#pong(Buffer.from(step[1], 'hex'))
    else if (step[0] === 'close') this.#close(step[1], step[2])
    else if (step[0] === 'terminate') this.connection.terminate(this.now)
    else if (step[0] === 'pause') this.#pause()
    else if (step[0] === 'resume') this.#resume()
    else if (step[0] === 'settle') this.#settle(step[1])
    else if (step[0] === 'on') this.#reactions.set(step[1], step[2])
  }

  /** Gives what waits, as a driver does: never from within, never while held. */
  #pump(): void {
    while (this.#inbox.length > 0 && !this.connection.held && this.connection.state !== 'closed') {
      const chunk = this.#inbox[0]!
      const octets = Buffer.from(chunk)
      const openBefore = this.connection.state === 'open'
      this.#receivedSinceEvent += chunk.length
      const taken = Promised.during(() => this.#allocations.during(() => this.connection.receive(octets, this.now)))
      must('conservation', taken >= 0 && taken <= chunk.length, `took ${taken} of ${chunk.length} octets`)
      must(
        'conservation',
        taken === chunk.length || this.connection.held,
        `took ${taken} of ${chunk.length}, and is not held`,
      )
      this.#mostBuffered = Math.max(this.#mostBuffered, this.connection.bufferedAmount)
      for (const settle of this.#soon.splice(0)) settle()
      const retained = this.#allocations.octets
      // What waits to leave is in memory too, in slabs that double. A message that gets memory of its own moves there: twice.
      const bound = 4 * this.#receivedSinceEvent + 65_536 + 4 * this.#mostBuffered
      must('memory', retained <= bound, `${retained} octets set aside for ${this.#receivedSinceEvent} received`)
      this.received.push(chunk.subarray(0, taken))
      if (taken > 0) this.#owed.heard(this.now)
      const total = this.received.reduce((sum, one) => sum + one.length, 0)
      this.readings.push({ taken: total, openBefore, openAfter: this.connection.state === 'open' })
      if (taken === chunk.length) this.#inbox.shift()
      else this.#inbox[0] = chunk.subarray(taken)
    }
  }

  #take(): void {
    if (this.connection.state === 'closed') return
    const before = this.connection.bufferedAmount
    for (const octets of this.connection.takeOutput(this.now)) {
      const copy = Buffer.from(octets)
      this.wire.push(copy)
      this.#unreleased.push({ octets, copy })
      this.#outstanding += octets.length
    }
    mustEqual('conservation', this.connection.bufferedAmount, before, 'bufferedAmount, for the transport has it now')
    this.connection.transportTook(this.#outstanding, false, this.now)
  }

  #drain(octets: number, blocked: boolean): void {
    if (this.connection.state === 'closed') return
    this.#outstanding -= Math.min(octets, this.#outstanding)
    this.wasBlocked ||= blocked
    for (const one of this.#unreleased) {
      must('conservation', one.octets.equals(one.copy), 'octets changed while the transport had them')
    }
    const before = this.#written
    const sent = this.connection.closeRecord.octetsSent
    this.connection.transportTook(this.#outstanding, blocked, this.now)
    const left = this.connection.closeRecord.octetsSent - sent
    mustEqual('conservation', this.#written - before, left, 'octets written')
    if (left > 0) this.#owed.left(this.now)
    if (this.#outstanding > 0) return
    this.connection.releaseOutput()
    this.#unreleased = []
  }

  #tick(milliseconds: number): void {
    this.now += milliseconds
    const due = this.connection.nextDeadline()
    must('ending', !Number.isNaN(due), 'the next deadline is no number')
    if (due > this.now) return
    this.connection.handleDeadline(this.now)
    const next = this.connection.nextDeadline()
    must('ending', next > this.now, `at ${this.now} the next deadline is ${next} still`)
  }

  #send(text: boolean, data: string | Buffer, fin: boolean): void {
    const { connection } = this
    const before = { open: connection.state === 'open', buffered: connection.bufferedAmount }
    let verdict: Verdict | 'refused'
    try {
      verdict = text ? connection.sendText(data, fin) : connection.sendBinary(data as Buffer, fin)
    } catch (error) {
      must('output', connection.bufferedAmount === before.buffered, 'a refusal, and something was written')
      // A mistake of the caller says nothing of room.
      if (error instanceof UsageError) return
      if (!(error instanceof TransportError) || this.limits.sendOverflow !== 'error') throw error
      verdict = 'refused'
    }
    this.#owed.answered(verdict, before, fin, connection)
    if (verdict === 'dropped' || verdict === 'refused') return
    const octets = Buffer.concat([this.#accepting?.octets ?? Buffer.alloc(0), Buffer.from(data as string)])
    this.#accepting = fin ? undefined : { text, octets }
    if (fin) this.accepted.push({ text, octets })
  }

  #ping(payload: Buffer): void {
    let settled = 0
    const wasOpen = this.connection.state === 'open'
    const room = this.connection.bufferedAmount <= this.limits.maxSendBuffer
    const sent = this.connection.sendPing(payload, this.now, roundTripTime => {
      settled++
      if (roundTripTime !== undefined) this.#owed.settledByPong = true
      must('once', settled === 1, 'a ping settled twice')
      this.#react('settled')
    })
    must('once', (wasOpen && room) || !sent, 'a ping was sent, though the end had begun or there was no room')
    must('output', sent || settled === 0, 'a ping that was not sent was settled')
  }

  #pong(payload: Buffer): void {
    const wasOpen = this.connection.state === 'open'
    const room = this.connection.bufferedAmount <= this.limits.maxSendBuffer
    const sent = this.connection.sendPong(payload)
    must('once', sent === (wasOpen && room), `a pong was ${sent ? '' : 'not '}sent: open ${wasOpen}, room ${room}`)
    if (sent) this.owedPongs.push(payload)
  }

  #close(code: number | null, reason: string): void {
    try {
      this.connection.close(code ?? undefined, reason, this.now)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
    }
  }

  #pause(): void {
    this.#owed.paused = true
    this.connection.pause(this.now)
  }

  #resume(): void {
    this.#owed.paused = false
    this.connection.resume(this.now)
  }

  #settle(resolved: boolean): void {
    if (!resolved && this.#pending.length > 0) this.#owed.applicationFails(true)
    for (const settle of this.#pending.splice(0)) settle(resolved ? 'resolved' : 'rejected')
  }

  #react(told: Told): unknown {
    const reaction = this.#reactions.get(told) ?? 'nothing'
    // An application that answers its own drain would never end.
    if (this.#depth > 3 || this.#reacted++ > 40) return undefined
    this.#depth++
    const { octets } = this.#allocations
    try {
      return this.#do(reaction)
    } finally {
      this.#depth--
      this.#allocations.octets = octets
    }
  }

  #do(reaction: Reaction): unknown {
    if (reaction === 'throw') {
      this.#owed.applicationFails(false)
      throw new Error('the application')
    }
    if (reaction === 'close') this.#close(4000, 'enough')
    else if (reaction === 'terminate') this.connection.terminate(this.now)
    else if (reaction === 'pause') this.#pause()
    else if (reaction === 'resume') this.#resume()
    else if (reaction === 'text') this.#send(true, 'reaction', true)
    else if (reaction === 'ping') this.#ping(Buffer.from('reaction'))
    else if (reaction === 'hold') return new Promised(settle => this.#pending.push(settle))
    else if (reaction === 'resolve') return new Promised(settle => this.#soon.push(() => settle('resolved')))
    else if (reaction === 'reject') return new Promised(settle => this.#soon.push(() => this.#reject(settle)))
    return undefined
  }

  #reject(settle: (what: 'rejected') => void): void {
    this.#owed.applicationFails(true)
    settle('rejected')
  }

  #told(kind: NaiveEvent['kind'], payload: Buffer): unknown {
    must('once', this.record === undefined, `${kind} after the end`)
    must('silence', this.connection.state !== 'closed', `${kind} on a closed connection`)
    this.#owed.told(kind, this.connection, this.#pending.length + this.#soon.length > 0)
    this.events.push({ kind, payload: Buffer.from(payload) })
    if (kind === 'text' || kind === 'binary') {
      must('silence', this.closingAt === Number.POSITIVE_INFINITY, 'a message after the end began')
      this.#allocations.octets = 0
      // The rest of the chunk belongs to the next message; how much that is nobody tells.
      this.#receivedSinceEvent = this.#inbox[0]?.length ?? 0
    }
    return this.#react(kind === 'close' ? 'closing' : kind)
  }

  #handler(): ConnectionHandler {
    return {
      onText: text => this.#told('text', Buffer.from(text as string)),
      onBinary: data => this.#told('binary', data),
      onPing: payload => {
        this.owedPongs.push(Buffer.from(payload))
        this.#told('ping', payload)
      },
      onPong: (payload, roundTripTime) => {
        must('once', roundTripTime === undefined || roundTripTime >= 0, `a round-trip time of ${roundTripTime}`)
        this.#told('pong', payload)
      },
      onClosing: () => {
        must('once', this.closingAt === Number.POSITIVE_INFINITY, 'onClosing twice')
        must('once', this.connection.state !== 'open', 'onClosing while open')
        this.closingAt = this.events.length
        this.#react('closing')
      },
      onPeerEnd: () => void this.#react('end'),
      onDrain: () => {
        this.#owed.drained()
        this.#react('drain')
      },
      onWritten: octets => {
        must('conservation', octets > 0, `${octets} octets written`)
        this.#written += octets
        this.#react('written')
      },
      onClose: record => {
        must('once', this.record === undefined, 'onClose twice')
        mustEqual('once', this.connection.state, 'closed', 'the state in onClose')
        this.record = record
        this.#react('close')
      },
      onError: error => {
        if (error instanceof Violation) this.#violation ??= error
      },
    }
  }
}
