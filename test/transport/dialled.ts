/** A dial as a test looks at it: what came of it, and what it has left behind. */
import { getEventListeners } from 'node:events'
import { connect, type NetConnectOpts, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Test } from 'tap'
import { type ClientAgreement, ClientHandshake } from '../../src/handshake/client-handshake.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import type { Lookup } from '../../src/transport/address-lookup.js'
import { Dial, type DialSettings, type DialTimes } from '../../src/transport/dial.js'
import { TlsClient, type TlsClientOptions } from '../../src/transport/tls-client.js'
import { type DrivenTimers, drivenWheel } from './driven-timers.js'
import { listening, type Script } from './scripted-server.js'

export interface Opened {
  readonly stream: Duplex
  readonly agreement: ClientAgreement
  readonly times: DialTimes
}

/** What a test sets apart from the URL. */
export interface Told extends Partial<Omit<DialSettings, 'tls'>> {
  readonly tls?: TlsClientOptions
  /** Instead of net.connect. */
  readonly open?: (options: NetConnectOpts) => Socket
}

export class TestDial {
  readonly timers: DrivenTimers
  /** What was connected to, or tried. */
  readonly sockets: Socket[] = []
  readonly abort = new AbortController()
  /** What came of it: the opened connection, or the error. */
  readonly outcome: Promise<Opened | { error: unknown }>
  /** Resolves when the first socket was opened. */
  readonly opening: Promise<Socket>
  /** How often it has told its end. */
  ends = 0
  readonly #waiting: () => number

  constructor(url: string, told: Told = {}) {
    const { wheel, timers } = drivenWheel()
    this.timers = timers
    this.#waiting = () => wheel.size
    let opened: (socket: Socket) => void
    this.opening = new Promise(resolve => {
      opened = resolve
    })
    const open = (options: NetConnectOpts): Socket => {
      const socket = (told.open ?? connect)(options)
      this.sockets.push(socket)
      opened(socket)
      return socket
    }
    this.outcome = new Promise(resolve => {
      const end = (outcome: Opened | { error: unknown }): void => {
        this.ends++
        resolve(outcome)
      }
      const owner = {
        opened: (stream: Duplex, agreement: ClientAgreement, times: DialTimes) => end({ stream, agreement, times }),
        failed: (error: unknown) => end({ error }),
      }
      const uri = WebSocketUri.parse(url)
      const settings = { ...settingsFor(uri, told), signal: this.abort.signal }
      new Dial(settings, new ClientHandshake(uri), owner, { wheel, open }).start()
    })
  }

  /** The error it ended with; what it opened is cut. */
  async error(): Promise<unknown> {
    const outcome = await this.outcome
    if ('error' in outcome) return outcome.error
    outcome.stream.destroy()
    return undefined
  }

  async opened(): Promise<Opened> {
    const outcome = await this.outcome
    if ('error' in outcome) throw outcome.error
    return outcome
  }

  /** What is still there of it: nothing, once it has failed. */
  get left(): { sockets: number; deadlines: number; listeners: number } {
    return {
      sockets: this.sockets.filter(socket => !socket.destroyed).length,
      deadlines: this.#waiting(),
      listeners: getEventListeners(this.abort.signal, 'abort').length,
    }
  }
}

function settingsFor(uri: WebSocketUri, told: Told): Omit<DialSettings, 'signal'> {
  return {
    host: uri.host,
    port: uri.port,
    tls: uri.secure ? new TlsClient(uri.host, told.tls) : undefined,
    socketPath: told.socketPath,
    localAddress: told.localAddress,
    family: told.family ?? 0,
    lookup: told.lookup,
    oneAtATime: told.oneAtATime ?? false,
    timeout: told.timeout ?? 15_000,
  }
}

export const nothing = { sockets: 0, deadlines: 0, listeners: 0 }

/** A lookup that finds these addresses. */
export function found(...addresses: string[]): Lookup {
  return ((_host: string, _options: unknown, callback: (...answer: unknown[]) => void) =>
    callback(
      null,
      addresses.map(address => ({ address, family: 4 })),
    )) as Lookup
}

/** A dial towards a server that does this. */
export async function towards(t: Test, script: Script, scheme = 'ws', told: Told = {}): Promise<TestDial> {
  const { port } = await listening(t, script)
  return new TestDial(`${scheme}://127.0.0.1:${port}/`, told)
}
