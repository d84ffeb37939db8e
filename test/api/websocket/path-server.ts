/**
 * The server that the cases need, one of our own: what it does with a connection stands in the path. And the cases
 * themselves: each is run over TCP and over TLS.
 */
import t, { type Test } from 'tap'
import { WebSocket, type WebSocketConnection, type WebSocketOptions } from '../../../src/index.js'
import type { DrivenTimers } from '../../transport/driven-timers.js'
import { ca, localhostTls, serve } from '../serving.js'
import { SocketLog } from './socket-log.js'

export type Scheme = 'ws' | 'wss'

export interface PathServer {
  /** Such as `ws://127.0.0.1:12345`. */
  readonly base: string
  readonly port: number
  readonly timers: DrivenTimers
  /** The server's ends of the connections, in order. */
  readonly connections: WebSocketConnection[]
  /** A WebSocket to a path, and what happens on it. */
  connect(
    path?: string,
    protocols?: string | Iterable<string> | WebSocketOptions,
    options?: WebSocketOptions,
  ): { readonly socket: WebSocket; readonly log: SocketLog }
  /** The same, open. */
  open(
    path?: string,
    protocols?: string | Iterable<string> | WebSocketOptions,
    options?: WebSocketOptions,
  ): Promise<{ readonly socket: WebSocket; readonly log: SocketLog }>
}

/** What is told at once, by path. */
function greeting({ protocol, request }: WebSocketConnection): string | undefined {
  const { pathname, search } = new URL(request.url)
  if (pathname === '/protocol') return protocol
  if (pathname === '/field') return request.headers.get(search.slice(1)) ?? 'none'
  return undefined
}

/** Serves until the test is over. Paths: `/protocol`, `/field?name`, `/exit` (closes), `/invalid` (404); all others echo. */
export async function pathServer(t: Test, scheme: Scheme = 'ws'): Promise<PathServer> {
  const connections: WebSocketConnection[] = []
  const { port, timers } = await serve(
    t,
    { ...(scheme === 'wss' && { tls: localhostTls }), allowedOrigins: 'any', protocols: offered => offered[0] },
    {
      accept: ({ path }) => (path === '/invalid' ? { status: 404 } : undefined),
      connection(connection) {
        connections.push(connection)
        const text = greeting(connection)
        if (text !== undefined) connection.send(text)
      },
      message(connection, data) {
        if (connection.request.path === '/exit') connection.close(1000, 'exit')
        else connection.send(data)
      },
    },
  )
  const base = `${scheme}://127.0.0.1:${port}`
  const connect: PathServer['connect'] = (path = '/', protocols, options) => {
    const trusting = { ...(scheme === 'wss' && { tls: { ca } }), ...options }
    const bag = typeof protocols === 'object' && protocols !== null && !(Symbol.iterator in protocols)
    const socket = bag
      ? new WebSocket(base + path, { ...trusting, ...protocols })
      : new WebSocket(base + path, protocols, trusting)
    return { socket, log: new SocketLog(socket) }
  }
  return {
    base,
    port,
    timers,
    connections,
    connect,
    async open(...args) {
      const connected = connect(...args)
      await connected.log.until('open')
      return connected
    },
  }
}

/** A case of the web-platform-tests, by its path, in words of our own: over TCP and over TLS. */
export function wpt(name: string, run: (t: Test, server: PathServer) => Promise<void>): void {
  for (const scheme of ['ws', 'wss'] as const) {
    t.test(`${name} (${scheme})`, async t => run(t, await pathServer(t, scheme)))
  }
}

/** The name of the DOMException that a call throws; the name of another error; undefined when it throws none. */
export function thrown(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return error instanceof DOMException ? `DOMException ${error.name}` : (error as Error).name
  }
}
