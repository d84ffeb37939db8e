/**
 * What a connection whose messages grow a thousandfold does to others: so many messages a second of a MiB of zeros, the most
 * that a server allows by default, a thousandth of that on the wire; beside it a neighbour that says something now and
 * then. Server and peers are one process.
 */
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { constants, deflateRawSync } from 'node:zlib'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { createServer } from '../../src/index.js'
import { DeflatedExchange } from '../generator/deflated-exchange.js'
import { dialAll } from '../generator/opening.js'

export interface Neighbours {
  /** Messages a second of the one that grows. */
  readonly rate: number
  /** Milliseconds from the neighbour's message to its echo, and of the event loop's delay. */
  readonly p50: number
  readonly p99: number
  readonly delay: number
}

const maskingKey = Buffer.from('37fa213d', 'hex')
const every = 10

export async function measureNeighbours(rate: number, seconds: number): Promise<Neighbours> {
  const message = (connection: { send(data: string | Buffer): unknown }, data: string | Buffer) => {
    if (data.length < 1000) connection.send(data)
  }
  const server = createServer({ perMessageDeflate: { threshold: 0 } }, { message })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.address() as { port: number }
  const exchange = new DeflatedExchange({ size: 149, pipeline: 1, window: 'empty' })
  const links = await dialAll(2, { port, tls: false, raw: false }, exchange.offer)
  const [growing, neighbour] = [links.all[0]!, links.all[1]!]
  const latencies = createHistogram()
  let sentAt = 0
  neighbour.onOctets = () => {
    latencies.record(Math.max(1, Math.round((performance.now() - sentAt) * 1e6)))
    sentAt = 0
  }
  const payload = deflateRawSync(Buffer.alloc(1024 * 1024), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
  const frame = buildRawFrame({ opcode: 2, rsv: 4, payload, maskingKey })
  const frames = Buffer.concat(Array.from({ length: Math.round((rate * every) / 1000) }, () => frame))
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const timer = setInterval(() => {
    if (frames.length > 0) growing.write(frames)
    if (sentAt !== 0) return
    sentAt = performance.now()
    neighbour.write(exchange.octets(0, 1))
  }, every)
  const answered = async () => {
    await sleep(seconds * 1000)
    while (latencies.count === 0) await sleep(every)
  }
  await Promise.race([answered(), links.failure])
  clearInterval(timer)
  delay.disable()
  await links.close()
  await server.close()
  return { rate, p50: latencies.percentile(50) / 1e6, p99: latencies.percentile(99) / 1e6, delay: delay.max / 1e6 }
}
