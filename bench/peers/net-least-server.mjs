/**
 * The floor of node:net below an Opening Handshake, a message to all and a Closing Handshake: the least that answers the
 * generator here. It checks nothing, expects each frame in a read of its own and at most 125 octets in it, and serves nobody
 * else.
 */
import { hash } from 'node:crypto'
import { createServer } from 'node:net'
import { listening } from './serve.mjs'

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** An array, and no Set: see src/api/roster.ts. */
const sockets = []

function open(socket, request) {
  const at = request.indexOf('Sec-WebSocket-Key: ') + 'Sec-WebSocket-Key: '.length
  const accept = hash('sha1', request.latin1Slice(at, at + 24) + guid, 'base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    'latin1',
  )
  socket.place = sockets.push(socket) - 1
}

function onData(frame) {
  if (this.place === undefined) {
    open(this, frame)
    return
  }
  const answer = Buffer.allocUnsafe(frame.length - 4)
  answer[0] = frame[0]
  answer[1] = frame[1] & 0x7f
  for (let i = 6; i < frame.length; i++) answer[i - 4] = frame[i] ^ frame[2 + ((i - 6) & 3)]
  if (frame[0] === 0x88) this.end(answer)
  else for (const socket of sockets) socket.write(answer)
}

function onEnd() {
  if (!this.writableEnded) this.end()
}

function onClose() {
  if (this.place === undefined) return
  const last = sockets.pop()
  if (last === this) return
  sockets[this.place] = last
  last.place = this.place
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
  socket.place = undefined
  socket.on('data', onData)
  socket.on('end', onEnd)
  socket.on('error', () => {})
  socket.on('close', onClose)
})
server.listen(0, '127.0.0.1', () => listening(server.address().port))
