/** One measured run, in a process of its own: the load generator, or a loop over bare sockets. Prints what each message cost it. */
import { inlineMore } from '../../src/cli/load/inlining.js'
import { headerSize } from '../../src/framing/frame-header.js'
import { Generator } from '../../src/load/generator.js'
import { loadSettings } from '../../src/load/load-options.js'
import { cpuTimes } from '../generator/process-usage.js'
import { bareLoop, leastLoop, type SocketLoop } from './socket-loop.js'
import { upgraded } from './upgraded.js'

export interface Task {
  /** `generator` is the command, `program` the same by `import { load }`; the others are loops over bare sockets. */
  readonly contestant: 'generator' | 'program' | 'bare' | 'least'
  readonly url: string
  readonly serverPid: number
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
  /** Of the server's meanwhile. */
  readonly server: number
}

const warmUp = 1000

/** Of this process, from the end of the warm-up to the end of the run. */
async function measured({ seconds, serverPid }: Task, count: () => number): Promise<Outcome> {
  await new Promise(resolve => setTimeout(resolve, warmUp))
  const before = count()
  const server = cpuTimes(serverPid).ran
  const cpu = process.cpuUsage()
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  const { user, system } = process.cpuUsage(cpu)
  const messages = count() - before
  const served = (cpuTimes(serverPid).ran - server) / 1000
  return { messages, cpu: (user + system) / messages, server: served / messages }
}

async function runGenerator(task: Task): Promise<Outcome> {
  const { url, connections, pipeline, burst, size, seconds } = task
  const duration = seconds * 1000 + 500
  const settings = loadSettings(url, { connections, pipeline, burst, size, duration, warmUp: warmUp - 500 })
  const generator = new Generator(settings, { index: 0, count: 1 })
  await generator.open()
  const running = generator.run(performance.now())
  const outcome = await measured(task, () => generator.tally.counts.received)
  await running
  await generator.close()
  return outcome
}

async function runLoop(make: (size: number, pipeline: number) => SocketLoop, task: Task): Promise<Outcome> {
  const { url, connections, pipeline, burst, size } = task
  const replyLength = headerSize(size, false) + size
  let messages = 0
  const sockets = await Promise.all(Array.from({ length: connections }, () => upgraded(url)))
  for (const socket of sockets) {
    const loop = make(size, pipeline)
    let octets = 0
    let underWay = pipeline
    socket.on('data', chunk => {
      octets += chunk.length
      const replies = Math.floor(octets / replyLength)
      octets -= replies * replyLength
      messages += replies
      underWay -= replies
      loop.answered(replies)
      if (burst ? underWay > 0 : replies === 0) return
      socket.write(loop.frames(pipeline - underWay))
      underWay = pipeline
    })
    socket.write(loop.frames(pipeline))
  }
  const outcome = await measured(task, () => messages)
  for (const socket of sockets) socket.destroy()
  return outcome
}

const loops = { bare: bareLoop, least: leastLoop }
const task = JSON.parse(process.argv[2]!) as Task
const { contestant } = task
if (contestant === 'generator') inlineMore()
const outcome =
  contestant === 'generator' || contestant === 'program'
    ? await runGenerator(task)
    : await runLoop(loops[contestant], task)
console.log(JSON.stringify(outcome))
