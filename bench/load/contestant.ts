/**
 * One measured run, in a process of its own: the load generator, or a bare net.Socket loop that sends frames built
 * beforehand and only counts octets. Prints what each message cost it.
 */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { Generator } from '../../src/load/generator.js'
import { loadSettings } from '../../src/load/load-options.js'

export interface Task {
  readonly contestant: 'generator' | 'bare'
  readonly url: string
  readonly connections: number
  readonly pipeline: number
  readonly burst: boolean
  readonly size: number
  /** Of what is measured, behind a second of warm-up. */
  readonly seconds: number
}

export interface Outcome {
  /** Messages that were answered. */
  readonly messages: number
  /** Microseconds of own CPU for each. */
  readonly cpu: number
}

const warmUp = 1000

/** Of this process, from the end of the warm-up to the end of the run. */
async function measured(seconds: number, count: () => number): Promise<Outcome> {
  await new Promise(resolve => setTimeout(resolve, warmUp))
  const before = count()
  const cpu = process.cpuUsage()
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  const { user, system } = process.cpuUsage(cpu)
  const messages = count() - before
  return { messages, cpu: (user + system) / messages }
}

async function runGenerator({ url, connections, pipeline, burst, size, seconds }: Task): Promise<Outcome> {
  const duration = seconds * 1000 + 500
  const settings = loadSettings(url, { connections, pipeline, burst, size, duration, warmUp: warmUp - 500 })
  const generator = new Generator(settings, { index: 0, count: 1 })
  await generator.open()
  const running = generator.run(performance.now())
  const outcome = await measured(seconds, () => generator.tally.counts.received)
  await running
  await generator.close()
  return outcome
}

async function runBare({ url, connections, pipeline, burst, size, seconds }: Task): Promise<Outcome> {
  const frame = buildRawFrame({ opcode: 2, payload: Buffer.alloc(size, 'x'), maskingKey: randomBytes(4) })
  const replyLength = frame.length - 4
  const frames = Buffer.concat(Array.from({ length: pipeline }, () => frame))
  let messages = 0
  const sockets = await Promise.all(Array.from({ length: connections }, () => upgraded(url)))
  for (const socket of sockets) {
    let octets = 0
    let underWay = pipeline
    socket.on('data', chunk => {
      octets += chunk.length
      const replies = Math.floor(octets / replyLength)
      octets -= replies * replyLength
      messages += replies
      underWay -= replies
      if (burst ? underWay > 0 : replies === 0) return
      socket.write(frames.subarray(0, (pipeline - underWay) * frame.length))
      underWay = pipeline
    })
    socket.write(frames)
  }
  const outcome = await measured(seconds, () => messages)
  for (const socket of sockets) socket.destroy()
  return outcome
}

async function upgraded(url: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  )
  await new Promise((resolve, reject) => socket.once('data', resolve).once('error', reject))
  return socket
}

const task = JSON.parse(process.argv[2]!) as Task
const outcome = task.contestant === 'generator' ? await runGenerator(task) : await runBare(task)
console.log(JSON.stringify(outcome))
