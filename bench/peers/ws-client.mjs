/** The client of ws, sending back what it is sent: see client.mjs. */
import { WebSocket } from 'ws'
import { clients } from './client.mjs'

const options = { perMessageDeflate: false, rejectUnauthorized: false }

clients(
  url =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(url, options)
      socket.on('message', (data, binary) => socket.send(data, { binary }))
      socket.on('error', reject)
      socket.on('open', () => resolve(socket))
    }),
  socket =>
    new Promise(resolve => {
      socket.on('close', resolve)
      socket.close(1000)
    }),
)
