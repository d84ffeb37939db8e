/**
 * A connection as an application sees it: RFC 6455 §6 and §7 behind sends with verdicts, handlers, events and async
 * iteration, with backpressure both ways. The protocol is in connection/, the socket in transport/.
 */
import type { Duplex } from 'node:stream'
import type { CloseRecord } from '../connection/close-record.js'
import type { State } from '../connection/connection-state.js'
import type { Verdict } from '../connection/message-sender.js'
import type { PreparedMessage } from '../connection/prepared-message.js'
import type { AgreedExtension } from '../extensions/extension.js'
import type { CloseBody } from '../framing/close-body.js'
import type { Role } from '../framing/frame-header.js'
import { StatusCode } from '../status-code.js'
import type { DialTimes } from '../transport/dial.js'
import type { Reads } from '../transport/reused-reads.js'
import { isPromiseLike } from '../transport/settled.js'
import { SocketDriver } from '../transport/socket-driver.js'
import {
  addressesOf,
  copyOfAddresses,
  isSecure,
  keepPeer,
  type StreamAddresses,
} from '../transport/stream-addresses.js'
import { attempted } from './attempted.js'
import { asBuffer, type BinaryData } from './binary-data.js'
import type { ConnectionEvents } from './connection-handlers.js'
import { Flushes } from './flushes.js'
import { type Message, MessageQueue } from './message-queue.js'
import type { Common, ConnectionRequest, Opened } from './opened.js'
import { Outcome } from './outcome.js'
import { roundTrip } from './round-trip.js'
import { sendMessage } from './send-message.js'
import { type SendOptions, usualSendOptions } from './send-options.js'
import { TypedEmitter } from './typed-emitter.js'
import { warn } from './warning.js'

/**
 * An open WebSocket connection, of a server or a client. Its events are {@link ConnectionEvents}; to iterate over it
 * (`for await`) gives its messages.
 *
 * @typeParam Data - what `data` holds.
 */
// Its driver's ConnectionHandler without `implements`: the published declarations leave those members out.
export class WebSocketConnection<Data = undefined> extends TypedEmitter<ConnectionEvents> {
  readonly #driver: SocketDriver
  #flushes: Flushes | undefined
  /** The handshake's request. */
  readonly request: ConnectionRequest
  /** The subprotocol in use; empty for none (§1.9). */
  readonly protocol: string
  /** The extensions in use (§9). */
  readonly extensions: readonly AgreedExtension[]
  /** Yours: at a server what the accept hook returned as `data`. */
  data: Data
  /** When each stage of the dial was over, in ms since it began (clients only): the last is the time of all of them. */
  declare readonly times: DialTimes | undefined
  /** @internal Owned by the server's roster. */
  place = -1
  readonly #common: Common<Data>
  /** Undefined until something has to wait, or is held. */
  #queue: MessageQueue | undefined
  #outcome: Outcome | undefined

  /** @internal Made by a server or by connect(). */
  constructor(stream: Duplex, role: Role, common: Common<Data>, opened: Opened<Data>) {
    super()
    this.request = opened.request
    this.protocol = opened.protocol
    this.extensions = opened.extensions
    this.data = opened.data
    if (opened.times !== undefined) this.times = opened.times
    this.#common = common
    this.#driver = new SocketDriver(stream, role, this, common.settings, common.wheel, opened.extensions)
  }

  /** @internal Calls the application; what it throws or rejects with is a 1011. Returns false if it threw. */
  attempt(call: () => unknown): boolean {
    return attempted(call, error => this.#driver.connection.onHandlerFailed(error))
  }

  /** @internal Begins to read; `head` came behind the handshake. `later`: nothing is delivered in this turn. */
  start(head: Buffer, later?: 'later'): void {
    if (this.#common.reads === 'reused') this.#driver.reuseReads()
    this.#driver.start(head, later)
  }

  /** @internal Somebody may ask for them after the end. Otherwise they are left alone: each end is a call of the system, 2 us. */
  keepAddresses(): void {
    this.#outcome ??= new Outcome()
    keepPeer(this.#driver.stream)
  }

  /** §7.1.3, §7.1.4; a connection is born open. */
  get state(): State {
    return this.#driver.connection.state
  }

  /** The protocol version: 13 is the only one there is (§4.1). */
  get protocolVersion(): 13 {
    return 13
  }

  /** The value of Origin in the handshake; undefined where there was none. */
  get origin(): string | undefined {
    return this.request.origin
  }

  /** How its octets are read: see the option of that name. May become `reused` once what was read before has been told. */
  get reads(): Reads {
    return this.#driver.reads
  }

  /** Octets on the wire, headers included, that were handed over and are not the kernel's yet. */
  get bufferedAmount(): number {
    return this.#driver.connection.bufferedAmount
  }

  /** @internal The protocol underneath. */
  get core(): SocketDriver['connection'] {
    return this.#driver.connection
  }

  /** Octets of memory that its extensions hold now: the windows of permessage-deflate, where they are kept. */
  get extensionMemory(): number {
    return this.#driver.connection.extensionMemory
  }

  /** How and why it ended, as far as is known: see {@link CloseRecord}. Whole once the state is `closed`. */
  get closeRecord(): CloseRecord {
    return this.#outcome?.record ?? this.#driver.connection.closeRecord
  }

  /** Resolves with the close record when the connection is closed; never rejects. */
  get closed(): Promise<CloseRecord> {
    this.keepAddresses()
    return this.#outcome!.promise
  }

  /** TLS ends here. */
  get secure(): boolean {
    return isSecure(this.#driver.stream)
  }

  /** The IP address of this end, as {@link WebSocketConnection.remoteAddress}; undefined after a reset, too. */
  get localAddress(): string | undefined {
    return this.#addresses.localAddress
  }

  /** The port of this end; as {@link WebSocketConnection.localAddress}. */
  get localPort(): number | undefined {
    return this.#addresses.localPort
  }

  /** The IP address of the peer, or of the proxy in front; undefined where there is none. Kept for those who hear of the end. */
  get remoteAddress(): string | undefined {
    return this.#addresses.remoteAddress
  }

  /** The port of the peer; as {@link WebSocketConnection.remoteAddress}. */
  get remotePort(): number | undefined {
    return this.#addresses.remotePort
  }

  get #addresses(): StreamAddresses {
    return this.#outcome?.addresses ?? addressesOf(this.#driver.stream)
  }

  /** The stream underneath: to look at (its certificate, say), not to read or write. */
  get stream(): Duplex {
    return this.#driver.stream
  }

  /**
   * Sends a message: a string as text, octets as binary, or one that `prepareMessage` has made.
   *
   * @param data - up to 64 KiB it is copied; above, borrowed until it has left: change or transfer it only after
   * {@link WebSocketConnection.flush}. On a stream that is no socket it is always copied.
   * @returns `sent`, `queued` (it will leave, but wait for `drain` before sending much more) or `dropped` (the connection
   * is closing or closed, or the send buffer is full under the policy `drop`).
   * @throws UsageError for anything but strings and octets, octets that are not UTF-8 sent as text, a fragment of the
   * wrong type, options that there are not, or that are not booleans.
   * @throws TransportError `WS_SEND_BUFFER_FULL` under the policy `error`.
   */
  send(data: string | BinaryData | PreparedMessage, options: SendOptions = usualSendOptions): Verdict {
    return sendMessage(this.#driver, data, options)
  }

  /**
   * Sends a Ping (§5.5.2).
   *
   * @param payload - at most 125 octets, copied.
   * @returns the round-trip time in milliseconds; rejects with a TransportError when no Pong comes before the end, when 1,024
   * Pings are unanswered, or when more than `maxSendBuffer` waits to leave.
   * @throws UsageError (as a rejection) for a payload that is too long or of another type.
   */
  ping(payload: string | BinaryData = ''): Promise<number> {
    return roundTrip(this.#driver, payload)
  }

  /**
   * Sends a Pong that nobody asked for (§5.5.3).
   *
   * @param payload - at most 125 octets, copied.
   * @returns false when it was not sent: the connection is closing or closed, or more than `maxSendBuffer` waits to leave.
   * @throws UsageError for a payload that is too long or of another type.
   */
  pong(payload: string | BinaryData = ''): boolean {
    return this.#driver.connection.sendPong(asBuffer(payload))
  }

  /**
   * Starts the Closing Handshake (§7.1.2), behind everything that was sent. Without effect once closing.
   *
   * @param code - default 1000; null: a Close frame without a body.
   * @param reason - at most 123 octets of UTF-8: see `shortenReason`.
   * @throws UsageError for a code that may not be sent or a reason that is too long.
   */
  close(code: StatusCode | null = StatusCode.normalClosure, reason = ''): void {
    this.#close(() => this.#driver.connection.close(code ?? undefined, reason, this.#driver.now))
  }

  /** @internal The server goes away (§7.4.1): as {@link close}, and the end is by then, whatever still leaves. */
  goAway(by: number): void {
    this.#close(() => this.#driver.connection.close(StatusCode.goingAway, '', this.#driver.now, by))
  }

  /** Cuts the connection now, without a Closing Handshake. */
  terminate(): void {
    this.#queue?.mute()
    this.#driver.connection.terminate(this.#driver.now)
  }

  /**
   * Delivers no message until {@link WebSocketConnection.resume}, to loops neither; the peer is slowed down by TCP. While its
   * octets wait, its end is told behind them, and that it is gone when a keep-alive Ping finds nobody.
   */
  pause(): void {
    this.#waiting().held = true
    this.#driver.connection.pause(this.#driver.now)
  }

  /** Delivers again; what waited comes first. */
  resume(): void {
    if (this.#queue !== undefined) this.#queue.held = false
    this.#emitQueued()
  }

  /** Resolves when everything that was sent before has left for the kernel; rejects if the connection ends before. */
  flush(): Promise<void> {
    this.#flushes ??= new Flushes(this.#driver.connection)
    return this.#flushes.add()
  }

  /** The messages, as they come: strings for text, Buffers for binary. Ends when the connection does. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer, void, void> {
    for await (const message of this.messages()) yield message.data
  }

  /**
   * The messages with their types. Reading goes on while the loop asks for more, and pauses when the receive queue is
   * full. What waits when the connection ends can still be taken: by listeners too, if the end is not our own. Leaving the
   * loop leaves the connection open. Of several loops each gets some of the messages; beside a `message` handler or
   * listener, which hears of each message, a loop gets none.
   */
  async *messages(): AsyncGenerator<Message, void, void> {
    const queue = this.#waiting()
    for (;;) {
      const message = await queue.take()
      if (message === undefined) return
      this.#admit()
      yield message
    }
  }

  /** @internal ConnectionHandler */
  onText(data: string | Buffer): unknown {
    return this.#deliver(data, false)
  }

  /** @internal ConnectionHandler */
  onBinary(data: Buffer): unknown {
    return this.#deliver(data, true)
  }

  /** @internal ConnectionHandler */
  onPing(payload: Buffer): void {
    this.attempt(() => this.#common.handlers.ping?.(this, payload))
    this.tell('ping', payload)
  }

  /** @internal ConnectionHandler */
  onPong(payload: Buffer, roundTripTime: number | undefined): void {
    this.attempt(() => this.#common.handlers.pong?.(this, payload, roundTripTime))
    this.tell('pong', payload, roundTripTime)
  }

  /** @internal ConnectionHandler */
  onClosing(received: CloseBody | undefined): void {
    if (this.#outcome !== undefined) this.#outcome.addresses = copyOfAddresses(this.#addresses)
    const { handlers } = this.#common
    if (this.listened) this.attempt(() => this.tell('statechange', 'closing'))
    if (handlers.closing !== undefined) this.attempt(() => handlers.closing!(this, received))
    this.tell('closing', received)
  }

  /** @internal ConnectionHandler */
  onPeerEnd(): void {
    this.tell('peerend')
  }

  /** @internal ConnectionHandler */
  onDrain(): void {
    this.attempt(() => this.#common.handlers.drain?.(this))
    this.tell('drain')
  }

  /** @internal ConnectionHandler */
  onWritten(octets: number): void {
    this.#flushes?.check()
    this.tell('written', octets)
  }

  /** @internal ConnectionHandler */
  onClose(record: CloseRecord): void {
    this.#outcome ??= new Outcome()
    this.#outcome.record = record
    this.#emitQueued()
    this.#common.gone?.(this)
    this.#queue?.end()
    this.#flushes?.end()
    this.#outcome.settle(record)
    const { handlers } = this.#common
    if (this.listened) this.attempt(() => this.tell('statechange', 'closed'))
    if (handlers.close !== undefined) this.attempt(() => handlers.close!(this, record))
    this.tell('close', record)
  }

  /** @internal ConnectionHandler */
  onError(error: unknown): void {
    try {
      const result = this.#common.handlers.error?.(this, error)
      if (isPromiseLike(result)) result.then(undefined, warn)
      if (!this.tell('error', error) && this.#common.handlers.error === undefined) warn(error)
    } catch (another) {
      warn(another)
    }
  }

  /** @internal TypedEmitter: as when a listener throws. */
  protected override onRejected(error: unknown): void {
    this.#driver.connection.onHandlerFailed(error)
  }

  /** @internal TypedEmitter: what waited for a listener is told once all that are added now are there. */
  protected override onListener(event: keyof ConnectionEvents): void {
    this.keepAddresses()
    if (event !== 'message' || this.#queue === undefined) return
    process.nextTick(() => this.#emitQueued())
  }

  /** To the handler and to listeners; where there are none it waits for a listener or an iteration. */
  #deliver(data: string | Buffer, isBinary: boolean): unknown {
    if (this.#common.handlers.message !== undefined) {
      const result = this.#common.handlers.message(this, data, isBinary)
      if (this.listened) this.tell('message', data, isBinary)
      return result
    }
    if (this.#queue?.empty !== false && this.tell('message', data, isBinary)) return undefined
    const queue = this.#waiting()
    queue.push({ data, isBinary })
    if (queue.full) this.#driver.connection.pause(this.#driver.now)
    return undefined
  }

  #waiting(): MessageQueue {
    this.keepAddresses()
    this.#queue ??= new MessageQueue(this.#common.settings, this.#outcome?.record !== undefined, this.core)
    return this.#queue
  }

  /** Where the end is ours, not the peer's. */
  #close(begin: () => void): void {
    const begins = this.state === 'open'
    begin()
    if (begins) this.#queue?.mute()
  }

  /** Behind our own end nothing is emitted: what still waits is for loops. */
  #emitQueued(): void {
    const listened = () => this.listenerCount('message') > 0
    this.#queue?.tell(listened, ({ data, isBinary }) => this.attempt(() => this.tell('message', data, isBinary)))
    this.#admit()
  }

  /** Reading goes on, unless the application or a full queue is against it. */
  #admit(): void {
    if (this.#queue?.held !== true && this.#queue?.full !== true) this.#driver.connection.resume(this.#driver.now)
  }
}
