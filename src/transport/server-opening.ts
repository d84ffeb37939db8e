/**
 * The Opening Handshake at a server, on one stream: RFC 6455 §4.2. Reads the request, asks the server what to do with it
 * (which may take its time), writes the answer, and either hands the stream on or ends it. Nothing behind a refusal is
 * ever interpreted.
 */
import type { Duplex } from 'node:stream'
import { HandshakeError, TransportError } from '../errors.js'
import { type PlainAnswer, plainResponse, refuse } from '../handshake/plain-response.js'
import type { RequestPolicy } from '../handshake/request-policy.js'
import {
  type Acceptance,
  type AcceptedRequest,
  acceptRequest,
  isUpgradeRequest,
  judgeRequest,
  type OpeningRequest,
} from '../handshake/server-handshake.js'
import { HeadReader } from '../http/head-reader.js'
import type { RequestHead } from '../http/message-head.js'
import { settled } from './settled.js'
import { own, type StreamOwner } from './socket-events.js'
import { sharedTimerWheel, type Timed, type TimerWheel } from './timer-wheel.js'

/** What a server decides about a request. */
export type Decision<Data> =
  | { readonly accept: Acceptance; readonly data: Data; readonly refuse?: undefined }
  | { readonly refuse: PlainAnswer; readonly accept?: undefined }

/** What there is to know beside the request, while it is decided. */
export interface OpeningContext {
  /** Where it came in: to look at (its addresses, its certificate), not to read or write. */
  readonly stream: Duplex
  /** Aborts when the peer has left, or the time is over. */
  readonly signal: AbortSignal
}

/** The server, as the handshake sees it. */
export interface OpeningHost<Data> {
  readonly policy: RequestPolicy
  /** Milliseconds for the whole handshake. */
  readonly handshakeTimeout: number
  /** Milliseconds to wait for the peer's end after a refusal. */
  readonly closeTimeout: number
  /** What becomes of an Opening Handshake that conforms. */
  decide(request: OpeningRequest, context: OpeningContext): Decision<Data> | PromiseLike<Decision<Data>>
  /** The answer to a request that is no Opening Handshake; undefined: 426. */
  answer(head: RequestHead, context: OpeningContext): PlainAnswer | undefined | PromiseLike<PlainAnswer | undefined>
  /** The connection is open: the response has been written; `rest` came behind the request. */
  opened(stream: Duplex, request: OpeningRequest, accepted: AcceptedRequest, data: Data, rest: Buffer): void
  /** A handshake failed: by the peer's fault, the transport's, or the application's (whatever it threw). */
  failed(error: unknown): void
  /** This opening is over, one way or the other. */
  over(opening: ServerOpening<Data>): void
}

/** Octets that are read on while the application decides; then reading pauses. */
const maxAhead = 64 * 1024

type Stage = 'reading' | 'deciding' | 'answered' | 'over'

export class ServerOpening<Data> implements StreamOwner, OpeningContext, Timed {
  /** Owned by the timer wheel. */
  tick = 0
  readonly stream: Duplex
  readonly #host: OpeningHost<Data>
  readonly #wheel: TimerWheel
  #stage: Stage = 'reading'
  #reader: HeadReader<'request'> | undefined
  #ahead: Buffer[] = []
  #aheadSize = 0
  #abort: AbortController | undefined

  /** After this, {@link read} or {@link take}. */
  constructor(stream: Duplex, host: OpeningHost<Data>, wheel: TimerWheel = sharedTimerWheel) {
    this.stream = stream
    this.#host = host
    this.#wheel = wheel
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
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
    if (ahead.length > 0) this.#keep(Buffer.from(ahead))
    this.#judge(head)
  }

  /** Ends it with this answer; a handshake that the server cannot wait for, for it is closing. */
  dismiss(answer: PlainAnswer): void {
    if (this.#stage === 'reading' || this.#stage === 'deciding') this.#refuse(answer)
  }

  onData(chunk: Buffer): void {
    if (this.#stage === 'deciding') this.#keep(chunk)
    if (this.#stage !== 'reading') return
    try {
      const read = this.#reader!.receive(chunk)
      if (read === undefined) return
      if (read.rest.length > 0) this.#keep(read.rest)
      this.#judge(read.head)
    } catch (error) {
      this.#fail(error)
    }
  }

  onEnd(): void {
    if (this.#stage === 'answered') return
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

  onDeadline(now: number): void {
    if (this.#stage === 'answered' || this.#stage === 'over') {
      this.stream.destroy()
      return
    }
    const status = this.#stage === 'reading' ? 408 : 503
    this.#host.failed(
      new HandshakeError('WS_HANDSHAKE_TIMEOUT', '4.2', 'the Opening Handshake took too long', { status }),
    )
    this.#refuse({ status })
    this.#wheel.enter(this, now + this.#host.closeTimeout)
  }

  #judge(head: RequestHead): void {
    this.#stage = 'deciding'
    if (!isUpgradeRequest(head)) {
      this.#resolve(
        () => this.#host.answer(head, this),
        answer => this.#answerPlain(head, answer),
      )
      return
    }
    let request: OpeningRequest
    try {
      request = judgeRequest(head, this.#host.policy)
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#resolve(
      () => this.#host.decide(request, this),
      decision => this.#decided(request, decision),
    )
  }

  /** Runs what the application decides with, now or when its promise settles; a fault of it is 500. */
  #resolve<T>(ask: () => T | PromiseLike<T>, then: (answer: T) => void): void {
    const settle = (answer: T): void => {
      if (this.#stage !== 'deciding') return
      try {
        then(answer)
      } catch (error) {
        this.#fail(error)
      }
    }
    try {
      const later = settled(ask(), settle)
      later?.then(undefined, error => this.#fail(error))
    } catch (error) {
      this.#fail(error)
    }
  }

  #decided(request: OpeningRequest, decision: Decision<Data>): void {
    if (decision.refuse !== undefined) {
      this.#refuse(decision.refuse)
      return
    }
    const accepted = acceptRequest(request, decision.accept)
    this.#stage = 'over'
    this.#wheel.enter(this, Number.POSITIVE_INFINITY)
    this.#host.over(this)
    this.stream.write(accepted.response)
    this.#host.opened(this.stream, request, accepted, decision.data, Buffer.concat(this.#ahead))
  }

  #answerPlain(head: RequestHead, answer: PlainAnswer | undefined): void {
    const known = answer ?? {
      status: 426,
      headers: { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' },
      body: 'This is a WebSocket server.\n',
    }
    this.#write(plainResponse({ ...known, head: head.method === 'HEAD' }))
  }

  /** The peer's fault is refused as it deserves; any other is the application's: 500. */
  #fail(error: unknown): void {
    if (this.#stage !== 'reading' && this.#stage !== 'deciding') return
    this.#host.failed(error)
    if (error instanceof HandshakeError) {
      this.#refuse({ status: error.status ?? 400, headers: error.headers, body: `${error.message}\n` })
    } else {
      this.#refuse({ status: 500 })
    }
  }

  #refuse(answer: PlainAnswer): void {
    this.#write(refuse(answer))
  }

  /** Writes the only answer there is and ends; what still comes is read and thrown away. */
  #write(octets: Buffer): void {
    this.#stage = 'answered'
    this.#ahead = []
    this.#abort?.abort()
    this.stream.end(octets)
    this.stream.resume()
    this.#wheel.enter(this, this.#wheel.clock() + this.#host.closeTimeout)
  }

  #keep(chunk: Buffer): void {
    this.#ahead.push(chunk)
    this.#aheadSize += chunk.length
    if (this.#aheadSize >= maxAhead) this.stream.pause()
  }

  /** The peer has left before it was answered. */
  #leave(error: TransportError): void {
    if (this.#stage !== 'reading' && this.#stage !== 'deciding') return
    this.#stage = 'answered'
    this.#ahead = []
    this.#abort?.abort()
    this.#host.failed(error)
    this.#wheel.enter(this, this.#wheel.clock() + this.#host.closeTimeout)
  }

  #end(): void {
    if (this.#stage === 'over') return
    this.#stage = 'over'
    this.#wheel.enter(this, Number.POSITIVE_INFINITY)
    this.#host.over(this)
  }
}
