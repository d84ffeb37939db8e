/** The server of `framewright echo`, as the command makes it by its defaults. */
import { createEchoServer } from '../../build/src/cli/echo-server.js'
import { listening, maxMessageSize, options, tls } from './serve.mjs'

const server = createEchoServer({ ...options, tls, limits: { maxMessageSize } })
await server.listen({ host: '127.0.0.1', port: 0 })
listening(server.address().port)
