/** Our server, as the interop tests need it: it echoes, keeps what it received, and serves a page and the payloads. */
import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import {
  createServer,
  type Message,
  type Server,
  type ServerOptions,
  type WebSocketConnection,
} from '../../src/index.js'
import type { Site } from '../peers/client-peers.js'
import { payloadNamed } from '../peers/payload.js'

/** What a connection keeps: its messages, and by its path how many fragments the echo has: `/echo?pieces=3`. */
export interface Kept {
  readonly messages: Message[]
  readonly pieces: number
}

export type OurConnection = WebSocketConnection<Kept>

export class OurServer {
  readonly #server: Server<Kept>
  readonly #connections: OurConnection[] = []
  readonly #takers: ((connection: OurConnection) => void)[] = []

  private constructor(options: ServerOptions) {
    const handlers = {
      accept: ({ path }: { path: string }) => ({ data: { messages: [], pieces: piecesOf(path) } }),
      request: ({ path }: { path: string }) => plainAnswer(path),
      connection: (connection: OurConnection) => this.#add(connection),
      message: echo,
    }
    this.#server = createServer<Kept>(options, handlers)
  }

  /** Starts one on a free port of 127.0.0.1; it stops with the test at the latest. */
  static async start(t: Test, transport: 'TCP' | 'TLS', options: ServerOptions = {}): Promise<OurServer> {
    const server = new OurServer({
      tls: transport === 'TLS' ? { cert: certificate('pem'), key: certificate('key') } : undefined,
      protocols: ['chat.v2', 'chat.v3'],
      limits: { maxMessageSize: 16 * 1024 * 1024 },
      ...options,
    })
    t.teardown(() => server.stop())
    await server.#server.listen({ host: '127.0.0.1', port: 0 })
    return server
  }

  /** Where it is reached directly. */
  get site(): Site {
    const url = this.#server.url!
    return { url, page: url.replace(/^ws/, 'http') }
  }

  get server(): Server<Kept> {
    return this.#server
  }

  /** The next connection. */
  connection(): Promise<OurConnection> {
    const connection = this.#connections.shift()
    if (connection !== undefined) return Promise.resolve(connection)
    return new Promise(resolve => this.#takers.push(resolve))
  }

  stop(): Promise<void> {
    return this.#server.close()
  }

  #add(connection: OurConnection): void {
    const taker = this.#takers.shift()
    if (taker === undefined) this.#connections.push(connection)
    else taker(connection)
  }
}

/** Sends a message in so many fragments; as octets also text, for code points may be cut. */
export function sendInPieces(
  connection: Pick<OurConnection, 'send'>,
  octets: Buffer,
  isBinary: boolean,
  pieces: number,
): void {
  const size = Math.ceil(octets.length / pieces)
  for (let i = 0; i < pieces; i++) {
    connection.send(octets.subarray(i * size, (i + 1) * size), { text: !isBinary, fin: i === pieces - 1 })
  }
}

function echo(connection: OurConnection, data: string | Buffer, isBinary: boolean): void {
  const { messages, pieces } = connection.data
  messages.push({ data, isBinary })
  if (pieces === 1) connection.send(data)
  else sendInPieces(connection, Buffer.from(data as string), isBinary, pieces)
}

function piecesOf(path: string): number {
  return Number(new URL(path, 'ws://localhost').searchParams.get('pieces') ?? 1)
}

function plainAnswer(path: string) {
  const body = path === '/' ? '<!doctype html><title>page</title>' : payloadNamed(path.replace('/payload/', ''))?.octets
  if (body === undefined) return { status: 404 }
  return { status: 200, headers: { 'Content-Type': path === '/' ? 'text/html' : 'application/octet-stream' }, body }
}

function certificate(kind: 'pem' | 'key'): Buffer {
  return readFileSync(new URL(`../../../test/certificates/localhost.${kind}`, import.meta.url))
}
