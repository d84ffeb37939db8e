/** Runs one turn: connects, measures, and ends what it has begun. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Broadcast } from './broadcast.js'
import { DeflatedEchoes } from './deflated-echoes.js'
import { DeflatedExchange } from './deflated-exchange.js'
import { Echoes } from './echo.js'
import { Exchange } from './exchange.js'
import { Handshakes } from './handshakes.js'
import { Idle } from './idle.js'
import type {
  BroadcastLoad,
  ClientLoad,
  DeflatedIdleLoad,
  DeflateLoad,
  EchoLoad,
  HandshakeLoad,
  IdleLoad,
  Load,
  Turn,
} from './load.js'
import { measureTime } from './measured-time.js'
import { type Acceptor, dialAll, type Links } from './opening.js'
import { residentOctets } from './process-usage.js'

/**
 * @param acceptor whom clients have dialled, or will.
 * @param begun called when everything is open and warm, and what is measured begins.
 */
export async function run(load: Load, acceptor: Acceptor, begun: () => void): Promise<Turn> {
  const residentBefore = residentOctets(load.pid)
  if (load.kind === 'handshake')
    return { ...(await shakeHands(load, begun)), residentBefore, residentWith: residentBefore }
  if (load.kind === 'deflate' || load.kind === 'deflate idle') return await deflate(load, residentBefore, begun)
  const links = load.kind === 'client' ? await acceptor.take(load.connections) : await dialAll(load.connections, load)
  const measured = await runWith(links, load, begun)
  const residentWith = residentOctets(load.pid)
  await links.close()
  return { ...measured, residentBefore, residentWith }
}

type Measured = Awaited<ReturnType<typeof measureTime>>

function runWith(
  links: Links,
  load: Exclude<Load, DeflateLoad | DeflatedIdleLoad | HandshakeLoad>,
  begun: () => void,
): Promise<Measured> {
  switch (load.kind) {
    case 'echo':
      return echo(links, load, new Exchange(load, load.raw ? 'raw' : 'client'), begun)
    case 'client':
      return echo(links, load, new Exchange(load, 'server'), begun)
    case 'broadcast':
      return broadcast(links, load, begun)
    case 'idle':
      return idle(links, load, begun)
    default:
      return load satisfies never
  }
}

async function echo(
  links: Links,
  load: EchoLoad | ClientLoad,
  exchange: Exchange,
  begun: () => void,
): Promise<Measured> {
  const echoes = new Echoes(links, exchange)
  if (load.verify) await echoes.verify()
  echoes.start()
  const measured = await measureTime(load, echoes, { failure: links.failure, begun })
  await echoes.stop()
  return measured
}

async function deflate(load: DeflateLoad | DeflatedIdleLoad, residentBefore: number, begun: () => void): Promise<Turn> {
  const exchange = new DeflatedExchange(load)
  if (load.kind === 'deflate idle') return await deflateIdle(load, exchange, begun)
  const links = await dialAll(load.connections, load, exchange.offer)
  const echoes = new DeflatedEchoes(links, exchange)
  if (load.verify) await echoes.send(load.pipeline, true)
  echoes.start()
  const measured = await measureTime(load, echoes, { failure: links.failure, begun })
  const residentWith = residentOctets(load.pid)
  await echoes.stop()
  await links.close()
  return { ...measured, residentBefore, residentWith }
}

/**
 * Connections that come first, so that what the process takes once is not taken for theirs who are measured; and seconds
 * after which V8 has given back what starting took.
 */
const before = 8
const calm = 5

async function deflateIdle(load: DeflatedIdleLoad, exchange: DeflatedExchange, begun: () => void): Promise<Turn> {
  const open = async (connections: number) => {
    const links = await dialAll(connections, load, exchange.offer)
    const echoes = new DeflatedEchoes(links, exchange)
    await echoes.send(10, load.verify)
    return { links, echoes }
  }
  const first = await open(Math.min(before, load.connections))
  await settled(load.pid)
  await sleep(Math.min(calm, load.quiet) * 1000)
  const residentBefore = await settled(load.pid)
  const { links, echoes } = await open(load.connections)
  await sleep(load.quiet * 1000)
  const measured = await measureTime(load, echoes, { failure: links.failure, begun }, true)
  const residentWith = await settled(load.pid)
  await Promise.all([first.links.close(), links.close()])
  return { ...measured, residentBefore, residentWith }
}

/** Octets that are resident once it has given back what nobody uses: see bench/peers/serve.mjs. */
async function settled(pid: number): Promise<number> {
  for (let times = 0; times < 2; times++) {
    process.kill(pid, 'SIGUSR2')
    await sleep(200)
  }
  return residentOctets(pid)
}

async function broadcast(links: Links, load: BroadcastLoad, begun: () => void): Promise<Measured> {
  const exchange = new Exchange({ size: load.size, script: 'binary', pipeline: 1, fragments: 1 }, 'client')
  const deliveries = new Broadcast(links, exchange)
  if (load.verify) await deliveries.verify()
  deliveries.start()
  const measured = await measureTime(load, deliveries, { failure: links.failure, begun })
  await deliveries.stop()
  return measured
}

async function idle(links: Links, load: IdleLoad, begun: () => void): Promise<Measured> {
  const idle = new Idle(links, load.messagesPerSecond)
  const measured = await measureTime(load, idle, { failure: links.failure, begun }, true)
  idle.stop()
  return measured
}

async function shakeHands(load: HandshakeLoad, begun: () => void): Promise<Measured> {
  const handshakes = new Handshakes(load, load.connections)
  const measured = await measureTime(load, handshakes, { failure: handshakes.failure, begun })
  await handshakes.stop()
  return measured
}
