/** Runs one turn: connects, measures, and ends what it has begun. */
import { createHistogram } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Acceptor } from './acceptor.js'
import { Broadcast } from './broadcast.js'
import { ClientHandshakes } from './client-handshakes.js'
import { DeflatedEchoes } from './deflated-echoes.js'
import { DeflatedExchange } from './deflated-exchange.js'
import { Echoes } from './echo.js'
import { Exchange } from './exchange.js'
import { Handshakes } from './handshakes.js'
import { Idle } from './idle.js'
import type {
  BroadcastLoad,
  ClientHandshakeLoad,
  ClientIdleLoad,
  ClientLoad,
  DeflatedIdleLoad,
  DeflateLoad,
  EchoLoad,
  HandshakeLoad,
  IdleLoad,
  Load,
  Stage,
  Turn,
} from './load.js'
import { type Counter, measureTime } from './measured-time.js'
import { dialAll, type Links } from './opening.js'
import { runPlanned } from './planned.js'
import { residentOctets } from './process-usage.js'

/** Told how far a turn has come. */
type Tell = (stage: Stage) => void

/** @param acceptor whom clients dial, once they are told to. */
export async function run(load: Load, acceptor: Acceptor, tell: Tell): Promise<Turn> {
  const residentBefore = residentOctets(load.pid)
  const begun = () => tell('begun')
  switch (load.kind) {
    case 'handshake':
    case 'client handshake':
      return { ...(await shakeHands(load, acceptor, tell)), residentBefore, residentWith: residentBefore }
    case 'planned':
      return { ...(await runPlanned(load, begun)), residentBefore, residentWith: residentBefore }
    case 'deflate':
    case 'deflate idle':
      return await deflate(load, residentBefore, begun)
    default: {
      const links = await linksOf(load, acceptor, tell)
      const measured = await runWith(links, load, begun)
      const residentWith = residentOctets(load.pid)
      await links.close()
      return { ...measured, residentBefore, residentWith }
    }
  }
}

type LoadWithLinks = EchoLoad | ClientLoad | ClientIdleLoad | BroadcastLoad | IdleLoad

async function linksOf(load: LoadWithLinks, acceptor: Acceptor, tell: Tell): Promise<Links> {
  if (load.kind !== 'client' && load.kind !== 'client idle') return await dialAll(load.connections, load)
  const taken = acceptor.take(load.connections)
  tell('ready')
  return await taken
}

type Measured = Awaited<ReturnType<typeof measureTime>>

function runWith(links: Links, load: LoadWithLinks, begun: () => void): Promise<Measured> {
  switch (load.kind) {
    case 'echo':
      return echo(links, load, new Exchange(load, load.raw ? 'raw' : 'client'), begun)
    case 'client':
      return echo(links, load, new Exchange(load, 'server'), begun)
    case 'client idle':
      return measureTime(load, silence(), { failure: links.failure, begun }, true)
    case 'broadcast':
      return broadcast(links, load, begun)
    case 'idle':
      return idle(links, load, begun)
    default:
      return load satisfies never
  }
}

/** What there is to count where nothing is said. */
function silence(): Counter {
  return { count: 0, latencies: createHistogram() }
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

async function shakeHands(
  load: HandshakeLoad | ClientHandshakeLoad,
  acceptor: Acceptor,
  tell: Tell,
): Promise<Measured> {
  const { connections } = load
  const handshakes =
    load.kind === 'handshake' ? new Handshakes(load, connections) : new ClientHandshakes(acceptor, connections)
  tell('ready')
  const measured = await measureTime(load, handshakes, { failure: handshakes.failure, begun: () => tell('begun') })
  await handshakes.stop()
  return measured
}
