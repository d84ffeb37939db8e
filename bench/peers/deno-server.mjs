/** Deno's own server. */
import { listening, mode, tls } from './serve.mjs'

const everybody = new Set()
const answer = request => {
  const { socket, response } = Deno.upgradeWebSocket(request)
  socket.binaryType = 'arraybuffer'
  if (mode === 'broadcast') {
    socket.onopen = () => everybody.add(socket)
    socket.onclose = () => everybody.delete(socket)
  }
  socket.onmessage = ({ data }) => {
    if (mode === 'echo') socket.send(data)
    else for (const other of everybody) if (other.readyState === WebSocket.OPEN) other.send(data)
  }
  return response
}
const server = Deno.serve({ hostname: '127.0.0.1', port: 0, ...tls, onListen() {} }, answer)
listening(server.addr.port)
