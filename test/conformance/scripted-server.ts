/** A server that answers as it is told, once per connection. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { acceptValue } from '../../src/handshake/accept-key.js'

/**
 * Listens until the test is over.
 *
 * @param answer - given the text of the request (or what came behind the 101), writes to the socket.
 * @returns its URL.
 */
export async function scriptedServer(
  t: { teardown(callback: () => unknown): unknown },
  answer: (request: string, socket: Socket) => void,
): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('data', chunk => answer(chunk.toString('latin1'), socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A response that accepts this request. */
export function accepting(request: string, lines = ''): string {
  const key = /sec-websocket-key: (\S+)/i.exec(request)![1]!
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'
  return `${head}Sec-WebSocket-Accept: ${acceptValue(key)}\r\n${lines}\r\n`
}
