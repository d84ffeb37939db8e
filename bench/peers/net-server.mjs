/** The floor of node:net (or node:tls): what comes goes back, unread. */
import { createServer as createTcpServer } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { listening, tls } from './serve.mjs'

const echo = socket => {
  socket.setNoDelay()
  socket.on('data', chunk => socket.write(chunk))
  socket.on('error', () => {})
}
const server = tls ? createTlsServer(tls, echo) : createTcpServer(echo)
server.listen(0, '127.0.0.1', () => listening(server.address().port))
