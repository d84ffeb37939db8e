// An echo server of ws, as anyone would write it, for `framewright conform server`. Prints its port.
import { WebSocketServer } from 'ws'

const about = { port: 0, host: '127.0.0.1', maxPayload: 64 * 1024 * 1024, perMessageDeflate: { threshold: 0 } }
const server = new WebSocketServer(about)
server.on('connection', socket => {
  socket.on('error', () => {})
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
})
server.on('listening', () => console.log(server.address().port))
