/**
 * What an echo costs a whole server over loopback, sockets and all: CPU time of the server's process for one message,
 * beside ws and beside a server of node:net that sends back what comes. Servers and load are processes of their own; the
 * servers take turns in each round.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Load } from './echo/load.js'
import type { ServerKind } from './echo/server.js'
import { type Figure, figuresOf, type MeasureOptions } from './measure.js'
import type { ServerQuestion } from './question.js'

type Shape = Omit<Load, 'port' | 'raw'>

const shapes: readonly (Shape & { readonly name: string })[] = [
  { name: '64 connections, 20 octets', connections: 64, size: 20, pipeline: 1 },
  { name: '64 connections, 20 octets, 16 each', connections: 64, size: 20, pipeline: 16 },
  { name: '64 connections, 1 KiB', connections: 64, size: 1024, pipeline: 1 },
  { name: '64 connections, 1 KiB, 16 each', connections: 64, size: 1024, pipeline: 16 },
  { name: '64 connections, 16 KiB', connections: 64, size: 16_384, pipeline: 1 },
  { name: '64 connections, 64 KiB', connections: 64, size: 65_536, pipeline: 1 },
  { name: '4 connections, 1 MiB', connections: 4, size: 1_048_576, pipeline: 1 },
]

export const echoQuestion: ServerQuestion = {
  name: 'echo',
  about: 'echo servers over loopback (one operation: a message, CPU of the server alone)',
  async *answer(withWs, only, options) {
    const kinds: ServerKind[] = withWs ? ['framewright', 'ws', 'net'] : ['framewright', 'net']
    const load = new Child('load.js')
    const servers: EchoServer[] = []
    try {
      for (const kind of kinds) servers.push(await EchoServer.start(kind))
      for (const { name, ...shape } of shapes.filter(one => one.name.includes(only))) {
        yield { name, figures: await measureShape(servers, load, shape, options) }
      }
    } finally {
      for (const child of [load, ...servers.map(({ child }) => child)]) child.end()
    }
  },
}

async function measureShape(
  servers: readonly EchoServer[],
  load: Child,
  shape: Shape,
  options: MeasureOptions,
): Promise<Figure[]> {
  const times = servers.map((): number[] => [])
  for (let round = 0; round < options.rounds; round++) {
    for (let turn = 0; turn < servers.length; turn++) {
      const index = (turn + round) % servers.length
      times[index]!.push(await measureServer(servers[index]!, load, shape, options.seconds))
    }
  }
  return figuresOf(
    servers.map(({ kind }) => (kind === 'net' ? 'node:net, nothing read' : kind)),
    times,
  )
}

/** Nanoseconds of the server's CPU for one echo. */
async function measureServer(
  { kind, port, child }: EchoServer,
  load: Child,
  shape: Shape,
  seconds: number,
): Promise<number> {
  await load.ask({ ...shape, port, raw: kind === 'net' })
  // The code gets warm, and the first handful of messages with it.
  await sleep(300)
  const before = [await child.ask('cpu'), await load.ask('count')] as const
  await sleep(Math.max(seconds * 1000, 500))
  const after = [await child.ask('cpu'), await load.ask('count')] as const
  await load.ask('stop')
  const echoes = after[1]['echoes']! - before[1]['echoes']!
  return ((after[0]['cpu']! - before[0]['cpu']!) * 1000) / echoes
}

class EchoServer {
  readonly kind: ServerKind
  readonly port: number
  readonly child: Child

  private constructor(kind: ServerKind, port: number, child: Child) {
    this.kind = kind
    this.port = port
    this.child = child
  }

  static async start(kind: ServerKind): Promise<EchoServer> {
    const child = new Child('server.js', kind)
    const { port } = await child.next()
    return new EchoServer(kind, port!, child)
  }
}

/** A process that answers each message with one. */
class Child {
  readonly #process: ChildProcess

  constructor(file: string, ...args: string[]) {
    this.#process = fork(fileURLToPath(new URL(`./echo/${file}`, import.meta.url)), args)
  }

  ask(message: string | Load): Promise<Record<string, number>> {
    const answer = this.next()
    this.#process.send(message)
    return answer
  }

  next(): Promise<Record<string, number>> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('a process of the benchmark has ended'))
      this.#process.once('exit', ended)
      this.#process.once('message', message => {
        this.#process.off('exit', ended)
        resolve(message as Record<string, number>)
      })
    })
  }

  end(): void {
    if (this.#process.connected) this.#process.disconnect()
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds))
}
