/** The Opening Handshake as a client's connection remembers it: RFC 6455 §4.1. */
import { Fields } from '../http/fields.js'
import type { ConnectionRequest } from './opened.js'

/** What is the same for all connections that were told the same. */
export type Sent = Pick<ConnectionRequest, 'path' | 'url' | 'origin'>

export class SentRequest implements ConnectionRequest {
  readonly #sent: Sent
  /** Of the response. As text until they are asked for: a connection has them for as long as it lives. */
  #headers: Fields | string

  constructor(sent: Sent, headers: string) {
    this.#sent = sent
    this.#headers = headers
  }

  get path(): string {
    return this.#sent.path
  }

  get url(): string {
    return this.#sent.url
  }

  get origin(): string | undefined {
    return this.#sent.origin
  }

  get headers(): Fields {
    if (typeof this.#headers === 'string') {
      const fields = new Fields()
      fields.fill(this.#headers)
      this.#headers = fields
    }
    return this.#headers
  }
}
