/**
 * The echo server: what comes back is what came, as the same type of message (RFC 6455 §5.6). It runs on the same path as
 * anybody's server, with shared handlers and nothing of its own per message. While its output waits it does not read, so
 * that a peer that is slow to read is slowed down and not cut.
 */

import type { PlainRequest } from '../api/requests.js'
import { createServer, type Server } from '../api/server.js'
import type { ServerHandlers, ServerOptions } from '../api/server-options.js'
import type { PlainAnswer } from '../handshake/plain-response.js'
import { echoPage, type Page } from './page/echo-page.js'

const asText = { text: true } as const

/** Makes an echo server that speaks the first subprotocol it is offered; it does not listen yet. */
export function createEchoServer(options: ServerOptions): Server {
  const page = echoPage()
  const handlers: ServerHandlers = {
    message(connection, data, isBinary) {
      const verdict = isBinary ? connection.send(data) : connection.send(data, asText)
      if (verdict === 'queued') connection.pause()
    },
    drain: connection => connection.resume(),
    request: request => answer(request, page),
  }
  // What is sent from within the handler need not be kept.
  return createServer({ ...options, protocols: offered => offered[0], text: 'buffer', borrowed: true }, handlers)
}

/** Plain HTTP: the page, and a word for those who ask whether the server is alive. */
function answer({ method, path }: PlainRequest, page: Page): PlainAnswer {
  const resource = path.replace(/\?.*$/s, '')
  if (resource !== '/' && resource !== '/health') return { status: 404, body: 'There is nothing here. Try /\n' }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { Allow: 'GET, HEAD' } }
  return resource === '/' ? { status: 200, ...page } : { status: 200, body: 'ok\n' }
}
