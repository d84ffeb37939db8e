/** Requests of clients as text, and what comes of them. */
import { connect, type Socket } from 'node:net'
import { buildRawFrame, readRawFrames } from '../../src/conformance/raw-frame.js'

/** All fields of a request but its key. */
export const upgrade = 'Host: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n'
export const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

/** Sends a request, answers a Close frame, and resolves with all that came. */
export function ask(
  port: number,
  request: string,
  opened: (socket: Socket) => void = () => {},
  answersEnd = true,
): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let came = Buffer.alloc(0)
  socket.write(request)
  socket.on('data', chunk => {
    const before = came.includes('\r\n\r\n')
    came = Buffer.concat([came, chunk])
    if (!before && came.includes('101 Switching')) opened(socket)
    const frames = readRawFrames(came.subarray(came.indexOf('\r\n\r\n') + 4)).frames
    const closing = frames.find(({ opcode }) => opcode === 8)
    if (closing !== undefined && socket.writable) {
      socket.write(buildRawFrame({ opcode: 8, payload: closing.payload, maskingKey: Buffer.alloc(4) }))
    }
  })
  socket.on('end', () => answersEnd && socket.end()).on('error', () => {})
  return new Promise(resolve => socket.on('close', () => resolve(came.toString('latin1'))))
}

/** The text of a request. */
export function get(path: string, lines = upgrade + key): string {
  return `GET ${path} HTTP/1.1\r\n${lines}\r\n`
}
