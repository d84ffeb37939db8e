/** ws, as `npm install ws` gives it; with bufferutil where WS_NO_BUFFER_UTIL is not set. */
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { WebSocketServer } from 'ws'
import { listening, mode, tls } from './serve.mjs'

const http = tls ? createHttpsServer(tls) : createHttpServer()
const server = new WebSocketServer({ server: http, perMessageDeflate: mode === 'deflate' && { threshold: 0 } })
server.on('connection', socket => {
  socket.on('error', () => {})
  socket.on('message', (data, binary) => {
    if (mode !== 'broadcast') socket.send(data, { binary })
    else for (const client of server.clients) client.send(data, { binary })
  })
})
http.listen(0, '127.0.0.1', () => listening(http.address().port))
