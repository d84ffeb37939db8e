/**
 * A server that does what a test tells it, octet by octet: on TCP or TLS, with the request head that it was sent. It knows
 * nothing of WebSocket but how Sec-WebSocket-Accept is made.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import type { Test } from 'tap'

/** What the server does with a connection. */
export type Script = (socket: Socket) => void

export interface ScriptedServer {
  readonly server: Server
  readonly port: number
  /** The connections so far. */
  readonly sockets: readonly Socket[]
}

/** Listens until the test is over; then cuts what is left. */
export async function listening(
  t: Test,
  script: Script,
  { tls, where = { port: 0, host: '127.0.0.1' } }: { tls?: TlsOptions; where?: ListenOptions } = {},
): Promise<ScriptedServer> {
  const sockets: Socket[] = []
  const onSocket = (socket: Socket): void => {
    sockets.push(socket)
    socket.on('error', () => {})
    script(socket)
  }
  const server = tls === undefined ? createServer(onSocket) : createTlsServer(tls, onSocket)
  await new Promise<void>(resolve => server.listen(where, resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return { server, port: address !== null && typeof address === 'object' ? address.port : 0, sockets }
}

/** Calls back with the head of the request, as text, once it is complete. */
export function onRequest(socket: Socket, then: (head: string) => void): void {
  let text = ''
  const read = (chunk: Buffer): void => {
    text += chunk.toString('latin1')
    if (!text.includes('\r\n\r\n')) return
    socket.off('data', read)
    then(text)
  }
  socket.on('data', read)
}

/** The value of Sec-WebSocket-Accept that this request is owed. */
export function acceptFor(head: string): string {
  const key = /^Sec-WebSocket-Key: (.*)$/m.exec(head)![1]!.trim()
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** A whole 101 for this request, with these fields besides. */
export function switching(head: string, fields = ''): string {
  const lines = `Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptFor(head)}\r\n`
  return `HTTP/1.1 101 Switching Protocols\r\n${lines}${fields}\r\n`
}

/** Answers the request with these octets; what comes afterwards is read and thrown away. */
export function answering(answer: (head: string) => string | Buffer): Script {
  return socket => onRequest(socket, head => socket.write(answer(head)) && socket.resume())
}

/** A file of test/certificates. */
export function certificate(name: string): Buffer {
  return readFileSync(new URL(`../../../test/certificates/${name}`, import.meta.url))
}

/** Key and certificate of a server. */
export function identity(name: string): { key: Buffer; cert: Buffer } {
  return { key: certificate(`${name}.key`), cert: certificate(`${name}.pem`) }
}
