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

/** @param acceptor whom clients have dialled, or will. */
export async function run(load: Load, acceptor: Acceptor): Promise<Turn> {
  switch (load.kind) {
    case 'echo':
      return await runEcho(load, new Exchange(load, load.raw ? 'raw' : 'client'), () => dialAll(load.connections, load))
    case 'client':
      return await runEcho(load, new Exchange(load, 'server'), () => acceptor.take(load.connections))
    case 'broadcast':
      return await runBroadcast(load)
    case 'handshake':
      return await runHandshakes(load)
    case 'idle':
      return await runIdle(load)
    default:
      return load satisfies never
  }
}

async function runEcho(load: EchoLoad | ClientLoad, exchange: Exchange, connect: () => Promise<Links>): Promise<Turn> {
  const residentBefore = residentOctets(load.pid)
  const links = await connect()
  const residentWith = residentOctets(load.pid)
  const echoes = new Echoes(links, exchange)
  // port is of no concern to what is measured.
  const target = { port: 0, tls: false, ...load }
  if (load.verify) await echoes.verify()
  echoes.start()
  const measured = await measureTime(target, echoes, links.failure)
  await echoes.stop()
  await links.close()
  return { ...measured, residentBefore, residentWith }
}

async function runBroadcast(load: BroadcastLoad): Promise<Turn> {
  const residentBefore = residentOctets(load.pid)
  const links = await dialAll(load.connections, { ...load, raw: false })
  const residentWith = residentOctets(load.pid)
  const exchange = new Exchange({ size: load.size, script: 'binary', pipeline: 1, fragments: 1 }, 'client')
  const broadcast = new Broadcast(links, exchange)
  const measured = await measureTime(load, broadcast, links.failure)
  await broadcast.stop()
  await links.close()
  return { ...measured, operations: Math.round(measured.operations), residentBefore, residentWith }
}

async function runHandshakes(load: HandshakeLoad): Promise<Turn> {
  const resident = residentOctets(load.pid)
  const handshakes = new Handshakes(load, load.connections)
  const measured = await measureTime(load, handshakes, handshakes.failure)
  await handshakes.stop()
  return { ...measured, residentBefore: resident, residentWith: resident }
}

async function runIdle(load: IdleLoad): Promise<Turn> {
  const residentBefore = residentOctets(load.pid)
  const links = await dialAll(load.connections, load)
  const idle = new Idle(links, load.messagesPerSecond)
  const measured = await measureTime(load, idle, links.failure, load.messagesPerSecond > 0)
  const residentWith = residentOctets(load.pid)
  idle.stop()
  await links.close()
  return { ...measured, residentBefore, residentWith }
}
