/**
 * Connects to one of several addresses: RFC 8305 §5. An attempt begins 250 ms after the one before it, or as soon as one
 * fails; the first that connects wins and the others are cut. None is given up for being slow: how long all of it may
 * take is for whoever dials to say.
 */
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { type ConnectingTurns, sharedConnectingTurns, type TurnTaker } from './connecting-turns.js'
import type { Timed, TimerWheel } from './timer-wheel.js'

/** RFC 8305 §8, "Connection Attempt Delay": milliseconds. */
const attemptDelay = 250

/** Opens a socket: `net.connect`, unless a test stands in for the network. */
export type OpenSocket = (options: NetConnectOpts) => Socket

/** Where to connect to. */
export interface RaceTarget {
  /** The addresses to try, or the path of one unix socket. */
  readonly addresses: readonly string[]
  /** Undefined: a unix socket. */
  readonly port: number | undefined
  readonly localAddress: string | undefined
  /** No more than one connection at a time is CONNECTING to an address (RFC 6455 §4.1). */
  readonly oneAtATime: boolean
}

/** Whom the race tells its end, once. */
export interface RaceOwner {
  /** The first that connected. */
  won(socket: Socket): void
  /** None did: what befell each, at least one. */
  lost(errors: readonly Error[]): void
}

const none: readonly never[] = []

export class AddressRace implements Timed {
  /** Owned by the timer wheel. */
  tick = 0
  nextTimed: Timed | undefined
  previousTimed: Timed | undefined
  readonly target: RaceTarget
  readonly open: OpenSocket
  readonly turns: ConnectingTurns | undefined
  readonly #owner: RaceOwner
  readonly #wheel: TimerWheel
  /** Those that are under way: mostly one, for which a Set would be the largest part of a dial. */
  #attempts: readonly Attempt[] = none
  #errors: readonly Error[] = none
  #next = 0
  #over = false

  /** After this, {@link start}. */
  constructor(target: RaceTarget, owner: RaceOwner, wheel: TimerWheel, open: OpenSocket = connect) {
    this.target = target
    this.open = open
    this.turns = target.oneAtATime ? sharedConnectingTurns : undefined
    this.#owner = owner
    this.#wheel = wheel
  }

  start(): void {
    this.#tryNext()
  }

  /** Ends it: sockets that have not won are cut, and the winner's turn (§4.1) is over. */
  finish(): void {
    this.#over = true
    this.#wheel.enter(this, Number.POSITIVE_INFINITY)
    for (const attempt of this.#attempts) attempt.abandon()
    this.#attempts = none
  }

  onDeadline(): void {
    // It may have been finished in the very tick that it was due in.
    if (!this.#over) this.#tryNext()
  }

  /** @internal An attempt has connected. */
  onConnected(winner: Attempt, socket: Socket): void {
    this.#wheel.enter(this, Number.POSITIVE_INFINITY)
    for (const attempt of this.#attempts) if (attempt !== winner) attempt.abandon()
    this.#owner.won(socket)
  }

  /** @internal An attempt has failed. */
  onFailed(attempt: Attempt, error: Error): void {
    this.#attempts = this.#attempts.filter(other => other !== attempt)
    this.#errors = [...this.#errors, error]
    if (this.#next < this.target.addresses.length) this.#tryNext()
    else if (this.#attempts.length === 0) this.#owner.lost(this.#errors)
  }

  #tryNext(): void {
    const attempt = new Attempt(this, this.target.addresses[this.#next++]!)
    this.#attempts = [...this.#attempts, attempt]
    const more = this.#next < this.target.addresses.length
    this.#wheel.enter(this, more ? this.#wheel.clock() + attemptDelay : Number.POSITIVE_INFINITY)
    attempt.start()
  }
}

const tried = Symbol('framewright.attempt')

/** A socket that is connecting; the listeners are the same functions for all of them. */
interface AttemptSocket extends Socket {
  [tried]?: Attempt | undefined
}

/** One address that is tried. */
class Attempt implements TurnTaker {
  readonly #race: AddressRace
  readonly #address: string
  #socket: AttemptSocket | undefined

  constructor(race: AddressRace, address: string) {
    this.#race = race
    this.#address = address
  }

  start(): void {
    if (this.#race.turns === undefined) this.onTurn()
    else this.#race.turns.join(this.#address, this)
  }

  /** TurnTaker */
  onTurn(): void {
    const { target, open } = this.#race
    const { port, localAddress } = target
    const address = this.#address
    const shared = { allowHalfOpen: true, noDelay: true }
    let socket: AttemptSocket
    try {
      // Of one shape, whether they have a local address or not: Node asks them for some thirty properties.
      const options =
        port === undefined ? { ...shared, path: address } : { ...shared, host: address, port, localAddress }
      socket = open(options as NetConnectOpts)
    } catch (error) {
      this.onFailed(error as Error)
      return
    }
    this.#socket = socket
    socket[tried] = this
    socket.on('connect', onConnect)
    socket.on('error', onError)
  }

  /** It is wanted no longer: its socket is cut unless it has won, and its turn is over. */
  abandon(): void {
    this.#socket?.destroy()
    this.#release()
    this.#race.turns?.leave(this.#address, this)
  }

  onConnected(socket: Socket): void {
    this.#release()
    this.#race.onConnected(this, socket)
  }

  onFailed(error: Error): void {
    this.#release()
    this.#race.turns?.leave(this.#address, this)
    this.#race.onFailed(this, error)
  }

  /** The socket, if there is one, is no longer ours. */
  #release(): void {
    const socket = this.#socket
    if (socket === undefined) return
    this.#socket = undefined
    socket[tried] = undefined
    socket.off('connect', onConnect)
    socket.off('error', onError)
  }
}

function onConnect(this: AttemptSocket): void {
  this[tried]!.onConnected(this)
}

function onError(this: AttemptSocket, error: Error): void {
  this[tried]!.onFailed(error)
}
