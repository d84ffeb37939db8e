/**
 * Other people's servers, each behind the same few commands: Python's websockets, and ws. They echo; the path asks for more:
 * `/echo?pieces=3` echoes in three fragments, `/ping?payload=x` sends a Ping and, once it has its Pong, the text `pong x`,
 * `/close?code=3000&reason=x` starts the Closing Handshake at once, without `code` by a Close frame without a body. Of
 * subprotocols they speak `chat.v2` alone.
 */
import { fileURLToPath } from 'node:url'
import type { ReceivedMessage, SeenClose, Site } from './client-peers.js'
import type { Installable } from './installable.js'
import { PeerProcess } from './peer-process.js'
import * as programs from './programs.js'

/** What a connection was, to the peer's server. */
export interface SeenConnection extends SeenClose {
  readonly messages: readonly ReceivedMessage[]
}

export interface ServerPeer {
  readonly name: string
  readonly needs: readonly Installable[]
  /**
   * Starts it on a free port of 127.0.0.1.
   *
   * @param deflate - it agrees to permessage-deflate as it is offered, and compresses every message.
   */
  start(transport: 'TCP' | 'TLS', deflate?: boolean): Promise<PeerServer>
}

const certificate = fileURLToPath(new URL('../../../test/certificates/localhost', import.meta.url))

export class PeerServer {
  readonly #process: PeerProcess
  readonly site: Site

  private constructor(process: PeerProcess, site: Site) {
    this.#process = process
    this.site = site
  }

  static async start(program: string, script: string, transport: 'TCP' | 'TLS', deflate = false): Promise<PeerServer> {
    const process = new PeerProcess(program, [programs.peerFile(script)], { PYTHONDONTWRITEBYTECODE: '1' })
    const secure = transport === 'TLS'
    const files = secure ? { cert: `${certificate}.pem`, key: `${certificate}.key` } : {}
    const { port } = await process.ask({ do: 'listen', ...files, deflate })
    const rest = `${secure ? 's' : ''}://127.0.0.1:${port}`
    return new PeerServer(process, { url: `ws${rest}`, page: `http${rest}` })
  }

  /** What the next connection was; resolves once it has ended. Each is told once, in the order of their ends. */
  async seen(): Promise<SeenConnection> {
    return (await this.#process.ask({ do: 'seen' })) as unknown as SeenConnection
  }

  stop(): Promise<void> {
    return this.#process.stop()
  }
}

export const serverPeers: readonly ServerPeer[] = [
  {
    name: 'Python websockets',
    needs: [programs.pythonWebsockets],
    start: (transport, deflate) => PeerServer.start(programs.pythonPath, 'python_server.py', transport, deflate),
  },
  {
    name: 'ws',
    needs: [programs.ws],
    start: (transport, deflate) => PeerServer.start(process.execPath, 'ws-server.mjs', transport, deflate),
  },
]
