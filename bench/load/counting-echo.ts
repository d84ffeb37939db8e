/**
 * An echo server that counts what comes in each second, from the first message on, and hands the counts over when its stdin
 * ends: at what rate it was loaded, by another clock than that of whoever loads it.
 */
import { createServer } from '../../src/index.js'

const perSecond: number[] = []
let began: number | undefined

const server = createServer(
  {},
  {
    message(connection, data) {
      const now = performance.now()
      began ??= now
      const second = Math.floor((now - began) / 1000)
      perSecond[second] = (perSecond[second] ?? 0) + 1
      connection.send(data)
    },
  },
)
await server.listen({ host: '127.0.0.1', port: 0 })
console.log(server.url)
process.stdin.resume().on('end', () => {
  // In which nothing came has no entry.
  console.log(JSON.stringify(Array.from(perSecond, count => count ?? 0)))
  process.exit()
})
