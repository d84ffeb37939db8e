/**
 * The client's side of the Opening Handshake: RFC 6455 §4.1. Has a request to send, reads the response as its octets
 * come, and ends by yielding what was agreed and the octets behind it, or by throwing. Time limits, redirects and
 * authentication are left to whoever drives it.
 */

import { HandshakeError, type RefusalResponse } from '../errors.js'
import type { AgreedExtension } from '../extensions/extension.js'
import { checkExtensions, parseExtensions } from '../extensions/negotiation.js'
import { BodyReader } from '../http/body-reader.js'
import type { Fields } from '../http/fields.js'
import { splitList } from '../http/grammar.js'
import { HeadReader } from '../http/head-reader.js'
import { isHttp11, type ResponseHead } from '../http/message-head.js'
import { acceptValue } from './accept-key.js'
import { type ClientHandshakeOptions, ClientRequest } from './client-request.js'
import type { WebSocketUri } from './websocket-uri.js'

/** What client and server have agreed on: the connection is OPEN. */
export interface ClientAgreement {
  /** The status of the response: Switching Protocols. */
  readonly status: 101
  /** The subprotocol in use; '' for none. */
  readonly protocol: string
  /** The extensions in use, in the order they are applied. */
  readonly extensions: readonly AgreedExtension[]
  /** The response's header fields. */
  readonly fields: Fields
  /** The octets behind the response, the first frames perhaps: a view of the chunk given last. */
  readonly rest: Buffer
}

/** How many interim responses (1xx, RFC 9110 §15.2) may come before the final one. */
const maxInterimResponses = 5

/** How much of a refusal's body is gathered: 64 KiB. */
const maxRefusalBody = 65_536

/** A TLS record that is an alert begins with it (RFC 8446 §5.1), and no response does: what we sent was taken for TLS. */
const tlsAlert = 0x15

/** What servers say in their refusals who have seen that it was HTTP and no TLS: Go, nginx, Apache, Tomcat. */
const saysTls = /HTTP request (?:was sent )?to (?:an )?HTTPS|plain HTTP to an SSL|requires TLS/i

/** Most connections have none: they share it. */
const noExtensions: readonly AgreedExtension[] = []

/** One Opening Handshake. After `receive` has thrown or yielded an agreement it must not be used again. */
export class ClientHandshake {
  /** The octets to send. */
  readonly request: Buffer
  readonly #asked: ClientRequest
  readonly #key: string
  #reader = new HeadReader('response')
  /** Something has come. */
  #answered = false
  #interimResponses = 0
  #refusal: { readonly head: ResponseHead; readonly body: BodyReader } | undefined

  /**
   * @throws UsageError WS_PROTOCOL, WS_ORIGIN, WS_HOST, WS_NONCE, WS_HEADER, WS_HEADER_RESERVED: an option that cannot
   *   be sent.
   */
  constructor(uri: WebSocketUri, options?: ClientHandshakeOptions)
  /** @internal One of several that ask for the same. */
  constructor(request: ClientRequest)
  constructor(asked: ClientRequest | WebSocketUri, options: ClientHandshakeOptions = {}) {
    this.#asked = asked instanceof ClientRequest ? asked : new ClientRequest(asked, options)
    this.#key = this.#asked.newKey()
    this.request = this.#asked.octets(this.#key)
  }

  /**
   * Takes in what the server has sent.
   *
   * @param chunk - only read; nothing of it is kept but `rest`, which is a view of it.
   * @returns what was agreed, or undefined while the response is not complete.
   * @throws HandshakeError the connection must fail. WS_REFUSED: the server answered with another status than 101,
   *   `response` is its answer; WS_TLS_EXPECTED: it answered as one that speaks TLS, and the URI is no `wss:`; otherwise the
   *   response does not conform.
   */
  receive(chunk: Buffer): ClientAgreement | undefined {
    if (!this.#answered && !this.#asked.secure && chunk[0] === tlsAlert) {
      throw new HandshakeError('WS_TLS_EXPECTED', '4.1', 'the server speaks TLS: use wss:// instead of ws://')
    }
    this.#answered ||= chunk.length > 0
    let octets = chunk
    while (this.#refusal === undefined) {
      const read = this.#reader.receive(octets)
      if (read === undefined) return undefined
      octets = read.rest
      if (read.head.status === 101) return this.#judge(read.head, octets)
      if (read.head.status >= 100 && read.head.status < 200) this.#skipInterim()
      else this.#refusal = { head: read.head, body: new BodyReader(read.head, maxRefusalBody) }
    }
    const { head, body } = this.#refusal
    body.receive(octets)
    if (body.done) throw this.#refused(head, body)
    return undefined
  }

  /**
   * The server has ended the connection, or will be waited for no longer.
   *
   * @throws HandshakeError always: WS_REFUSED with as much of the answer as has come, or WS_RESPONSE_INCOMPLETE.
   */
  receiveEnd(): never {
    if (this.#refusal !== undefined) throw this.#refused(this.#refusal.head, this.#refusal.body)
    // Many servers that expect TLS just end what is none.
    const hint = this.#asked.secure ? '' : '; wss:// instead of ws://?'
    const without = this.#answered ? 'without a complete response' : `without a response${hint}`
    throw new HandshakeError('WS_RESPONSE_INCOMPLETE', '4.1', `the server ended ${without}`)
  }

  #refused(head: ResponseHead, gathered: BodyReader): HandshakeError {
    const body = gathered.take()
    const tls = !this.#asked.secure && head.status === 400 && saysTls.test(Buffer.from(body.buffer).toString('latin1'))
    const hint = tls ? ': it speaks TLS, use wss://' : ''
    const message = `the server answered ${head.status} instead of 101${hint}`
    return new HandshakeError('WS_REFUSED', '4.1', message, { response: asResponse(head, body) })
  }

  #skipInterim(): void {
    if (++this.#interimResponses > maxInterimResponses) {
      throw new HandshakeError('WS_INTERIM_RESPONSES', 'RFC 9110 §15.2', 'too many interim responses')
    }
    this.#reader = new HeadReader('response')
  }

  /** §4.1: "The client MUST validate the server's response as follows". */
  #judge(head: ResponseHead, rest: Buffer): ClientAgreement {
    const { fields } = head
    if (!isHttp11(head)) throw unacceptable(head, 'WS_HTTP_VERSION', '4.1', 'the response is not HTTP/1.1')
    if (fields.get('upgrade')?.toLowerCase() !== 'websocket') {
      throw unacceptable(head, 'WS_UPGRADE_FIELD', '4.1', 'Upgrade is not websocket')
    }
    if (!splitList(fields.get('connection')?.toLowerCase() ?? '').includes('upgrade')) {
      throw unacceptable(head, 'WS_CONNECTION_FIELD', '4.1', 'Connection does not list Upgrade')
    }
    if (fields.get('sec-websocket-accept') !== acceptValue(this.#key)) {
      throw unacceptable(head, 'WS_ACCEPT', '4.1', 'Sec-WebSocket-Accept is not the value for our key')
    }
    return { status: 101, protocol: this.#judgeProtocol(head), extensions: this.#judgeExtensions(head), fields, rest }
  }

  /** A repeated field joins to a list, which is no token and so never one of ours (§11.3.4: not more than once). */
  #judgeProtocol(head: ResponseHead): string {
    const protocol = head.fields.get('sec-websocket-protocol')
    if (protocol === undefined) return ''
    if (this.#asked.protocols.includes(protocol)) return protocol
    throw unacceptable(head, 'WS_PROTOCOL', '4.1', 'the server chose a subprotocol that was not asked for')
  }

  #judgeExtensions(head: ResponseHead): readonly AgreedExtension[] {
    const value = head.fields.get('sec-websocket-extensions')
    if (value === undefined) return noExtensions
    const answers = parseExtensions(value)
    if (answers === undefined) throw unacceptable(head, 'WS_EXTENSIONS', '9.1', 'Sec-WebSocket-Extensions is malformed')
    const agreed = checkExtensions(answers, this.#asked.extensions)
    if (agreed !== undefined) return agreed
    throw unacceptable(head, 'WS_EXTENSIONS', '9.1', 'the server chose extensions that do not fit what was offered')
  }
}

function unacceptable(head: ResponseHead, code: string, section: string, message: string): HandshakeError {
  return new HandshakeError(code, section, message, { response: asResponse(head, new Uint8Array(0)) })
}

function asResponse(head: ResponseHead, body: Uint8Array): RefusalResponse {
  return { status: head.status, reason: head.reason, headers: [...head.fields], body }
}
