/** A bare socket on which the opening handshake is over, for loops that do no more than they are measured for. */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'

export async function upgraded(url: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )
  await new Promise((resolve, reject) => socket.once('data', resolve).once('error', reject))
  return socket
}
