/** The road of an upgrade through node:http into ws, without a socket: its parser, its message, then ws. */
import { IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import { Duplex } from 'node:stream'
import type { Ws } from './question.js'

interface Parser {
  [callback: number]: unknown
  initialize(kind: number, resource: object): void
  execute(octets: Buffer): number | Error
  free?(): void
}

interface ParserClass {
  new (): Parser
  readonly REQUEST: number
  readonly kOnHeadersComplete: number
}

/** What node:http does with the fields that its parser tells. */
interface Message extends IncomingMessage {
  _addHeaderLines(headers: string[], count: number): void
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

/** Undefined where this version of Node hides its parser. */
export function upgradeWithNode(ws: Ws, request: Buffer): (() => void) | undefined {
  let HTTPParser: ParserClass
  try {
    HTTPParser = (createRequire(import.meta.url)('_http_common') as { HTTPParser: ParserClass }).HTTPParser
  } catch {
    return undefined
  }
  const server = new ws.WebSocketServer({ noServer: true, clientTracking: false })
  const nothing = Buffer.alloc(0)
  // node:http keeps its parsers for the next request, so one is used for all.
  const parser = new HTTPParser()
  let message: Message | undefined
  const socket = new Swallow()
  parser[HTTPParser.kOnHeadersComplete] = (_: number, __: number, headers: string[], ___: number, url: string) => {
    message = new IncomingMessage(socket as never) as Message
    message.method = 'GET'
    message.url = url
    message.httpVersion = '1.1'
    message._addHeaderLines(headers, headers.length)
    return 2
  }
  return () => {
    parser.initialize(HTTPParser.REQUEST, {})
    parser.execute(request)
    let opened = false
    server.handleUpgrade(message!, new Swallow(), nothing, () => {
      opened = true
    })
    if (!opened) throw new Error('no handshake')
  }
}
