/** What many open connections cost a server while they are idle, and while some of them speak. */
import type { IdleLoad, Turn } from '../generator/load.js'
import type { Peer } from '../servers/peer.js'
import { Generator, Program } from '../servers/program.js'

export interface CrowdOptions {
  readonly connections: number
  /** In all, while some speak. */
  readonly messagesPerSecond: number
  /** Of each turn: Pings are due every 20 seconds. */
  readonly seconds: number
}

export interface Crowd extends CrowdOptions {
  /** Share of one core while nobody speaks, Pings aside. */
  readonly idleCpu: number
  /** The same while some speak. */
  readonly talkingCpu: number
  /** Milliseconds between two turns of the server's event loop that were to be 1 ms apart, while some speak. */
  readonly delayP50: number
  readonly delayP99: number
  readonly delayMax: number
  /** Milliseconds that messages took. */
  readonly p50: number | undefined
  readonly p99: number | undefined
}

export async function measureCrowd(peer: Peer, options: CrowdOptions): Promise<Crowd> {
  const generator = await Generator.start()
  const program = new Program(peer.name, peer.command({ mode: 'echo', tls: undefined }))
  try {
    const { port } = await program.next()
    const { connections, seconds, messagesPerSecond } = options
    const target = { pid: program.pid, port: port!, tls: false, raw: peer.raw, connections, seconds }
    const idle: IdleLoad = { kind: 'idle', ...target, warmUp: Math.min(2, seconds), messagesPerSecond: 0 }
    const idleTurn = await generator.run(idle)
    const talkingTurn = await generator.run({ ...idle, messagesPerSecond })
    // To watch the event loop costs CPU, so that is a turn of its own.
    const watchedTurn = await generator.run({ ...idle, messagesPerSecond }, stage => {
      if (stage === 'begun') program.tell('delay')
    })
    await program.next()
    program.tell('delay')
    const { p50, p99, max } = await program.next()
    return {
      ...options,
      idleCpu: shareOfCore(idleTurn),
      talkingCpu: shareOfCore(talkingTurn),
      delayP50: p50!,
      delayP99: p99!,
      delayMax: max!,
      p50: watchedTurn.p50,
      p99: watchedTurn.p99,
    }
  } finally {
    generator.end()
    await program.end()
  }
}

function shareOfCore({ cpu, seconds }: Turn): number {
  return cpu / 1e9 / seconds
}
