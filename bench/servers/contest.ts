/**
 * Measures points: in each round every peer has its turn, and who begins changes, so that whatever else the machine does
 * falls on all of them alike. Servers stay from point to point, as they would; where memory is measured each is new, and where
 * messages are large those of every second round, for a process pays more or less than another like it for its pages.
 */
import type { Turn } from '../generator/load.js'
import type { Rounds } from '../rounds.js'
import { type Peer, peerFile } from './peer.js'
import { isLarge, isOfClients, loadOf, type Point } from './point.js'
import { Generator, Program } from './program.js'

/** What came of one peer at one point: a turn of each round, or why there is none. */
export interface Entry {
  readonly peer: string
  readonly turns: readonly Turn[]
  readonly error?: string
}

/** Where each turn takes seconds: memory hardly varies, and a plan has thousands of messages in each of its seconds. */
const mostLongRounds = 2

export interface ContestOptions extends Rounds {
  /** Where messages are large the servers of every round are new. */
  readonly anew?: boolean
}

const tls = {
  cert: peerFile('../../test/certificates/localhost.pem'),
  key: peerFile('../../test/certificates/localhost.key'),
}

interface Running {
  readonly program: Program
  readonly port: number
  /** The kinds of load that it has had. */
  readonly loads: Set<string>
}

export class Contest {
  #generator: Generator
  readonly #options: ContestOptions
  readonly #progress: (text: string) => void
  /** By peer and kind of server. */
  readonly #running = new Map<string, Running>()

  private constructor(generator: Generator, options: ContestOptions, progress: (text: string) => void) {
    this.#generator = generator
    this.#options = options
    this.#progress = progress
  }

  /** @param progress is told who is having a turn. */
  static async start(options: ContestOptions, progress: (text: string) => void): Promise<Contest> {
    return new Contest(await Generator.start(), options, progress)
  }

  async measure(peers: readonly Peer[], point: Point): Promise<Entry[]> {
    const turns = peers.map((): Turn[] => [])
    const errors = new Map<Peer, string>()
    const rounds = takesSeconds(point) ? Math.min(mostLongRounds, this.#options.rounds) : this.#options.rounds
    for (let round = 0; round < rounds; round++) {
      for (let place = 0; place < peers.length; place++) {
        const index = (place + round) % peers.length
        const peer = peers[index]!
        if (errors.has(peer)) continue
        this.#progress(`round ${round + 1} of ${rounds}, ${peer.name}`)
        try {
          turns[index]!.push(await this.#turn(peer, point, round))
        } catch (error) {
          errors.set(peer, (error as Error).message)
          await this.#beginAnew(peer, point)
        }
      }
    }
    return peers.map((peer, index) => {
      const error = errors.get(peer)
      return { peer: peer.name, turns: turns[index]!, ...(error !== undefined && { error }) }
    })
  }

  /** Ends all programs. */
  async end(): Promise<void> {
    this.#generator.end()
    await Promise.all([...this.#running.values()].map(({ program }) => program.end()))
  }

  /** The running server of a peer, started where there is none. */
  async #server(peer: Peer, point: Point): Promise<Running> {
    const key = serverKey(peer, point)
    const found = this.#running.get(key)
    if (found !== undefined) return found
    const command = isOfClients(point)
      ? peer.client!.command()
      : peer.command({ mode: modeOf(point), tls: hasTls(point) ? tls : undefined })
    const program = new Program(peer.name, command)
    const { port } = await program.next()
    const running = { program, port: port ?? 0, loads: new Set<string>() }
    this.#running.set(key, running)
    return running
  }

  async #turn(peer: Peer, point: Point, round: number): Promise<Turn> {
    const memory = point.compared === 'memory'
    const first = round === 0
    const again = !first && isLarge(point) && (this.#options.anew === true || round % 2 === 0)
    if (memory || again) await this.#endServer(peer, point)
    const { program, port, loads } = await this.#server(peer, point)
    const { kind } = point.load
    const fresh = !loads.has(kind)
    loads.add(kind)
    const { seconds } = this.#options
    const { raw } = peer
    // The code gets warm too, which takes longer the first time, and longest where a process is new to what it does: after 0.2 s
    // of them handshakes took twice and more of what they take after 0.8.
    const warmUp = seconds * (memory ? 0.25 : again ? 2 : fresh ? 4 : first ? 1 : 0.25)
    const load = loadOf(point, { pid: program.pid, port, warmUp, seconds, raw, verify: first })
    return await this.#generator.run(load, stage => {
      if (stage === 'ready' && isOfClients(point)) program.tell(this.#orders(point))
    })
  }

  /** What the program of clients is told. */
  #orders(point: Point): string {
    const { port, tlsPort } = this.#generator.ports
    const { kind, connections } = point.load
    const url = hasTls(point) ? `wss://127.0.0.1:${tlsPort}/` : `ws://127.0.0.1:${port}/`
    return JSON.stringify({ url, connections, again: kind === 'client handshake' })
  }

  /** Whatever has failed may be in any state, and so may the one that has found it. */
  async #beginAnew(peer: Peer, point: Point): Promise<void> {
    this.#generator.end()
    await this.#endServer(peer, point)
    this.#generator = await Generator.start()
  }

  async #endServer(peer: Peer, point: Point): Promise<void> {
    const key = serverKey(peer, point)
    const running = this.#running.get(key)
    this.#running.delete(key)
    await running?.program.end()
  }
}

function takesSeconds({ compared, load }: Point): boolean {
  return compared === 'memory' || load.kind === 'planned'
}

function hasTls({ load }: Point): boolean {
  return 'tls' in load && load.tls
}

function modeOf({ load: { kind } }: Point): 'broadcast' | 'deflate' | 'echo' {
  return kind === 'broadcast' ? kind : kind === 'deflate' || kind === 'deflate idle' ? 'deflate' : 'echo'
}

function serverKey(peer: Peer, point: Point): string {
  const { kind } = point.load
  const sort = point.compared === 'memory' ? 'fresh' : isOfClients(point) ? kind : modeOf(point)
  return `${peer.name} ${sort} ${hasTls(point)}`
}
