/**
 * Puts cases to a client that takes orders: for each of them its program is ordered to connect, and then what the steps say.
 * What the client begins by itself shows here, and what it reports to its user.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { CaseRun } from './case.js'
import type { Control, OrderedClient } from './control.js'
import { openAsServer } from './opening.js'
import type { Patience } from './patience.js'
import { RawPeer } from './raw-peer.js'
import { type CaseResult, notRun, runCase } from './run-case.js'
import { SeededOctets } from './seeded-octets.js'
import { judge } from './verdict.js'

export interface OrderedRunAbout {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly seed: number
  readonly patience: Patience
  /** Aborted: no further case is begun. */
  readonly signal?: AbortSignal
  readonly onResult?: (result: CaseResult) => void
}

/**
 * Runs the cases, one after the other.
 *
 * @param control - its program is ready.
 * @returns a result for each run that was begun. Rejects with Node's own error when it cannot listen, and with what `onResult`
 * throws: nothing is open then.
 */
export async function runOrdered(
  runs: readonly CaseRun[],
  control: Control,
  about: OrderedRunAbout,
): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  const sockets = new Set<Socket>()
  let take!: (socket: Socket) => void // nobody connects before it is ordered
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket.on('close', () => sockets.delete(socket)))
    take(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(about.port, about.host, resolve)
  })
  const { port } = server.address() as AddressInfo
  const host = about.host.includes(':') ? `[${about.host}]` : about.host
  try {
    for (const [number, run] of runs.entries()) {
      if (about.signal?.aborted === true) break
      const url = `ws://${host}:${port}/ordered/${number + 1}`
      const ordered = new OrderedRun(run, control.client(number + 1), url, about)
      take = socket => void ordered.take(socket)
      const result = await ordered.result()
      results.push(result)
      about.onResult?.(result)
    }
    return results
  } finally {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}

/** One case, and the connection that was ordered for it. */
class OrderedRun {
  readonly #run: CaseRun
  readonly #client: OrderedClient
  readonly #url: string
  readonly #about: OrderedRunAbout
  #peer: RawPeer | undefined

  constructor(run: CaseRun, client: OrderedClient, url: string, about: OrderedRunAbout) {
    this.#run = run
    this.#client = client
    this.#url = url
    this.#about = about
  }

  /** Somebody has connected; who does not ask for what was ordered is let go. */
  async take(socket: Socket): Promise<void> {
    const { seed, patience } = this.#about
    const { id, segmentation } = this.#run
    const peer = new RawPeer(socket, { tested: 'client', segmentation, chance: new SeededOctets(seed, id), patience })
    await peer.until(() => peer.request !== undefined || peer.headError !== undefined)
    if (peer.request?.target !== new URL(this.#url).pathname) {
      peer.destroy()
      return
    }
    this.#peer = peer
    this.#client.wake()
  }

  async result(): Promise<CaseResult> {
    const client = this.#client
    const { protocols, mayRefuse = false } = this.#run.case.ordered!
    client.order({ do: 'connect', url: this.#url, ...(protocols !== undefined && { protocols }) })
    const declined = () => client.events.some(({ event }) => event !== 'open')
    await client.until(() => this.#peer !== undefined || declined(), this.#about.patience.silence)
    const peer = this.#peer
    if (peer !== undefined) return await this.#put(peer)
    const told = client.events.map(event => JSON.stringify(event)).join(' ')
    const missing = notRun(this.#run, `its program opened no connection${told === '' ? '' : `: ${told}`}`)
    if (mayRefuse && declined()) return { ...missing, verdict: 'PASS', behaviour: judge([]) }
    if (client.told('refused') === undefined) return missing
    const findings = [{ verdict: 'INFO', reason: `it lets nobody order that: ${told}` }] as const
    return { ...missing, verdict: 'INFO', behaviour: judge(findings) }
  }

  async #put(peer: RawPeer): Promise<CaseResult> {
    peer.client = this.#client
    this.#client.onLine = (from, line) => {
      peer.transcript.add(from, 'control', `${from === 'us' ? 'order' : 'told'} ${line}`)
      peer.wake()
    }
    return await runCase(this.#run, peer, this.#about.seed, () => openAsServer(peer))
  }
}
