/** Opens the connections of a load: Opening Handshakes (RFC 6455 §4) with one fixed request. */
import { Link, type LinkOptions } from './link.js'

/** @param extensions what to offer. */
function requestWith(extensions?: string): string {
  if (extensions === undefined) return openingRequest
  return openingRequest.replace(/\r\n$/, `Sec-WebSocket-Extensions: ${extensions}\r\n\r\n`)
}

export const openingRequest =
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'

/** What all servers must have in their response to {@link openingRequest}. */
const accepted = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** Connections that are asked for at a time: a server accepts no more than about 500 at once. */
const wave = 256

/** A connection that ends before `close` fails the whole load. */
export class Links {
  readonly all: readonly Link[]
  /** Rejects when a connection has ended that should not, or {@link fail} was called. */
  readonly failure: Promise<never>
  #fail: (error: Error) => void = () => {}

  constructor(all: readonly Link[]) {
    this.all = all
    this.failure = new Promise((_, reject) => {
      this.#fail = reject
    })
    this.failure.catch(() => {})
    for (const link of all) {
      link.onEnd = error => this.fail(error ?? new Error('the peer has ended a connection in the middle of it all'))
    }
  }

  fail(error: Error): void {
    this.#fail(error)
  }

  /** Ends all of them; resolves when all have ended. */
  async close(): Promise<void> {
    const ended = this.all.map(
      link =>
        new Promise<void>(resolve => {
          link.onEnd = () => resolve()
        }),
    )
    for (const link of this.all) link.close()
    await Promise.all(ended)
  }
}

/** Connects so many times, and shakes hands unless `raw`. */
export async function dialAll(
  count: number,
  options: Omit<LinkOptions, 'number'> & { readonly raw: boolean },
  extensions?: string,
): Promise<Links> {
  const links: Link[] = []
  while (links.length < count) {
    const some = Math.min(wave, count - links.length)
    links.push(
      ...(await Promise.all(Array.from({ length: some }, (_, i) => dial({ ...options, number: i }, extensions)))),
    )
  }
  return new Links(links)
}

function dial(options: LinkOptions & { readonly raw: boolean }, extensions?: string): Promise<Link> {
  return new Promise((resolve, reject) => {
    const one = Link.dial(options, link => {
      if (options.raw) return resolve(link)
      link.onOctets = untilHead(head => {
        const agreed = extensions === undefined || /^sec-websocket-extensions: permessage-deflate/im.test(head)
        if (head.startsWith('HTTP/1.1 101 ') && head.includes(accepted) && agreed) resolve(link)
        else reject(new Error(`the server has refused: ${head}`))
      })
      link.write(requestWith(extensions))
    })
    one.onEnd = error => reject(error ?? new Error('the server has ended a connection before it was open'))
  })
}

/** Gathers a head; nothing comes behind it before it is answered. */
export function untilHead(then: (head: string) => void): Link['onOctets'] {
  let head = ''
  return (chunk, length) => {
    head += chunk.toString('latin1', 0, length)
    if (head.endsWith('\r\n\r\n')) then(head)
  }
}
