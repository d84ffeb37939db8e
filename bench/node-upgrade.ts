/**
 * The roads of an Opening Handshake through node:http into ws, without a socket: node's parser and its messages, then ws;
 * a server's from the octets of a request on, a client's to the octets of its request and from those of the response on.
 */
import { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { Duplex } from 'node:stream'
import type { Ws } from './question.js'

interface Parser {
  [callback: number]: unknown
  initialize(kind: number, resource: object): void
  execute(octets: Buffer): number | Error
}

interface ParserClass {
  new (): Parser
  readonly REQUEST: number
  readonly RESPONSE: number
  readonly kOnHeadersComplete: number
}

/** What node:http does with the fields that its parser tells. */
interface Message extends IncomingMessage {
  _addHeaderLines(headers: string[], count: number): void
}

/** What node:http's client is about to send. */
interface Request {
  readonly _header: string
  end(): void
  emit(event: 'upgrade', response: IncomingMessage, socket: Duplex, head: Buffer): boolean
}

/** A socket that swallows everything. A net.Socket would cost more than all that is measured. */
class Swallow extends Duplex {
  override _read(): void {}

  override _write(_: Buffer, __: string, done: () => void): void {
    done()
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }
}

const nothing = Buffer.alloc(0)

/** Undefined where this version of Node hides its parser. */
export function upgradeWithNode(ws: Ws, request: Buffer): (() => void) | undefined {
  const read = reader('REQUEST')
  if (read === undefined) return undefined
  const server = new ws.WebSocketServer({ noServer: true, clientTracking: false })
  return () => {
    let opened = false
    server.handleUpgrade(read(request), new Swallow(), nothing, () => {
      opened = true
    })
    if (!opened) throw new Error('no handshake')
  }
}

/**
 * Undefined where this version of Node hides its parser.
 *
 * @param respond - the response to a request.
 */
export function connectWithNode(ws: Ws, url: string, respond: (request: string) => Buffer): (() => void) | undefined {
  const read = reader('RESPONSE')
  if (read === undefined) return undefined
  // An agent is asked for a socket; this one has none to give.
  const agent = { addRequest() {}, defaultPort: 80, protocol: 'http:' }
  const finishRequest = (request: Request): void => {
    request.end()
    request.emit('upgrade', read(respond(request._header)), new Swallow(), nothing)
  }
  return () => {
    const socket = new ws.WebSocket(url, { agent, finishRequest, perMessageDeflate: false })
    if (socket.readyState !== 1) throw new Error('no handshake')
  }
}

/** Reads a head into a message as node:http does. */
function reader(kind: 'REQUEST' | 'RESPONSE'): ((head: Buffer) => IncomingMessage) | undefined {
  let HTTPParser: ParserClass
  try {
    HTTPParser = (createRequire(import.meta.url)('_http_common') as { HTTPParser: ParserClass }).HTTPParser
  } catch {
    return undefined
  }
  // node:http keeps its parsers for the next message, so one is used for all.
  const parser = new HTTPParser()
  const socket = new Swallow()
  let message: Message | undefined
  parser[HTTPParser.kOnHeadersComplete] = (
    _: number,
    __: number,
    headers: string[],
    ___: number,
    url: string,
    status: number,
    reason: string,
  ) => {
    message = new IncomingMessage(socket as never) as Message
    message.httpVersion = '1.1'
    if (kind === 'REQUEST') {
      message.method = 'GET'
      message.url = url
    } else {
      message.statusCode = status
      message.statusMessage = reason
    }
    message._addHeaderLines(headers, headers.length)
    return 2
  }
  return head => {
    parser.initialize(HTTPParser[kind], {})
    parser.execute(head)
    return message!
  }
}
