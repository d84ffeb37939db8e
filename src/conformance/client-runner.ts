/**
 * Puts cases to a client: listens, and speaks the loop that Autobahn|Testsuite made known, so that programs written for it
 * work unchanged. The client asks `/getCaseCount`; for each N from 1 on it opens `/runCase?case=N&agent=NAME` and echoes
 * until that connection ends; then it opens `/updateReports?agent=NAME`, and all is over. `/getCaseInfo?case=N` and
 * `/getCaseStatus?case=N&agent=NAME` answer in JSON. Any Origin is welcome. Where cases can be shrunk, there are turns to spare
 * behind the last one.
 */
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { parseUrl } from '../handshake/parse-url.js'
import type { RequestHead } from '../http/message-head.js'
import type { CaseRun } from './case.js'
import { ClientShrinking, spareTurns } from './client-shrinking.js'
import { conclude } from './conclude.js'
import { text } from './frame-parts.js'
import { LearnedPatience } from './learned-patience.js'
import { awaitAnyRequest, requestFault } from './meant-request.js'
import { openAsServer } from './opening.js'
import { type Patience, scaled } from './patience.js'
import { RawPeer } from './raw-peer.js'
import { autobahnBehaviour } from './report/autobahn.js'
import { type CaseResult, notRun, patienceFor, runCase } from './run-case.js'
import { SeededOctets } from './seeded-octets.js'
import { askedFor } from './steps/ordering.js'
import { Turns } from './turns.js'

export interface ClientRunAbout {
  readonly host?: string
  /** 0: any that is free. */
  readonly port?: number
  /** The path of a unix socket, instead of both. */
  readonly path?: string | undefined
  /** TLS, with this key and certificate (PEM), between these versions. */
  readonly tls?: Pick<TlsOptions, 'key' | 'cert' | 'minVersion' | 'maxVersion'> | undefined
  readonly seed: number
  readonly patience: Patience
  /** How many cases run at the same time, where the client comes for more: the others wait. Default: as many as it likes. */
  readonly jobs?: number
  /** Header fields that our responses have as well, as lines with CRLF. Default: none. */
  readonly fieldLines?: string
  /** Subprotocols: the first of them that a client asks for is chosen. Default: none is. */
  readonly protocols?: readonly string[]
  /** How long to wait for the first connection, and for the next one while none is open: in ms. Default: for ever. */
  readonly wait?: { readonly first: number; readonly next: number }
  /** Called after each run. */
  readonly onResult?: (result: CaseResult) => void
  /** Called when somebody has come whose request nothing can be made of: why not, in a clause with octets of it. */
  readonly onStranger?: (fault: string) => void
}

/** What came of it. */
export interface ClientReport {
  /** The name that the client gave itself. */
  readonly agent: string
  /** In the order of the runs. Of those that the client did not ask for the first is there, as an ERROR. */
  readonly results: readonly CaseResult[]
}

/** Serves the loop to one client after another. */
export class ClientRunner {
  readonly #runs: readonly CaseRun[]
  readonly #about: ClientRunAbout
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #keys = new Set<string>()
  readonly #maskingKeys: (readonly number[])[] = []
  readonly #results = new Map<string, Map<number, CaseResult>>()
  readonly #shrinking = new Map<string, ClientShrinking>()
  readonly #spare: number
  readonly #running = new Set<Promise<void>>()
  readonly #turns: Turns
  #reported!: (report: ClientReport) => void
  #failed!: (error: unknown) => void
  #left!: () => void
  #stopped = false
  #waiting: NodeJS.Timeout | undefined
  readonly #learned: LearnedPatience
  /** Resolves when a client has asked for its report; rejects with what `onResult` or `onStranger` throws: it has stopped then. */
  readonly report: Promise<ClientReport>
  /** Settles when none has come for too long. */
  readonly gone: Promise<void>

  constructor(runs: readonly CaseRun[], about: ClientRunAbout) {
    this.#runs = runs
    this.#about = about
    this.#learned = new LearnedPatience(about.patience)
    this.#turns = new Turns(about.jobs ?? Number.POSITIVE_INFINITY)
    this.#spare = runs.some(run => run.case.shrinks !== undefined) ? spareTurns : 0
    const accept = (socket: Socket) => void this.#accept(socket).catch(error => this.#fail(error))
    this.#server =
      about.tls === undefined
        ? createTcpServer({ allowHalfOpen: true }, accept)
        : createTlsServer({ ...about.tls, ALPNProtocols: ['http/1.1'] }, accept)
    this.report = new Promise((resolve, reject) => {
      this.#reported = resolve
      this.#failed = reject
    })
    // Told to whoever awaits it, which may be later.
    this.report.catch(() => {})
    this.gone = new Promise(resolve => {
      this.#left = resolve
    })
  }

  /** Begins to listen; resolves with the port (0 at a unix socket), rejects with Node's own error. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      const { host, port, path } = this.#about
      this.#server.listen(path === undefined ? { host, port } : { path }, () => {
        this.#await(this.#about.wait?.first)
        resolve(path === undefined ? (this.#server.address() as AddressInfo).port : 0)
      })
    })
  }

  /** Stops listening and cuts what is open: what becomes of those runs is told to nobody. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#waiting)
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  /** What there is to report of a client so far. */
  reportOf(agent: string): ClientReport {
    const had = this.#results.get(agent) ?? new Map<number, CaseResult>()
    const missing = this.#runs.length - had.size
    const first = this.#runs.findIndex((_, i) => !had.has(i))
    const results = this.#runs.map((run, i) => {
      if (i !== first) return had.get(i)
      const others = missing === 1 ? '' : `, nor for ${missing - 1} others`
      return notRun(run, `the client did not ask for this case${others}`)
    })
    return { agent, results: results.filter(result => result !== undefined) }
  }

  /** The clients that have run a case, by the names they gave themselves. */
  get agents(): string[] {
    return [...this.#results.keys()]
  }

  #fail(error: unknown): void {
    this.#failed(error)
    this.stop()
  }

  #await(time: number | undefined): void {
    if (time !== undefined) this.#waiting = setTimeout(this.#left, time)
  }

  async #accept(socket: Socket): Promise<void> {
    clearTimeout(this.#waiting)
    this.#sockets.add(socket)
    socket.on('close', () => {
      this.#sockets.delete(socket)
      if (this.#sockets.size === 0 && this.#server.listening) this.#await(this.#about.wait?.next)
    })
    const { seed, patience } = this.#about
    // Which run it is shows in the request; until then octets are only read.
    const peer = new RawPeer(socket, {
      tested: 'client',
      segmentation: 'whole',
      chance: new SeededOctets(seed),
      patience,
    })
    const request = await awaitAnyRequest(peer)
    if (request === undefined) {
      const fault = requestFault(peer)
      if (fault !== undefined) this.#about.onStranger?.(fault)
      peer.destroy()
    } else {
      peer.keyWasSeen = this.#keys.has(peer.key)
      this.#keys.add(peer.key)
      peer.fieldLines = (this.#about.fieldLines ?? '') + chosenProtocol(request, this.#about.protocols)
      peer.otherMaskingKeys = this.#maskingKeys
      this.#maskingKeys.push(peer.inbox.maskingKeys)
      const url = urlOf(request.target)
      if (url === undefined) {
        this.#about.onStranger?.(`its request target is no URL: ${JSON.stringify(request.target.slice(0, 120))}`)
        await refuse(peer, 'the request target is no URL\n', '400 Bad Request')
      } else await this.#serve(peer, url)
    }
  }

  async #serve(peer: RawPeer, { pathname, searchParams }: URL): Promise<void> {
    const at = Number(searchParams.get('case')) - 1
    const agent = searchParams.get('agent') ?? 'unknown'
    const run = this.#runs[at]
    if (pathname === '/getCaseCount') return await tell(peer, String(this.#runs.length + this.#spare))
    if (pathname === '/updateReports') {
      await tell(peer)
      // A client may have done with a connection before we have.
      await Promise.all(this.#running)
      this.#reported(this.reportOf(agent))
      return
    }
    const spare = run === undefined && at >= 0 && at < this.#runs.length + this.#spare
    if (run === undefined && !spare) return await refuse(peer, 'no such case\n')
    if (pathname === '/getCaseInfo') {
      const info = { id: run?.id ?? 'spare', description: run?.case.title ?? 'a turn to shrink what has failed' }
      return await tell(peer, JSON.stringify(info))
    }
    if (pathname === '/getCaseStatus') {
      const result = this.#results.get(agent)?.get(at)
      return await tell(
        peer,
        JSON.stringify({ behavior: result === undefined ? 'UNKNOWN' : autobahnBehaviour(result) }),
      )
    }
    if (pathname !== '/runCase') return await refuse(peer, 'there are /getCaseCount, /getCaseInfo, /runCase, …\n')
    if (run === undefined) return this.#shrinkingOf(agent).take(peer)
    const results = this.#results.get(agent) ?? new Map<number, CaseResult>()
    this.#results.set(agent, results)
    const running = this.#inTurn(peer, run).then(result => {
      this.#running.delete(running)
      if (this.#stopped) return
      results.set(at, result)
      this.#about.onResult?.(result)
    })
    this.#running.add(running)
    await running
  }

  async #inTurn(peer: RawPeer, run: CaseRun): Promise<CaseResult> {
    await this.#turns.begin()
    const result = await this.#run(peer, run, this.#learned.patience)
    this.#turns.end()
    return this.#learned.told(result, peer.waiting, peer.patience)
  }

  async #run(peer: RawPeer, run: CaseRun, patience: Patience): Promise<CaseResult> {
    const { seed } = this.#about
    peer.segmentation = run.segmentation
    peer.chance = new SeededOctets(seed, run.id)
    peer.patience = patienceFor(run, patience)
    const result = await runCase(run, peer, seed, () => openAsServer(peer, run.case.extension))
    this.#learned.learn(peer.waiting)
    return result
  }

  #shrinkingOf(agent: string): ClientShrinking {
    const begun = this.#shrinking.get(agent)
    if (begun !== undefined) return begun
    // What fails by silence is not waited for as long again.
    const impatient = scaled(this.#about.patience, 0.2)
    const shrinking = new ClientShrinking(this.reportOf(agent).results, {
      seed: this.#about.seed,
      run: (run, peer) => this.#run(peer, run, impatient),
      leave: peer => tell(peer),
      onFewer: result => this.#results.get(agent)!.set(this.#runs.indexOf(result.run), result),
    })
    this.#shrinking.set(agent, shrinking)
    return shrinking
  }
}

function chosenProtocol(request: RequestHead, protocols: readonly string[] = []): string {
  const asked = askedFor(request)
  const chosen = protocols.find(protocol => asked.includes(protocol))
  return chosen === undefined ? '' : `Sec-WebSocket-Protocol: ${chosen}\r\n`
}

/** What a request target asks for, in origin-form or absolute-form; undefined for anything else that somebody may send. */
function urlOf(target: string): URL | undefined {
  return parseUrl(target.startsWith('/') ? `ws://localhost${target}` : target)
}

/** Opens the connection, sends a message, and closes. */
async function tell(peer: RawPeer, message?: string): Promise<void> {
  if ((await openAsServer(peer)) !== undefined) return await refuse(peer, 'this is for WebSocket clients\n')
  if (message !== undefined) await peer.sendFrames([text(message)])
  await conclude(peer)
  peer.destroy()
}

async function refuse(peer: RawPeer, body: string, status = '404 Not Found'): Promise<void> {
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`
  await peer.sendPieces([Buffer.from(head + body)])
  await peer.finish()
  await peer.until(() => false)
  peer.destroy()
}
