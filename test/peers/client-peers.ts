/**
 * Other people's clients, each behind the same few commands: the WebSocket class of Chromium, Firefox and Node, Python's
 * websockets, and ws.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { newChromiumPage } from './chromium.js'
import { newFirefoxPage } from './firefox.js'
import type { Installable } from './installable.js'
import { type MessageType, type Payload, payloadFile } from './payload.js'
import { type Answer, type Command, PeerProcess } from './peer-process.js'
import * as programs from './programs.js'

/** Where our server can be reached, directly or through a proxy. */
export interface Site {
  /** `ws://…` or `wss://…`, without a path. */
  readonly url: string
  /** Its pages: `http://…` or `https://…`, without a path; `/payload/NAME` is a payload. */
  readonly page: string
}

/** A message as a peer received it. */
export interface ReceivedMessage {
  readonly type: MessageType
  readonly size: number
  readonly sha256: string
}

/** The end of a connection, as a peer saw it. */
export interface SeenClose {
  readonly code: number
  readonly reason: string
  readonly clean: boolean
}

/** What a client offers of permessage-deflate (RFC 7692 §7.1): each parameter that is there. */
export interface DeflateOffer {
  readonly serverNoContextTakeover?: boolean
  readonly clientNoContextTakeover?: boolean
  readonly serverMaxWindowBits?: number
  /** Left out: it is offered without a value. */
  readonly clientMaxWindowBits?: number
}

export interface ClientPeer {
  readonly name: string
  readonly needs: readonly Installable[]
  /** The WHATWG class: no Pings, no fragments, and of the codes only 1000 and 3000 to 4999. */
  readonly whatwg: boolean
  start(site: Site): Promise<PeerClient>
}

/** The authority that issued our certificate. */
export const authority = fileURLToPath(new URL('../../../test/certificates/ca.pem', import.meta.url))

/** A client of a peer, for one site; one connection at a time. */
export class PeerClient {
  readonly #site: Site
  readonly #ask: (command: Command) => Promise<Answer>
  readonly #stop: () => Promise<void>
  readonly #fetches: boolean

  /** @param fetches - the peer fetches payloads from the site; else it reads them from files. */
  constructor(site: Site, fetches: boolean, ask: (command: Command) => Promise<Answer>, stop: () => Promise<void>) {
    this.#site = site
    this.#fetches = fetches
    this.#ask = ask
    this.#stop = stop
  }

  /**
   * Resolves with what became of the Opening Handshake.
   *
   * @param deflate - what it offers, where a program may choose that; then it compresses every message.
   */
  async open(
    path: string,
    protocols?: readonly string[],
    deflate?: DeflateOffer,
  ): Promise<{ opened: boolean; protocol?: string }> {
    const ca = this.#site.url.startsWith('wss:') ? authority : undefined
    const answer = await this.#ask({ do: 'open', url: this.#site.url + path, protocols, ca, deflate })
    return answer as { opened: boolean; protocol?: string }
  }

  /** Sends a message, in so many fragments where the peer can do that. */
  async send(of: Payload, pieces?: number): Promise<void> {
    const place = this.#fetches ? `${this.#site.page}/payload/${of.type}-${of.size}` : payloadFile(of)
    await this.#ask({ do: 'send', type: of.type, payload: place, pieces })
  }

  /** The next message. */
  async receive(): Promise<ReceivedMessage> {
    return (await this.#ask({ do: 'receive' })) as unknown as ReceivedMessage
  }

  /** Sends a Ping; resolves with the payload of the Pong. */
  async ping(payload: string): Promise<string> {
    return String((await this.#ask({ do: 'ping', payload }))['payload'])
  }

  /** Starts the Closing Handshake; without a code, a Close frame without a body. */
  async close(code?: number, reason?: string): Promise<SeenClose> {
    return (await this.#ask({ do: 'close', code, reason })) as unknown as SeenClose
  }

  /** Resolves once the connection is closed. */
  async closed(): Promise<SeenClose> {
    return (await this.#ask({ do: 'closed' })) as unknown as SeenClose
  }

  /** Ends the peer. */
  stop(): Promise<void> {
    return this.#stop()
  }
}

function byProcess(site: Site, whatwg: boolean, program: string, script: string): Promise<PeerClient> {
  const environment = { NODE_EXTRA_CA_CERTS: authority, PYTHONDONTWRITEBYTECODE: '1' }
  const peer = new PeerProcess(program, [programs.peerFile(script)], environment)
  return Promise.resolve(
    new PeerClient(
      site,
      whatwg,
      command => peer.ask(command),
      () => peer.stop(),
    ),
  )
}

/** A page of a browser, as far as both drivers have it. */
export interface BrowserPage {
  goto(url: string): Promise<unknown>
  evaluate<Result>(script: string): Promise<Result>
  close(): Promise<void>
}

async function byBrowser(site: Site, newPage: () => Promise<BrowserPage>): Promise<PeerClient> {
  const page = await newPage()
  await page.goto(`${site.page}/`)
  await page.evaluate(await readFile(programs.peerFile('whatwg-client.js'), 'utf8'))
  const ask = (command: Command): Promise<Answer> =>
    page.evaluate<Answer>(`globalThis.peerCommand(${JSON.stringify(command)})`)
  return new PeerClient(site, true, ask, () => page.close())
}

export const clientPeers: readonly ClientPeer[] = [
  {
    name: 'Chromium',
    needs: [programs.chromium],
    whatwg: true,
    start: site => byBrowser(site, newChromiumPage),
  },
  {
    name: 'Firefox',
    needs: [programs.firefox],
    whatwg: true,
    start: site => byBrowser(site, newFirefoxPage),
  },
  {
    name: 'Node 22',
    needs: [programs.node22],
    whatwg: true,
    start: site => byProcess(site, true, programs.node22Path, 'node-client.mjs'),
  },
  {
    name: 'Python websockets',
    needs: [programs.pythonWebsockets],
    whatwg: false,
    start: site => byProcess(site, false, programs.pythonPath, 'python_client.py'),
  },
  {
    name: 'ws',
    needs: [programs.ws],
    whatwg: false,
    start: site => byProcess(site, false, process.execPath, 'ws-client.mjs'),
  },
]
