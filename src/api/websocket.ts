/**
 * The WebSocket interface of the WHATWG WebSockets Standard, so that code written for browsers runs unchanged: a face on
 * a client's connection (RFC 6455 §4.1, §6, §7). As in browsers, an error tells nothing, and nothing slows down who sends
 * too much; `connect` knows better in both. The steps in comments are the Standard's.
 */
import { isAnyArrayBuffer } from 'node:util/types'
import type { LimitOptions } from '../connection/limits.js'
import { formatExtensions } from '../extensions/negotiation.js'
import { maxReasonSize } from '../framing/close-body.js'
import { isObject } from '../option-table.js'
import { queueTask } from '../transport/queue-task.js'
import { isBadPort } from './bad-ports.js'
import type { BinaryData } from './binary-data.js'
import { CloseEvent } from './close-event.js'
import type { ConnectOptions } from './connect-options.js'
import type { ConnectionHandlers } from './connection-handlers.js'
import { Connector } from './connector.js'
import { type EventHandler, EventHandlerAttributes } from './event-handler-attributes.js'
import { OutgoingMessages, type Payload } from './outgoing-messages.js'
import { clampedUnsignedShort, defineInterface, domString, usvString } from './web-idl.js'
import { subprotocols, websocketOptions, websocketUrl } from './websocket-arguments.js'
import type { WebSocketConnection } from './websocket-connection.js'
import { WebSocketEventTarget } from './websocket-events.js'
import type { WebSocketOptions } from './websocket-options.js'

const [connecting, open, closing, closed] = [0, 1, 2, 3] as const

/** The WebSocket class of the WHATWG WebSockets Standard; options besides, as a second or third argument. */
export class WebSocket extends WebSocketEventTarget {
  /** The value of `readyState` before the connection is open. */
  declare static readonly CONNECTING: 0
  /** The value of `readyState` while it is open. */
  declare static readonly OPEN: 1
  /** The value of `readyState` from the beginning of the end. */
  declare static readonly CLOSING: 2
  /** The value of `readyState` when it is closed, or could not be opened. */
  declare static readonly CLOSED: 3
  /** The value of `readyState` before the connection is open. */
  declare readonly CONNECTING: 0
  /** The value of `readyState` while it is open. */
  declare readonly OPEN: 1
  /** The value of `readyState` from the beginning of the end. */
  declare readonly CLOSING: 2
  /** The value of `readyState` when it is closed, or could not be opened. */
  declare readonly CLOSED: 3

  /** Of all connections; `data` is the WebSocket. */
  static readonly #handlers: ConnectionHandlers<WebSocket> = {
    message: ({ data: socket }, data, isBinary) => socket.#received(data, isBinary),
    closing: ({ data: socket }) => socket.#closing(),
    close: ({ data: socket }, { code, reason, clean, error }) =>
      socket.#closed(code, reason, clean, error !== undefined),
  }

  readonly #url: string
  readonly #origin: string
  readonly #eventHandlers = new EventHandlerAttributes(this)
  readonly #outgoing = new OutgoingMessages()
  readonly #dialling = new AbortController()
  #readyState: 0 | 1 | 2 | 3 = connecting
  #binaryType: 'blob' | 'arraybuffer' = 'blob'
  #protocol = ''
  #extensions = ''

  /**
   * Begins to connect.
   *
   * @param url - absolute: `ws:`, `wss:`, or `http:` and `https:` for them. Not to ports that browsers block.
   * @param protocols - the subprotocols to offer, most preferred first; or options, with the subprotocols among them.
   * @param options - where they are not the second argument; whatever is not an object is ignored.
   * @throws DOMException SyntaxError: a URL or a subprotocol that cannot be.
   * @throws UsageError an option that cannot be.
   */
  constructor(
    url: string | URL,
    protocols: string | Iterable<string> | WebSocketOptions | undefined = undefined,
    options: WebSocketOptions = {},
  ) {
    // biome-ignore lint/complexity/noArguments: undefined given is not the same as nothing given.
    if (arguments.length === 0) throw new TypeError('a WebSocket needs a URL')
    super()
    const address = websocketUrl(domString(url))
    this.#url = address.href
    this.#origin = address.origin
    const given = websocketOptions(protocols, options)
    const offered = subprotocols(given.protocols ?? [])
    const connector = new Connector(address, this.#connectOptions(offered, given))
    if (isBadPort(Number(address.port || 80))) this.#fail()
    else {
      connector.open().then(
        connection => this.#established(connection, offered.length > 0),
        () => this.#fail(),
      )
    }
  }

  /** The URL that is connected to, as it was understood. */
  get url(): string {
    return this.#url
  }

  /** How far the connection has come: one of the four constants. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState
  }

  /** Octets of payload that were sent and have not left; those that cannot leave any more stay counted. */
  get bufferedAmount(): number {
    return this.#outgoing.bufferedAmount
  }

  /** The extensions in use, as in the header field; empty while there are none. */
  get extensions(): string {
    return this.#extensions
  }

  /** The subprotocol in use; empty while there is none. */
  get protocol(): string {
    return this.#protocol
  }

  /** How binary messages are delivered. What is assigned and is neither is ignored. */
  get binaryType(): 'blob' | 'arraybuffer' {
    return this.#binaryType
  }

  set binaryType(type: 'blob' | 'arraybuffer') {
    const name = domString(type)
    if (name === 'blob' || name === 'arraybuffer') this.#binaryType = name
  }

  /** What is assigned and is not an object is null, here and in the other three. */
  get onopen(): EventHandler<Event> | null {
    return this.#eventHandlers.get('open')
  }

  set onopen(handler: EventHandler<Event> | null) {
    this.#eventHandlers.set('open', handler)
  }

  /** Called with each message. */
  get onmessage(): EventHandler<MessageEvent> | null {
    return this.#eventHandlers.get('message')
  }

  set onmessage(handler: EventHandler<MessageEvent> | null) {
    this.#eventHandlers.set('message', handler)
  }

  /** Called when the connection fails, before `onclose`. */
  get onerror(): EventHandler<Event> | null {
    return this.#eventHandlers.get('error')
  }

  set onerror(handler: EventHandler<Event> | null) {
    this.#eventHandlers.set('error', handler)
  }

  /** Called once, last. */
  get onclose(): EventHandler<CloseEvent> | null {
    return this.#eventHandlers.get('close')
  }

  set onclose(handler: EventHandler<CloseEvent> | null) {
    this.#eventHandlers.set('close', handler)
  }

  /**
   * Sends a message: octets and Blobs as binary, anything else as text. Copied at the call.
   *
   * @throws DOMException InvalidStateError before the connection is open. When it is closing or closed, nothing is sent
   * and `bufferedAmount` grows.
   */
  send(data: string | BinaryData | Blob): void {
    // biome-ignore lint/complexity/noArguments: undefined given is not the same as nothing given.
    if (arguments.length === 0) throw new TypeError('send() needs data')
    const payload = asPayload(data)
    // 1. "If this's ready state is CONNECTING, then throw".
    if (this.#readyState === connecting) throw new DOMException('the connection is not open yet', 'InvalidStateError')
    if (this.#readyState === open) this.#outgoing.send(payload)
    else this.#outgoing.lose(payload)
  }

  /**
   * Closes the connection, behind everything that was sent; or gives up connecting.
   *
   * @param code - 1000, or 3000 to 4999. Left away, the Close frame has none, or 1000 before a reason.
   * @param reason - at most 123 octets of UTF-8.
   * @throws DOMException InvalidAccessError: another code. SyntaxError: a longer reason.
   */
  close(code: number | undefined = undefined, reason: string | undefined = undefined): void {
    const status = code === undefined ? null : clampedUnsignedShort(code)
    const text = reason === undefined ? '' : usvString(reason)
    // 2. and 3. of "close", before it looks at the state.
    if (status !== null && status !== 1000 && (status < 3000 || status > 4999)) {
      throw new DOMException('the code must be 1000, or 3000 to 4999', 'InvalidAccessError')
    }
    if (Buffer.byteLength(text) > maxReasonSize) {
      throw new DOMException(`a reason has at most ${maxReasonSize} octets of UTF-8`, 'SyntaxError')
    }
    if (this.#readyState >= closing) return
    const wasConnecting = this.#readyState === connecting
    this.#readyState = closing
    if (wasConnecting) this.#dialling.abort()
    else this.#outgoing.close(status ?? (text === '' ? null : 1000), text)
  }

  #connectOptions(protocols: readonly string[], options: WebSocketOptions): ConnectOptions<WebSocket> {
    // As browsers do: messages are compressed where the server does.
    const { oneAtATime = true, perMessageDeflate = true, limits = {} } = options
    const { maxSendBuffer = 'unlimited' } = Object(limits) as LimitOptions
    return {
      ...options,
      oneAtATime,
      perMessageDeflate,
      limits: isObject(limits) ? { ...limits, maxSendBuffer, sendOverflow: 'close' } : limits,
      protocols,
      handlers: WebSocket.#handlers,
      data: this,
      signal: this.#dialling.signal,
      http: false,
      text: 'string',
      borrowed: false,
    }
  }

  /** "When the WebSocket connection is established"; nothing of it has been delivered yet. */
  #established(connection: WebSocketConnection<WebSocket>, protocolsOffered: boolean): void {
    const { extensions, protocol } = connection
    // "Establish a WebSocket connection": a choice is owed where there was one. Or close() came when it was too late to abort.
    if ((protocolsOffered && protocol === '') || this.#readyState !== connecting) {
      connection.terminate()
      this.#fail()
      return
    }
    this.#outgoing.attach(connection as WebSocketConnection<unknown>)
    this.#readyState = open
    this.#extensions = formatExtensions(extensions.map(({ extension: { name }, parameters }) => ({ name, parameters })))
    this.#protocol = protocol
    this.dispatchEvent(new Event('open'))
  }

  /** "When a WebSocket message has been received". */
  #received(message: string | Buffer, isBinary: boolean): void {
    if (this.#readyState !== open) return
    const data = isBinary ? this.#binary(message as Buffer) : message
    this.dispatchEvent(new MessageEvent('message', { data, origin: this.#origin }))
  }

  #binary(octets: Buffer): Blob | ArrayBuffer {
    if (this.#binaryType === 'blob') return new Blob([octets])
    const { buffer, byteOffset, byteLength } = octets
    // Usually a view of what was read, with other messages in it.
    const memory = buffer as ArrayBuffer
    return memory.byteLength === byteLength ? memory : memory.slice(byteOffset, byteOffset + byteLength)
  }

  /** "When the WebSocket closing handshake is started", by whomever; or the connection fails. */
  #closing(): void {
    this.#readyState = closing
  }

  /** There is no connection, and will be none. */
  #fail(): void {
    queueTask(() => this.#closed(1006, '', false))
  }

  /**
   * "When the WebSocket connection is closed". A lost transport is a failure too: RFC 6455 §7.2.1.
   *
   * @param wrong - something went wrong, though the close was clean: it was flagged as full.
   */
  #closed(code: number, reason: string, wasClean: boolean, wrong = false): void {
    if (this.#readyState === closed) return
    this.#readyState = closed
    if (!wasClean || wrong) this.dispatchEvent(new Event('error'))
    this.dispatchEvent(new CloseEvent('close', { wasClean, code, reason }))
  }
}

defineInterface(WebSocket, 'WebSocket', { CONNECTING: connecting, OPEN: open, CLOSING: closing, CLOSED: closed })

/** Web IDL: BufferSource or Blob or USVString. Shared memory is taken too, for it is copied. */
function asPayload(data: unknown): Payload {
  if (typeof data === 'string' || data instanceof Blob) return data
  if (isAnyArrayBuffer(data)) return Buffer.from(data)
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return domString(data)
}
