/** What a connection owes its application over time: to hold still when told, to tell of room, to come to an end. */
import type { Connection } from '../../src/connection/connection.js'
import type { Limits } from '../../src/connection/limits.js'
import type { Verdict } from '../../src/connection/message-sender.js'
import { TransportError } from '../../src/errors.js'
import { must } from '../violation.js'
import type { Step } from './step.js'

export class Obligations {
  /** The application has paused the connection, and not resumed it. */
  paused = false
  /** A Pong has settled a Ping: the handler is told of that Pong next, whatever was done meanwhile. */
  settledByPong = false
  readonly #limits: Limits
  #drainOwed = false
  #failed = false
  /** The end has begun in a call that tells no time, in this step or before: it counts from the next one that does. */
  #untold: 'no' | 'this step' | 'before' = 'no'
  /** What became of the first fragment of the message that is being sent. */
  #fragment: 'none' | 'sent' | 'dropped' = 'none'
  #closingSince: number | undefined
  #heardAt = 0
  #leftAt = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Octets were taken in. */
  heard(now: number): void {
    this.#heardAt = now
  }

  /** Octets have left. */
  left(now: number): void {
    this.#leftAt = now
  }

  /** A handler is told of something that the peer has sent. @param awaiting - a promise of the application is pending. */
  told(what: string, connection: Connection, awaiting: boolean): void {
    const samePong = what === 'pong' && this.settledByPong
    this.settledByPong = false
    if (samePong) return
    must('hold', connection.state !== 'open' || !this.paused, `${what} while paused`)
    must('hold', connection.state !== 'open' || !awaiting, `${what} while a promise is pending`)
  }

  /**
   * A message was handed over, or a fragment: what is not open takes none; what is full follows its policy.
   *
   * @param before - how it stood: open, and with so many octets in its buffer.
   */
  answered(
    verdict: Verdict | 'refused',
    before: { open: boolean; buffered: number },
    fin: boolean,
    after: Connection,
  ): void {
    const { maxSendBuffer, sendOverflow } = this.#limits
    if (!before.open) must('once', verdict === 'dropped', `${verdict}, though the end had begun`)
    else if (this.#fragment === 'dropped') must('once', verdict === 'dropped', `${verdict} within a dropped message`)
    else if (before.buffered <= maxSendBuffer) must('once', verdict !== 'dropped', 'dropped, though there was room')
    else if (sendOverflow === 'error') must('once', verdict === 'refused', `${verdict}, though there was no room`)
    else must('once', verdict === 'dropped', `${verdict}, though there was no room`)
    // A message that has begun is never dropped by half.
    const ends = sendOverflow === 'close' || this.#fragment === 'sent'
    const over = before.open && verdict === 'dropped' && ends
    must('once', !over || after.state === 'closing', `${after.state}, though there was no room`)
    must('once', !over || after.closeRecord.sent?.code === 1008, 'the peer is not told that it is too slow')
    if (over) this.#untold = 'this step'
    if (verdict !== 'refused') this.#fragment = fin ? 'none' : verdict === 'dropped' ? 'dropped' : 'sent'
    if (verdict === 'queued') this.#drainOwed = true
  }

  drained(): void {
    must('once', this.#drainOwed, 'told of room without having asked')
    this.#drainOwed = false
  }

  /**
   * The application throws, or its promise is rejected: that ends the connection.
   *
   * @param late - a promise: it is settled at a time that the connection is not told, and closes from the next one it is.
   */
  applicationFails(late: boolean): void {
    this.#failed = true
    if (late) this.#untold = 'this step'
  }

  /** Everything has left. */
  atRest(connection: Connection): void {
    must('wake', connection.state !== 'open' || !this.#drainOwed, 'nobody was told that there is room again')
  }

  afterStep(step: Step, connection: Connection, now: number): void {
    const { state, hangUp } = connection
    if (state === 'open') this.#closingSince = undefined
    else if (this.#untold === 'no') this.#closingSince ??= now
    if (this.#untold === 'this step') this.#untold = 'before'
    else if (step[0] === 'tick' || step[0] === 'take' || step[0] === 'drain') this.#untold = 'no'
    must('once', !this.#failed || state !== 'open', 'open, though the application has failed')
    const over = hangUp === 'cut' || state === 'closed'
    if (step[0] === 'end') must('once', state !== 'open', 'open, though the peer has ended')
    else if (step[0] === 'terminate') must('once', over, `${state} after terminate()`)
    else if (step[0] === 'tick') this.#checkDeadlines(connection, over, now)
  }

  #checkDeadlines(connection: Connection, over: boolean, now: number): void {
    const closing = this.#closingSince === undefined ? 0 : now - this.#closingSince
    // What leaves may put off the end.
    const still = Math.min(closing, now - this.#leftAt)
    must(
      'ending',
      over || still < this.#limits.closeTimeout,
      `closing for ${closing} ms, nothing has left for ${still}`,
    )
    const { error } = connection.closeRecord
    if (!(error instanceof TransportError) || connection.hangUp !== 'cut') return
    if (error.code === 'WS_CLOSE_TIMEOUT') {
      must('ending', closing >= this.#limits.closeTimeout, `given up after closing for ${closing} ms`)
    } else if (error.code === 'WS_PONG_TIMEOUT') {
      const silent = now - this.#heardAt
      must('ending', silent >= this.#limits.pongTimeout, `given up after a silence of ${silent} ms`)
    }
  }
}
