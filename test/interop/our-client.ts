/** Our client, as the interop tests need it. */
import { readFileSync } from 'node:fs'
import { type ConnectOptions, connect, type Message, type WebSocketConnection } from '../../src/index.js'
import { authority, type Site } from '../peers/client-peers.js'
import type { Payload } from '../peers/payload.js'

export class OurClient {
  readonly connection: WebSocketConnection
  readonly #messages: AsyncIterator<Message>

  private constructor(connection: WebSocketConnection) {
    this.connection = connection
    this.#messages = connection.messages()
  }

  /** Connects; trusts our certificate's authority alone. */
  static async connect(site: Site, path: string, options: ConnectOptions = {}): Promise<OurClient> {
    const limits = { maxMessageSize: 16 * 1024 * 1024 }
    return new OurClient(await connect(site.url + path, { tls: { ca: readFileSync(authority) }, limits, ...options }))
  }

  /** The next message; undefined when the connection ends before. */
  async receive(): Promise<Message | undefined> {
    const { value, done } = await this.#messages.next()
    return done === true ? undefined : value
  }
}

/** A message as one of our ends received it is this payload, in type and octet by octet. */
export function isPayload(message: Message | undefined, sent: Payload): boolean {
  if (message === undefined || message.isBinary !== (sent.type === 'binary')) return false
  return sent.octets.equals(Buffer.from(message.data as string))
}
