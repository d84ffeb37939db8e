/**
 * What an idle connection holds at a server, by V8's own account of its heap and of memory outside it: exact, where resident
 * memory (npm run bench:peers -- --points 'deflate idle') moves by pages. Server and peers are one process; the peers are bare
 * sockets, the same in each figure.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createServer } from '../../src/index.js'
import { DeflatedEchoes } from '../generator/deflated-echoes.js'
import { DeflatedExchange, type DeflatedMessages } from '../generator/deflated-exchange.js'
import { dialAll } from '../generator/opening.js'

export interface IdleMemory {
  readonly window: DeflatedMessages['window']
  /** Octets for each connection, both ends. */
  readonly held: number
}

/** Milliseconds: then windows that are kept have been put away. */
const releaseAfter = 100

export async function measureIdle(window: DeflatedMessages['window'], connections: number): Promise<IdleMemory> {
  const takeover = { serverContextTakeover: true, clientContextTakeover: true, threshold: 0, releaseAfter }
  const message = (connection: { send(data: string | Buffer): unknown }, data: string | Buffer) => {
    connection.send(data)
  }
  const server = createServer({ perMessageDeflate: takeover }, { message })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.address() as { port: number }
  const exchange = new DeflatedExchange({ size: 149, pipeline: 1, window })
  const open = async (count: number) => {
    const links = await dialAll(count, { port, tls: false, raw: false }, exchange.offer)
    await new DeflatedEchoes(links, exchange).send(10)
    return links
  }
  // What the first ones make for all is not theirs.
  const first = await open(100)
  const before = await held()
  const links = await open(connections)
  const after = await held()
  await Promise.all([first.close(), links.close()])
  await server.close()
  return { window, held: (after - before) / connections }
}

async function held(): Promise<number> {
  await sleep(releaseAfter * 3)
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  for (let times = 0; times < 3; times++) {
    collect()
    await sleep(20)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
