/** uWebSockets.js, which is not in the registry: see bench/servers/peers.ts for how it is installed. */
import uws from 'uWebSockets.js'
import { listening, maxMessageSize, mode } from './serve.mjs'

const app = uws.App()
app.ws('/*', {
  compression: uws.DISABLED,
  maxPayloadLength: maxMessageSize,
  maxBackpressure: maxMessageSize,
  open: socket => void socket.subscribe('everybody'),
  message: (socket, data, binary) =>
    void (mode === 'echo' ? socket.send(data, binary) : app.publish('everybody', data, binary)),
})
app.listen('127.0.0.1', 0, token => listening(uws.us_socket_local_port(token)))
