/** Runs one turn: connects, measures, and ends what it has begun. */
import { Broadcast } from './broadcast.js'
import { Echoes } from './echo.js'
import { Exchange } from './exchange.js'
import { Handshakes } from './handshakes.js'
import { Idle } from './idle.js'
import type { BroadcastLoad, ClientLoad, EchoLoad, HandshakeLoad, IdleLoad, Load, Turn } from './load.js'
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
  const links = load.kind === 'client' ? await acceptor.take(load.connections) : await dialAll(load.connections, load)
  const measured = await runWith(links, load, begun)
  const residentWith = residentOctets(load.pid)
  await links.close()
  return { ...measured, residentBefore, residentWith }
}

type Measured = Awaited<ReturnType<typeof measureTime>>

function runWith(links: Links, load: Exclude<Load, HandshakeLoad>, begun: () => void): Promise<Measured> {
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
