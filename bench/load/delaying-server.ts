/**
 * An echo server with delays that are known: it notes when each message came and when its reply left, by the number that it has
 * in the plan, and hands the list over when its stdin ends. Which number: messages go round the connections, and each says how
 * many its connection has had before; so what comes late, and in another order, is told by its own time. `stall`: for 100 ms of
 * each second it stands still. `spread`: each reply is held for a time of an exponential distribution, 2 ms on average, 200 ms
 * at most, in the order of the messages. It waits asleep: one that spins wants a core for itself, and of two one is the
 * generator's, whose threads for compiling and collecting want the other.
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

/** The numbers of the replies of this turn: they leave behind it, when the engine hands them over. */
const sent: number[] = []

function reply(connection: WebSocketConnection, data: Buffer, number: number): void {
  connection.send(data)
  // Of a stall there are thousands in one turn, and to hand them over takes milliseconds.
  if (sent.push(number) > 1) return
  process.nextTick(() => {
    const now = epoch()
    for (const one of sent) left[one] = now
    sent.length = 0
  })
}

/** A timer is due at whole milliseconds, so what is held is held up to one longer: the list says how long it was. */
function release(): void {
  const now = epoch()
  let kept = 0
  for (const one of held) {
    if (one.until > now) held[kept++] = one
    else reply(one.connection, one.data, one.number)
  }
  held.length = kept
  if (kept > 0) setTimeout(release, 1)
}

const asleep = new Int32Array(new SharedArrayBuffer(4))

/** The whole event loop stands still, as in a long collection of garbage: nothing is read, nothing sent, no core used. */
function stall(now: number): void {
  const until = now - (now % 1000) + 100
  for (let rest = until - now; rest > 0; rest = until - epoch()) Atomics.wait(asleep, 0, 0, rest)
}

const server = createServer(
  {},
  {
    message(connection, data) {
      const now = epoch()
      const number = numberOf(connection, data as Buffer)
      came[number] = now
      if (kind === 'stall') {
        if (now % 1000 < 100) stall(now)
        reply(connection, data as Buffer, number)
        return
      }
      const until = now + Math.min(200, -Math.log(1 - random()) * 2)
      if (held.push({ connection, data: data as Buffer, number, until }) === 1) setTimeout(release, 1)
    },
  },
)
await server.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${server.url}\n`)
process.stdin.resume().on('end', () => process.stdout.write(JSON.stringify({ came, left }), () => process.exit()))
