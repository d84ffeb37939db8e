/** Bun's own server. */
import { listening, maxMessageSize, mode, tls } from './serve.mjs'

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  tls,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('', { status: 426 })),
  websocket: {
    maxPayloadLength: maxMessageSize,
    backpressureLimit: maxMessageSize,
    open: socket => void socket.subscribe('everybody'),
    message: (socket, data) => void (mode === 'echo' ? socket.send(data) : server.publish('everybody', data)),
  },
})
listening(server.port)
