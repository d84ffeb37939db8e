/**
 * An echo server with delays that are known: it notes when each message came and when its reply left, by the number that it has
 * in the plan, and hands the list over when its stdin ends. Which number: messages go round the connections, and each says how
 * many its connection has had before; so what comes late, and in another order, is told by its own time. `stall`: for 100 ms of each second no reply leaves. `spread`: each reply is held for a time of
 * an exponential distribution, 2 ms on average, 200 ms at most, in the order of the messages.
 */
import { createServer, type WebSocketConnection } from '../../src/index.js'
import { randomNumbers } from '../../src/load/random.js'

const kind = process.argv[2] as 'stall' | 'spread'
const connections = Number(process.argv[3])
const random = randomNumbers(1, 'draws')
const epoch = () => performance.timeOrigin + performance.now()
const came: number[] = []
const left: number[] = []

interface Held {
  readonly connection: WebSocketConnection
  readonly data: Buffer
  readonly number: number
  readonly until: number
}
const held: Held[] = []

/** In the order in which their first messages came. */
const places = new Map<WebSocketConnection, number>()

function numberOf(connection: WebSocketConnection, data: Buffer): number {
  let place = places.get(connection)
  if (place === undefined) {
    place = places.size
    places.set(connection, place)
  }
  // Six bits in each of four octets: see src/load/echo-messages.ts.
  const round = [3, 2, 1, 0].reduce((sum, at) => sum * 64 + data[at]! - 0x30, 0)
  return round * connections + place
}

function holdUntil(now: number): number {
  if (kind === 'stall') return now % 1000 < 100 ? now - (now % 1000) + 100 : now
  return now + Math.min(200, -Math.log(1 - random()) * 2)
}

function release(): void {
  const now = epoch()
  let kept = 0
  const sent: number[] = []
  for (const one of held) {
    if (one.until > now) held[kept++] = one
    else {
      one.connection.send(one.data)
      sent.push(one.number)
    }
  }
  // They leave behind this turn: of a stall there are thousands, and to hand them over takes milliseconds.
  process.nextTick(() => {
    const then = epoch()
    for (const number of sent) left[number] = then
  })
  held.length = kept
  if (kept > 0) setImmediate(release)
}

const server = createServer(
  {},
  {
    message(connection, data) {
      const now = epoch()
      const number = numberOf(connection, data as Buffer)
      came[number] = now
      const until = holdUntil(now)
      if (until <= now) {
        left[number] = now
        connection.send(data)
        return
      }
      if (held.push({ connection, data: data as Buffer, number, until }) === 1) setImmediate(release)
    },
  },
)
await server.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${server.url}\n`)
process.stdin.resume().on('end', () => process.stdout.write(JSON.stringify({ came, left }), () => process.exit()))
