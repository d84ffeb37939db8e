/** framewright as an application would use it: nothing but the longest message is set, unless the peer is one with options. */
import { createServer } from '../../build/src/index.js'
import { listening, maxMessageSize, mode, options, tls } from './serve.mjs'

const message =
  mode !== 'broadcast' ? (connection, data) => void connection.send(data) : (_, data) => void server.broadcast(data)

const takeover = { serverContextTakeover: true, clientContextTakeover: true, threshold: 0 }
const perMessageDeflate = mode === 'deflate' && takeover
const server = createServer({ perMessageDeflate, ...options, tls, limits: { maxMessageSize } }, { message })
await server.listen({ host: '127.0.0.1', port: 0 })
listening(server.address().port)
