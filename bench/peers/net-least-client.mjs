/**
 * The floor of node:net below a client's connection: the least that connects, asks for an upgrade, and says Close when it is to
 * end. It checks nothing, masks with one key, and answers no message: see client.mjs.
 */
import { connect } from 'node:net'
import { clients } from './client.mjs'

const request = Buffer.from(
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
)
const close = Buffer.from('888237fa213d3412', 'hex')

clients(
  url =>
    new Promise((resolve, reject) => {
      const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', noDelay: true })
      let open = false
      socket.on('connect', () => socket.write(request))
      socket.on('data', () => {
        if (!open) resolve(socket)
        open = true
      })
      socket.on('error', () => {})
      socket.on('close', () => reject(new Error('turned away')))
    }),
  socket =>
    new Promise(resolve => {
      socket.on('close', resolve)
      socket.write(close)
    }),
)
