/** An echo server that takes 30 µs for each message, so that it is slower than whoever loads it. Ends when its stdin does. */
import { createServer } from '../../src/index.js'

const work = 0.03

const server = createServer(
  {},
  {
    message(connection, data) {
      const end = performance.now() + work
      while (performance.now() < end);
      connection.send(data)
    },
  },
)
await server.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${JSON.stringify({ port: Number(new URL(server.url!).port) })}\n`)
process.stdin.resume().on('end', () => process.exit())
