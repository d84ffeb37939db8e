/**
 * A WebSocket server: RFC 6455 §4.2 (the Opening Handshake), §7.4.1 (1001 when it goes away). It listens by itself, or
 * takes the upgrades of a node:http server, or streams from anywhere; all three end in the same handshake and the same
 * connections.
 */

import { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { connectionSettings } from '../connection/connection-settings.js'
import { period, readLimits, resolveBound } from '../connection/limits.js'
import type { PreparedMessage } from '../connection/prepared-message.js'
import { UsageError } from '../errors.js'
import type { Extension } from '../extensions/extension.js'
import { sharedOutputSlabs } from '../framing/output-slab.js'
import type { PlainAnswer } from '../handshake/plain-response.js'
import type { RequestPolicy } from '../handshake/request-policy.js'
import type { AcceptedRequest, OpeningRequest } from '../handshake/server-handshake.js'
import { type RequestHead, requestHeadFromNode } from '../http/message-head.js'
import { isObject } from '../option-table.js'
import { type BoundAddress, Listener, type ListenTarget, urlOf } from '../transport/listen.js'
import { type Reads, sharedReusedReads } from '../transport/reused-reads.js'
import { type Decision, type OpeningContext, ServerOpening } from '../transport/server-opening.js'
import { settled } from '../transport/settled.js'
import { isSecure } from '../transport/stream-addresses.js'
import { sharedTimerWheel, type TimerWheel } from '../transport/timer-wheel.js'
import { TlsServer } from '../transport/tls-server.js'
import { checkedAnswer } from './accept-answer.js'
import type { BinaryData } from './binary-data.js'
import { type BroadcastCounts, type BroadcastOptions, broadcast } from './broadcast.js'
import { readHandlers, serverHandlerTable } from './connection-handlers.js'
import { readExtensions } from './extension-options.js'
import { checkStream, checkUpgrade } from './given-stream.js'
import type { Common } from './opened.js'
import { OpeningHandshake, PlainRequest, UpgradeRequest } from './requests.js'
import { Roster } from './roster.js'
import { leaves, serves } from './served-paths.js'
import {
  type Accept,
  type Refuse,
  readServerOptions,
  requestPolicy,
  type ServerHandlers,
  type ServerOptions,
} from './server-options.js'
import { warn } from './warning.js'
import { WebSocketConnection } from './websocket-connection.js'

/** The events of a server, with their arguments. */
export interface ServerEvents<Data> {
  /** A connection is open. */
  connection: [connection: WebSocketConnection<Data>]
  /** The server listens. */
  listening: []
  /** The server is closed, and so are all its connections. */
  close: []
  /** A handshake failed: the peer's fault (HandshakeError), the transport's (TransportError), or what a hook threw. */
  refused: [error: unknown]
  /** Accepting connections failed (EMFILE, say). Without a listener: a process warning. */
  error: [error: Error]
  /** A TLS handshake failed. */
  tlserror: [error: Error]
}

/**
 * A WebSocket server, made by {@link createServer}. Its events are {@link ServerEvents}.
 *
 * @typeParam Data - what `connection.data` holds: what the accept hook returns.
 */
// No `implements` of what the openings and the listener ask of it: the published declarations leave those
// members out. The compiler compares where the server hands itself to them.
export class Server<Data = undefined> extends EventEmitter<ServerEvents<Data>> {
  /** The protocol versions spoken: 13 (§4.4). */
  readonly supportedVersions: readonly number[] = [13]
  /** @internal OpeningHost */
  readonly handshakeTimeout: number
  /** @internal OpeningHost */
  readonly closeTimeout: number
  readonly #options: ServerOptions
  readonly #handlers: ServerHandlers<Data>
  /** There are handlers that hear of a connection beside its messages. */
  readonly #tellsOfConnections: boolean
  readonly #common: Common<Data>
  readonly #wheel: TimerWheel
  readonly #policy: RequestPolicy
  readonly #extensions: readonly Extension[]
  readonly #securePolicy: RequestPolicy
  readonly #tls: TlsServer | undefined
  readonly #maxConnections: number
  readonly #maxPending: number
  readonly #connections = new Roster<WebSocketConnection<Data>>()
  readonly #pending = new Roster<ServerOpening<Data>>()
  /** Openings that are answered, and wait for their peer's end: the oldest first. */
  readonly #lingering = new Set<ServerOpening<Data>>()
  #listener: Listener | undefined
  #closing: Promise<void> | undefined
  #empty: (() => void) | undefined

  /** @internal Made by createServer(). */
  constructor(given: ServerOptions, handlers: ServerHandlers<Data>, wheel: TimerWheel = sharedTimerWheel) {
    super({ captureRejections: true })
    this.#wheel = wheel
    const options = readServerOptions(given)
    this.#policy = requestPolicy(options, false)
    this.#securePolicy = requestPolicy(options, true)
    this.#extensions = readExtensions('server', options)
    const limits = readLimits('server', options.limits, options.deadlines)
    this.handshakeTimeout = period('handshakeTimeout', options.handshakeTimeout, 10_000)
    this.closeTimeout = limits.closeTimeout
    this.#tls = options.tls === undefined ? undefined : new TlsServer(this, options.tls, this.handshakeTimeout)
    this.#options = options
    this.#handlers = readHandlers<ServerHandlers<Data>>(handlers, serverHandlerTable)
    const { connection, closing, close, error } = this.#handlers
    this.#tellsOfConnections = (connection ?? closing ?? close ?? error) !== undefined
    const textAsOctets = options.text === 'buffer'
    const { borrowed = false } = options
    this.#common = {
      settings: connectionSettings(limits, { slabs: sharedOutputSlabs, textAsOctets, borrowed }),
      handlers: this.#handlers,
      gone: connection => {
        this.#connections.delete(connection)
        this.#settle()
      },
      wheel,
      reads: options.reads ?? 'plain',
    }
    if (this.#tls === undefined) void sharedReusedReads.triedFor(this.#common.reads)
    this.#maxConnections = resolveBound('maxConnections', options.maxConnections, 10_000)
    this.#maxPending = resolveBound('maxPendingHandshakes', options.maxPendingHandshakes, 1000)
  }

  /** The connections that are open or closing. */
  get connections(): ReadonlySet<WebSocketConnection<Data>> {
    return this.#connections
  }

  /** It accepts connections. */
  get listening(): boolean {
    return this.#listener?.listening === true
  }

  /** How it reads from sockets, known once it listens: `reused` if asked to (see there), if it works with this Node, without TLS. */
  get reads(): Reads {
    return this.#tls === undefined && sharedReusedReads.proven ? this.#common.reads : 'plain'
  }

  /** Where it listens: address and port, the path of a unix socket, or null. */
  address(): BoundAddress {
    return this.#listener?.address ?? null
  }

  /** The URL to connect to from this machine; undefined while it does not listen on a port. */
  get url(): string | undefined {
    return urlOf(this.address(), this.#tls !== undefined)
  }

  /**
   * Listens on a port (0: any that is free), a path (unix socket) or a descriptor that listens already. Host by default
   * as in Node: every address.
   *
   * @returns when it listens; rejects with Node's error, such as EADDRINUSE.
   * @throws UsageError (as a rejection) for what is no object; WS_LISTEN_OPTIONS for a port, path or other option that Node
   * does not take; when it listens already, or is closed, be it meanwhile.
   */
  async listen(where: ListenTarget = { port: 0 }): Promise<void> {
    if (!isObject(where)) throw new UsageError('WS_INVALID_OPTION', '4.2', 'where to listen is an object')
    if ((where as { signal?: unknown }).signal !== undefined) {
      throw new UsageError('WS_LISTEN_OPTIONS', '7.4.1', 'a signal would leave connections behind: call close()')
    }
    if (this.#closing !== undefined) throw new UsageError('WS_SERVER_CLOSED', '7.4.1', 'this server has been closed')
    if (this.#listener !== undefined) throw new UsageError('WS_LISTENING', '4.2', 'this server listens already')
    const listener = new Listener(this, this.#tls, this.#wheel.clock)
    this.#listener = listener
    try {
      await Promise.all([listener.listen(where), sharedReusedReads.triedFor(this.#common.reads)])
    } catch (error) {
      this.#listener = undefined
      throw error
    }
    this.#tell('listening')
  }

  /**
   * Takes an upgrade of a node:http or node:https server: call it in the server's `upgrade` event, also where a framework
   * (Express, Fastify) made that server. Node's parser has been there before: it let through what it lets through (a bare
   * LF, a folded line it has joined), answered what it refuses with 400, 408 or 431 by itself, and gives what has no
   * `Connection: Upgrade` to the server's `request` event instead.
   *
   * @param head - the octets behind the request; copied.
   * @returns false when the path is not this server's: nothing has been done, another may take it, or you end the socket.
   * @throws UsageError for a request that is none, and a stream that does not carry octets or was given before.
   */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    checkStream(socket)
    checkUpgrade(request, head)
    const requestHead = requestHeadFromNode(request)
    if (leaves(this.#options, requestHead.target)) return false
    this.#open(socket, opening => opening.take(requestHead, head))
    return true
  }

  /**
   * Takes a stream on which a client is about to send its Opening Handshake: a socket, or any Duplex of octets. Nothing
   * must have been read from it; it must emit `close`, as Node's streams do by default.
   *
   * @throws UsageError for a stream that does not carry octets, or was given before.
   */
  handleConnection(stream: Duplex): void {
    checkStream(stream)
    this.onStream(stream, this.#wheel.clock())
  }

  /**
   * Sends a message to all connections, or some: it is prepared once (see `prepareMessage`), and what one of them cannot
   * take does not keep it from the others. Each is judged by its own limits, as by its `send()`.
   *
   * @param data - a string as text, octets as binary (copied), or a message that was prepared.
   * @returns how many connections gave which verdict.
   * @throws UsageError as `prepareMessage`; for options that there are not, or not of that kind, a `where` that gives
   * neither true nor false, and for `text` and `compress` beside a prepared message.
   */
  broadcast(data: string | BinaryData | PreparedMessage, options: BroadcastOptions<Data> = {}): BroadcastCounts {
    return broadcast(this.#connections, data, options)
  }

  /**
   * Goes away (§7.4.1): accepts no more, refuses pending handshakes with 503, closes every connection with 1001, and cuts
   * what has not closed after `closeTimeout`, whatever still leaves by then.
   *
   * @returns when all is closed.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** @internal ListenerOwner, TlsServerOwner */
  onStream(stream: Duplex, since: number): void {
    this.#open(stream, opening => opening.read(since))
  }

  /** @internal ListenerOwner */
  admits(pending: number): boolean {
    return this.#pending.size + pending < this.#maxPending
  }

  /** @internal ListenerOwner */
  onListenError(error: Error): void {
    if (this.listenerCount('error') > 0) this.#tell('error', error)
    else warn(error)
  }

  /** @internal TlsServerOwner */
  onTlsError(error: Error): void {
    this.#tell('tlserror', error)
  }

  /** @internal OpeningHost */
  policy(secure: boolean): RequestPolicy {
    return secure ? this.#securePolicy : this.#policy
  }

  /** @internal OpeningHost */
  get full(): boolean {
    return this.#connections.size >= this.#maxConnections || this.#closing !== undefined
  }

  /** @internal OpeningHost */
  decide(opening: OpeningRequest, context: OpeningContext): Decision<Data> | PromiseLike<Decision<Data>> {
    if (!serves(this.#options, opening.path)) return { refuse: { status: 404 } }
    if (this.full) return { refuse: { status: 503 } }
    const request = new UpgradeRequest(opening, isSecure(context.stream), context)
    const { allowedOrigins } = this.#options
    if (typeof allowedOrigins !== 'function' || request.origin === undefined) return this.#ask(request)
    return settled(allowedOrigins(request.origin, request), allowed =>
      allowed === true ? this.#ask(request) : { refuse: { status: 403 } },
    )
  }

  /** @internal OpeningHost */
  answer(head: RequestHead, context: OpeningContext): PlainAnswer | undefined | PromiseLike<PlainAnswer | undefined> {
    return this.#handlers.request?.(new PlainRequest(head, context))
  }

  /** @internal OpeningHost */
  opened(stream: Duplex, request: OpeningRequest, accepted: AcceptedRequest, data: Data, rest: Buffer): void {
    const { protocol, extensions } = accepted
    const handshake = new OpeningHandshake(request.path, request.fields.text, isSecure(stream))
    const opened = { request: handshake, protocol, extensions, data }
    const connection = new WebSocketConnection<Data>(stream, 'server', this.#common, opened)
    this.#connections.add(connection)
    if (this.#tellsOfConnections || this.listenerCount('connection') > 0) connection.keepAddresses()
    connection.start(rest)
    if (this.#handlers.connection !== undefined) connection.attempt(() => this.#handlers.connection!(connection))
    if (this.listenerCount('connection') > 0) connection.attempt(() => this.emit('connection', connection))
  }

  /** @internal OpeningHost */
  failed(error: unknown): void {
    this.#tell('refused', error)
  }

  /** @internal OpeningHost */
  answered(opening: ServerOpening<Data>): void {
    this.#pending.delete(opening)
    this.#lingering.add(opening)
    const [oldest] = this.#lingering
    if (this.#lingering.size > this.#maxPending) oldest!.cut()
  }

  /** @internal OpeningHost */
  over(opening: ServerOpening<Data>): void {
    this.#pending.delete(opening)
    this.#lingering.delete(opening)
    this.#settle()
  }

  #open(stream: Duplex, begin: (opening: ServerOpening<Data>) => void): void {
    if (!this.admits(this.#tls?.pending ?? 0)) {
      stream.on('error', () => {})
      stream.destroy()
      return
    }
    const opening = new ServerOpening<Data>(stream, this, this.#wheel)
    this.#pending.add(opening)
    begin(opening)
    if (this.#closing !== undefined) opening.dismiss({ status: 503 })
  }

  /** An event of the server: what a listener throws is no reason to stop serving. */
  #tell<E extends keyof ServerEvents<Data>>(event: E, ...args: ServerEvents<Data>[E]): void {
    try {
      ;(this as EventEmitter).emit(event, ...args)
    } catch (error) {
      warn(error)
    }
  }

  /** What an async listener's promise rejects with. */
  override [EventEmitter.captureRejectionSymbol](error: unknown, _event: unknown, ...[subject]: unknown[]): void {
    if (subject instanceof WebSocketConnection) subject.attempt(() => Promise.reject(error))
    else warn(error)
  }

  #ask(request: UpgradeRequest): Decision<Data> | PromiseLike<Decision<Data>> {
    return settled(this.#handlers.accept?.(request), answer => this.#judge(request, checkedAnswer(answer)))
  }

  #judge(request: UpgradeRequest, answer: Accept<Data> | Refuse | undefined): Decision<Data> {
    if (answer?.status !== undefined) return { refuse: answer }
    return {
      accept: {
        protocol: answer?.protocol ?? this.#chooseProtocol(request),
        headers: answer?.headers,
        serverName: this.#options.serverName,
        extensions: this.#extensions,
      },
      data: answer?.data as Data,
    }
  }

  /** §4.2.2 /subprotocol/. */
  #chooseProtocol(request: UpgradeRequest): string | undefined {
    const { protocols } = this.#options
    if (typeof protocols === 'function') return protocols(request.protocols, request)
    return request.protocols.find(offered => protocols?.includes(offered))
  }

  async #close(): Promise<void> {
    const listener = this.#listener?.close()
    for (const opening of this.#pending) opening.dismiss({ status: 503 })
    const by = this.#wheel.clock() + this.closeTimeout
    for (const connection of this.#connections) connection.goAway(by)
    for (const opening of this.#lingering) opening.endBy(by)
    await new Promise<void>(resolve => {
      this.#empty = resolve
      this.#settle()
    })
    await listener
    this.#tell('close')
  }

  #settle(): void {
    if (this.#connections.size + this.#pending.size + this.#lingering.size === 0) this.#empty?.()
  }
}

/**
 * Makes a WebSocket server. It does nothing until it is given connections: by `listen`, `handleUpgrade` or
 * `handleConnection`.
 *
 * @param handlers - shared by all its connections; events of a connection are there besides.
 * @throws UsageError for options that cannot be; WS_TLS_OPTIONS for a key, certificate or option that TLS does not take.
 */
export function createServer<Data = undefined>(
  options: ServerOptions = {},
  handlers: ServerHandlers<Data> = {},
): Server<Data> {
  return new Server<Data>(options, handlers)
}
