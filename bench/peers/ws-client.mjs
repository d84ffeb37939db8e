/** The client of ws, sending back what it is sent: see client.mjs. */
import { WebSocket } from 'ws'
import { clients } from './client.mjs'

clients(url => {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('message', (data, binary) => socket.send(data, { binary }))
  socket.on('error', () => {})
})
