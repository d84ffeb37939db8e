/**
 * A client's way to an open connection: RFC 6455 §4.1. Finds the address, connects, does TLS, shakes hands, all within
 * one deadline; then hands on the stream and the octets that came behind the response. What fails or is aborted leaves
 * nothing behind: no socket, no timer, no listener.
 */
import { isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type HandshakeError, type OpeningPhase, TransportError } from '../errors.js'
import type { ClientAgreement, ClientHandshake } from '../handshake/client-handshake.js'
import { StatusCode } from '../status-code.js'
import { type Abortable, unwatch, watch } from './abort-watch.js'
import { type Lookup, lookUp } from './address-lookup.js'
import { AddressRace, type OpenSocket, type RaceOwner } from './address-race.js'
import { own, type StreamOwner } from './socket-events.js'
import { sharedTimerWheel, type Timed, type TimerWheel } from './timer-wheel.js'
import type { TlsClient } from './tls-client.js'

/** When a client's dial got through each stage, in milliseconds since it began; undefined where there was no such stage. */
export interface DialTimes {
  /** The addresses were found; undefined where none was looked up. */
  readonly dns: number | undefined
  /** TCP was connected. */
  readonly tcp: number | undefined
  /** TLS was established; undefined for `ws:`. */
  readonly tls: number | undefined
  /** The response was there: the connection was open. */
  readonly upgrade: number
}

/** Where and how to connect; checked by whoever asks. */
export interface DialSettings {
  /** A name or an address, without brackets. */
  readonly host: string
  readonly port: number
  /** Undefined: no TLS. */
  readonly tls: TlsClient | undefined
  /** Connects to this unix socket instead. */
  readonly socketPath: string | undefined
  readonly localAddress: string | undefined
  readonly family: 0 | 4 | 6
  readonly lookup: Lookup | undefined
  /** No more than one connection at a time is CONNECTING to an address (§4.1 item 2). */
  readonly oneAtATime: boolean
  /** Milliseconds for all of it; Infinity: no deadline. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/** Whom a dial tells its end: one of these, once. */
export interface DialOwner {
  /** The connection is open. The stream is the owner's, who reads on from `agreement.rest` in this very call. */
  opened(stream: Duplex, agreement: ClientAgreement, times: DialTimes): void
  /** HandshakeError, TransportError, or the reason of the signal. */
  failed(error: unknown): void
}

/** The network and the clock, unless a test stands in for them. */
export interface DialWorld {
  readonly wheel?: TimerWheel | undefined
  readonly open?: OpenSocket | undefined
}

export class Dial implements StreamOwner, RaceOwner, Timed, Abortable {
  /** Owned by the timer wheel. */
  tick = 0
  nextTimed: Timed | undefined
  previousTimed: Timed | undefined
  readonly #settings: DialSettings
  readonly #handshake: ClientHandshake
  readonly #owner: DialOwner
  readonly #wheel: TimerWheel
  readonly #open: OpenSocket | undefined
  readonly #times: { -readonly [K in keyof DialTimes]: DialTimes[K] }
  readonly #began: number
  #phase: OpeningPhase = 'dns'
  #over = false
  #race: AddressRace | undefined
  #stream: Duplex | undefined

  /** After this, {@link start}. */
  constructor(settings: DialSettings, handshake: ClientHandshake, owner: DialOwner, world: DialWorld = {}) {
    this.#settings = settings
    this.#handshake = handshake
    this.#owner = owner
    this.#wheel = world.wheel ?? sharedTimerWheel
    this.#open = world.open
    this.#began = this.#wheel.clock()
    this.#times = { dns: undefined, tcp: undefined, tls: undefined, upgrade: 0 }
  }

  start(): void {
    const { host, family, lookup, signal, socketPath, timeout } = this.#settings
    if (signal?.aborted) {
      this.#fail(signal.reason)
      return
    }
    if (signal !== undefined) watch(signal, this)
    this.#wheel.enter(this, this.#began + timeout)
    if (socketPath !== undefined) this.#connect([socketPath])
    else if (isIP(host) !== 0) this.#connect([host])
    else lookUp(host, { family, lookup }, (error, addresses) => this.#lookedUp(error, addresses))
  }

  /** Abortable */
  onAbort(): void {
    this.#fail(this.#settings.signal!.reason)
  }

  onDeadline(): void {
    const message = `not connected after ${this.#settings.timeout} ms, in the phase ${this.#phase}`
    this.#interrupt(new TransportError('WS_CONNECT_TIMEOUT', message, { section: '4.1', phase: this.#phase }))
  }

  #lookedUp(error: Error | undefined, addresses: readonly string[]): void {
    if (this.#over) return
    if (error !== undefined) {
      this.#fail(this.#transportError('WS_DNS_FAILED', `the host was not found: ${error.message}`, error))
      return
    }
    this.#times.dns = this.#elapsed
    this.#connect(addresses)
  }

  #connect(addresses: readonly string[]): void {
    this.#phase = 'tcp'
    const { localAddress, oneAtATime, port, socketPath } = this.#settings
    const target = { addresses, port: socketPath === undefined ? port : undefined, localAddress, oneAtATime }
    this.#race = new AddressRace(target, this, this.#wheel, this.#open)
    this.#race.start()
  }

  /** RaceOwner */
  lost(errors: readonly Error[]): void {
    const message = errors.map(error => error.message).join('; ')
    const cause = errors.length === 1 ? errors[0]! : together(errors, message)
    this.#fail(this.#transportError('WS_CONNECT_FAILED', `could not connect: ${message}`, cause))
  }

  /** RaceOwner */
  won(socket: Socket): void {
    this.#times.tcp = this.#elapsed
    this.#stream = socket
    if (this.#settings.tls === undefined) this.#shakeHands(socket)
    else this.#secure(socket, this.#settings.tls)
  }

  #secure(socket: Socket, tls: TlsClient): void {
    this.#phase = 'tls'
    try {
      const secured = tls.start(socket)
      this.#stream = secured
      own(secured, this)
      secured.once('secureConnect', () => {
        this.#times.tls = this.#elapsed
        this.#shakeHands(secured)
      })
    } catch (error) {
      this.#fail(error)
    }
  }

  #shakeHands(stream: Duplex): void {
    this.#phase = 'upgrade'
    own(stream, this)
    stream.write(this.#handshake.request)
  }

  onData(chunk: Buffer): void {
    let agreement: ClientAgreement | undefined
    try {
      agreement = this.#handshake.receive(chunk)
    } catch (error) {
      this.#fail(error)
      return
    }
    if (agreement === undefined) return
    this.#times.upgrade = this.#elapsed
    this.#leave()
    this.#owner.opened(this.#stream!, agreement, this.#times)
  }

  onEnd(): void {
    if (this.#phase === 'upgrade') this.#fail(this.#ended())
  }

  onError(error: Error): void {
    if (this.#phase === 'tls') this.#fail(this.#transportError('WS_TLS_FAILED', `no TLS: ${tlsReason(error)}`, error))
    else this.#interrupt(this.#transportError('WS_SOCKET_ERROR', `the handshake broke: ${error.message}`, error))
  }

  onClose(): void {
    this.#interrupt(this.#transportError('WS_PEER_ENDED', 'the stream closed before the handshake was over'))
  }

  /** The network ends it; a refusal that was cut short tells more than that. */
  #interrupt(error: TransportError): void {
    if (this.#over) return
    const ended = this.#phase === 'upgrade' ? this.#ended() : undefined
    this.#fail(ended?.code === 'WS_REFUSED' ? ended : error)
  }

  /** What the handshake makes of an end here. */
  #ended(): HandshakeError {
    try {
      return this.#handshake.receiveEnd()
    } catch (error) {
      return error as HandshakeError
    }
  }

  #fail(error: unknown): void {
    this.#leave()
    this.#stream?.destroy()
    this.#owner.failed(error)
  }

  /** Nothing more is done: by the clock, the signal, the race, or the next in turn (§4.1). */
  #leave(): void {
    this.#over = true
    this.#wheel.enter(this, Number.POSITIVE_INFINITY)
    const { signal } = this.#settings
    if (signal !== undefined) unwatch(signal, this)
    this.#race?.finish()
  }

  get #elapsed(): number {
    return this.#wheel.clock() - this.#began
  }

  #transportError(code: string, message: string, cause?: Error): TransportError {
    const statusCode = code === 'WS_TLS_FAILED' ? StatusCode.tlsHandshake : StatusCode.abnormalClosure
    return new TransportError(code, message, { cause, section: '4.1', phase: this.#phase, statusCode })
  }
}

/** What OpenSSL says of octets that are no TLS at all tells of a version. */
function tlsReason({ code, message }: NodeJS.ErrnoException): string {
  return code === 'ERR_SSL_WRONG_VERSION_NUMBER' ? 'the server does not speak it: ws:// instead of wss://?' : message
}

/** Several errors as one, with the code of the first, as Node does it. */
function together(errors: readonly Error[], message: string): AggregateError {
  return Object.assign(new AggregateError(errors, message), { code: (errors[0] as NodeJS.ErrnoException).code })
}
