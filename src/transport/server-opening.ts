/**
 * The Opening Handshake at a server, on one stream: RFC 6455 §4.2. Reads the request, asks the server what to do with it
 * (which may take its time), writes the answer, and either hands the stream on or ends it. Nothing behind a refusal is
 * ever interpreted.
 */
import type { Duplex } from 'node:stream'
import { enoughIn } from '../connection/progress.js'
import { HandshakeError, TransportError } from '../errors.js'
import { type PlainAnswer, plainResponse, refuse } from '../handshake/plain-response.js'
import type { RequestPolicy } from '../handshake/request-policy.js'
import {
  type Acceptance,
  type AcceptedRequest,
  acceptRequest,
  isUpgradeRequest,
  judgePlainRequest,
  judgeRequest,
  type OpeningRequest,
} from '../handshake/server-handshake.js'
import { HeadReader } from '../http/head-reader.js'
import type { RequestHead } from '../http/message-head.js'
import { isPromiseLike } from './settled.js'
import { own, type StreamOwner } from './socket-events.js'
import { isSecure } from './stream-addresses.js'
import { sharedTimerWheel, type Timed, type TimerWheel } from './timer-wheel.js'

/** What a server decides about a request. */
export type Decision<Data> =
  | { readonly accept: Acceptance; readonly data: Data; readonly refuse?: undefined }
  | { readonly refuse: PlainAnswer; readonly accept?: undefined }

/** What there is to know beside the request, while it is decided. */
export interface OpeningContext {
  /** Where it came in: to look at (its addresses, its certificate), not to read or write. */
  readonly stream: Duplex
  /** Aborts when nobody waits for the decision any more: the peer has left, the time is over, the server is closing. */
  readonly signal: AbortSignal
}

/** The server, as the handshake sees it. */
export interface OpeningHost<Data> {
  /** What is asked of every request; `secure`: TLS ends here. */
  policy(secure: boolean): RequestPolicy
  /** Milliseconds for the whole handshake. */
  readonly handshakeTimeout: number
  /** Milliseconds to wait for the peer's end after an answer; longer while that still leaves, and not too slowly. */
  readonly closeTimeout: number
  /** No connection more, whatever is decided: 503. */
  readonly full: boolean
  /** What becomes of an Opening Handshake that conforms. */
  decide(request: OpeningRequest, context: OpeningContext): Decision<Data> | PromiseLike<Decision<Data>>
  /** The answer to a request that is no Opening Handshake; undefined: 426. */
  answer(head: RequestHead, context: OpeningContext): PlainAnswer | undefined | PromiseLike<PlainAnswer | undefined>
  /** The connection is open: the response has been written; `rest` came behind the request. */
  opened(stream: Duplex, request: OpeningRequest, accepted: AcceptedRequest, data: Data, rest: Buffer): void
  /** A handshake failed: by the peer's fault, the transport's, or the application's (whatever it threw). */
  failed(error: unknown): void
  /** It is answered, or nobody waits for an answer: it may linger, but is no handshake under way. Told once or twice. */
  answered(opening: ServerOpening<Data>): void
  /** This opening is over, one way or the other. */
  over(opening: ServerOpening<Data>): void
}

type Stage = 'reading' | 'deciding' | 'answered' | 'over'

const nothing = Buffer.alloc(0)

/** So much of an answer is written at a time: what Node is given at once, it does not tell how fast it leaves. */
const piece = 16 * 1024

export class ServerOpening<Data> implements StreamOwner, OpeningContext, Timed {
  /** Owned by the timer wheel. */
  tick = 0
  /** Owned by the server, which lists those under way. */
  place = -1
  readonly stream: Duplex
  readonly #host: OpeningHost<Data>
  readonly #wheel: TimerWheel
  #stage: Stage = 'reading'
  #reader: HeadReader<'request'> | undefined
  /** Octets behind the request that cannot be given back to the stream. */
  #ahead: Buffer = nothing
  #plain = false
  /** Octets of the answer that have left since its deadline was set. */
  #left = 0
  /** Whatever still leaves, the end is over by then. */
  #by = Number.POSITIVE_INFINITY
  #abort: AbortController | undefined
  /** Why nobody waits for the application's decision any more. */
  #abandoned: Error | undefined

  /** After this, {@link read} or {@link take}. */
  constructor(stream: Duplex, host: OpeningHost<Data>, wheel: TimerWheel = sharedTimerWheel) {
    this.stream = stream
    this.#host = host
    this.#wheel = wheel
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    if (this.#abandoned !== undefined) this.#abort.abort(this.#abandoned)
    return this.#abort.signal
  }

  /** Reads the request from the stream. `since`: when the stream was accepted, by the wheel's clock. */
  read(since: number): void {
    this.#reader = new HeadReader('request')
    this.#wheel.enter(this, since + this.#host.handshakeTimeout)
    own(this.stream, this)
  }

  /** Takes a request that somebody else has read, and the octets behind it (copied). */
  take(head: RequestHead, ahead: Buffer): void {
    this.#wheel.enter(this, this.#wheel.clock() + this.#host.handshakeTimeout)
    own(this.stream, this)
    if (this.stream.readableEnded) this.#ahead = ahead
    else if (ahead.length > 0) this.#giveBack(Buffer.from(ahead))
    this.#judge(head)
  }

  /** Ends it with this answer; a handshake that the server cannot wait for, for it is closing. */
  dismiss(answer: PlainAnswer): void {
    if (this.#undecided) this.#giveUp(new TransportError('WS_SERVER_CLOSING', 'the server is closing'), answer)
  }

  onData(chunk: Buffer): void {
    if (this.#stage === 'deciding') this.#giveBack(chunk)
    if (this.#stage !== 'reading') return
    try {
      const read = this.#reader!.receive(chunk)
      if (read === undefined) return
      if (read.rest.length > 0) this.#giveBack(read.rest)
      this.#judge(read.head)
    } catch (error) {
      this.#refuseRequest(error)
    }
  }

  onEnd(): void {
    // Who asks for a page may end behind the request (RFC 9112 §9.6), and is owed the answer.
    if (this.#stage === 'answered' || (this.#stage === 'deciding' && this.#plain)) return
    this.#leave(new TransportError('WS_PEER_ENDED', 'the peer left during the Opening Handshake', { section: '4.2' }))
    this.stream.end()
  }

  onError(error: Error): void {
    this.#leave(new TransportError('WS_SOCKET_ERROR', `the handshake broke: ${error.message}`, { cause: error }))
    this.stream.destroy()
  }

  onClose(): void {
    this.#leave(new TransportError('WS_PEER_ENDED', 'the peer left during the Opening Handshake', { section: '4.2' }))
    this.#end()
  }

  /** Cuts one that is answered, and lingers. */
  cut(): void {
    this.stream.destroy()
  }

  /** What is answered, and leaves still, is cut by then. */
  endBy(at: number): void {
    this.#by = at
  }

  onDeadline(): void {
    if (!this.#undecided) {
      const slow = this.#left < enoughIn(this.#host.closeTimeout)
      if (slow || this.#wheel.clock() >= this.#by) this.cut()
      else this.#wait()
      return
    }
    const status = this.#stage === 'reading' ? 408 : 503
    const message = 'the Opening Handshake took too long'
    this.#giveUp(new HandshakeError('WS_HANDSHAKE_TIMEOUT', '4.2', message, { status }), { status })
  }

  #judge(head: RequestHead): void {
    this.#stage = 'deciding'
    if (!isUpgradeRequest(head)) {
      this.#plain = true
      try {
        judgePlainRequest(head)
      } catch (error) {
        this.#refuseRequest(error)
        return
      }
      this.#ask(
        () => this.#host.answer(head, this),
        answer => this.#answerPlain(head, answer),
      )
      return
    }
    let request: OpeningRequest
    try {
      request = judgeRequest(head, this.#host.policy(isSecure(this.stream)))
    } catch (error) {
      this.#refuseRequest(error)
      return
    }
    this.#ask(
      () => this.#host.decide(request, this),
      decision => this.#decided(request, decision),
    )
  }

  /** Goes on with what the application decides, now or when its promise settles; a fault of it is 500. */
  #ask<T>(ask: () => T | PromiseLike<T>, then: (answer: T) => void): void {
    const settle = (answer: T): void => {
      if (this.#stage === 'deciding') then(answer)
    }
    try {
      const answer = ask()
      if (isPromiseLike(answer)) {
        Promise.resolve(answer)
          .then(settle)
          .then(undefined, error => this.#failed(error))
      } else settle(answer)
    } catch (error) {
      this.#failed(error)
    }
  }

  /** The application is at fault. */
  #failed(error: unknown): void {
    if (this.#stage === 'deciding') this.#giveUp(error, { status: 500 })
  }

  #decided(request: OpeningRequest, decision: Decision<Data>): void {
    if (decision.refuse !== undefined || this.#host.full) {
      this.#refuse(decision.refuse ?? { status: 503 })
      return
    }
    const accepted = acceptRequest(request, decision.accept)
    // Before anything else: a stream within the process may answer at once, from within this call.
    this.#put(() => this.stream.write(accepted.response))
    // It has broken, then: what befell it is told by its events.
    if (this.#stage !== 'deciding' || !this.stream.writable) return
    this.#stage = 'over'
    this.#wheel.enter(this, Number.POSITIVE_INFINITY)
    this.#host.over(this)
    this.#host.opened(this.stream, request, accepted, decision.data, this.#ahead)
  }

  #answerPlain(head: RequestHead, answer: PlainAnswer | undefined): void {
    const known = answer ?? {
      status: 426,
      headers: { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
      body: 'This is a WebSocket server.\n',
    }
    this.#write(plainResponse({ ...known, head: head.method === 'HEAD' }))
  }

  /** Neither answered nor left. */
  get #undecided(): boolean {
    return this.#stage === 'reading' || this.#stage === 'deciding'
  }

  /** The request is at fault: it is refused as it deserves. */
  #refuseRequest(error: unknown): void {
    const { status = 400, headers, message } = error as HandshakeError
    this.#giveUp(error, { status, headers, body: `${message}\n` })
  }

  /** Answers without the application, or instead of it. */
  #giveUp(error: unknown, answer: PlainAnswer): void {
    this.#answered()
    this.#abandon(error)
    this.#refuse(answer)
  }

  #refuse(answer: PlainAnswer): void {
    this.#write(refuse(answer))
  }

  /** Writes the only answer there is and ends; what still comes is read and thrown away. */
  #write(octets: Buffer): void {
    this.#answered()
    this.#put(() => this.#send(octets))
    this.stream.resume()
  }

  #send(octets: Buffer): void {
    if (octets.length <= piece) {
      this.stream.end(octets)
      return
    }
    this.stream.write(octets.subarray(0, piece), error => {
      if (error) return
      this.#left += piece
      this.#put(() => this.#send(octets.subarray(piece)))
    })
  }

  /** A Duplex whose own _write throws is as broken as if it had said so. */
  #put(write: () => unknown): void {
    try {
      write()
    } catch (error) {
      this.onError(error as Error)
    }
  }

  #answered(): void {
    this.#stage = 'answered'
    this.#host.answered(this)
    this.#wait()
  }

  #wait(): void {
    this.#left = 0
    this.#wheel.enter(this, Math.min(this.#wheel.clock() + this.#host.closeTimeout, this.#by))
  }

  /** Nobody waits for the application's decision any more. */
  #abandon(error: unknown): void {
    this.#abandoned = error instanceof Error ? error : new Error('the handshake failed', { cause: error })
    this.#abort?.abort(this.#abandoned)
    this.#host.failed(error)
  }

  /**
   * What comes before the answer comes too early (§4.1, 4.1-40): it stays where it is until then. A socket reads on until its
   * own buffer is full (`readableHighWaterMark`), by up to 64 KiB at a time; that it reads no less is not ours to say.
   */
  #giveBack(octets: Buffer): void {
    this.stream.pause()
    this.stream.unshift(octets)
  }

  /** The peer has left before it was answered. */
  #leave(error: TransportError): void {
    if (!this.#undecided) return
    this.#answered()
    this.#abandon(error)
  }

  #end(): void {
    this.#stage = 'over'
    this.#wheel.enter(this, Number.POSITIVE_INFINITY)
    this.#host.over(this)
  }
}
