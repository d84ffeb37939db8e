/**
 * Puts cases to a proxy: each has an end before it, which dials, and one behind it, to which the proxy connects. One case after
 * the other, for which connection behind belongs to which before is told by nothing but the time.
 */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { CaseRun } from './case.js'
import { dial, type Target } from './dial.js'
import type { Patience } from './patience.js'
import { RawPeer } from './raw-peer.js'
import { type CaseResult, notRun, runCase } from './run-case.js'
import { SeededOctets } from './seeded-octets.js'
import type { ServerRunAbout } from './server-runner.js'

/** Where the proxy connects to. */
export class FarEnd {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #waiting: ((socket: Socket) => void) | undefined

  constructor() {
    this.#server = createServer({ allowHalfOpen: true }, socket => {
      this.#sockets.add(socket)
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
      if (this.#waiting === undefined) socket.resume().end()
      else this.#waiting(socket)
    })
  }

  /** Begins to listen; resolves with the port, rejects with Node's own error. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => resolve((this.#server.address() as AddressInfo).port))
    })
  }

  /**
   * Our end of the next connection on which a request comes; undefined when none does in time. Others stay silent: a proxy may
   * open connections before it has anything to send.
   *
   * @param run - that it is for.
   */
  next({ id, segmentation }: CaseRun, seed: number, patience: Patience): Promise<RawPeer | undefined> {
    return new Promise(resolve => {
      const settle = (peer?: RawPeer) => {
        clearTimeout(timer)
        this.#waiting = undefined
        resolve(peer)
      }
      const timer = setTimeout(settle, patience.silence)
      this.#waiting = async socket => {
        const chance = new SeededOctets(seed, id)
        const peer = new RawPeer(socket, { tested: 'client', segmentation, chance, patience })
        const asked = () => peer.request !== undefined || peer.headError !== undefined
        if (await peer.until(asked)) settle(peer)
      }
    })
  }

  /** Stops listening and cuts what is open; resolves when the port is free. */
  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    return new Promise(resolve => {
      this.#server.close(() => resolve())
    })
  }
}

/** Runs the cases, in their order. */
export async function runThroughProxy(
  runs: readonly CaseRun[],
  target: Target,
  far: FarEnd,
  { seed, patience, signal, onResult }: Omit<ServerRunAbout, 'jobs'>,
): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for (const run of runs) {
    if (signal?.aborted === true) break
    const dialled = await dial(target, patience.silence).catch((error: Error) => error)
    if (dialled instanceof Error) results.push(notRun(run, dialled.message))
    else {
      const { segmentation } = run
      const chance = new SeededOctets(seed, run.id)
      const peer = new RawPeer(dialled, { tested: 'server', segmentation, chance, patience })
      peer.target = target
      peer.arrival = () => far.next(run, seed, patience)
      results.push(await runCase(run, peer, seed, async () => undefined))
    }
    onResult?.(results.at(-1)!)
  }
  return results
}
