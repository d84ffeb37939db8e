/** Servers of which it is known what they do, on a free port, for the time of a test. */
import { createServer, type ServerHandlers, type ServerOptions, type WebSocketConnection } from '../../src/index.js'

/** One message, as a server saw it. */
export interface Seen {
  /** When it came, by `performance.now()` of the test. */
  readonly at: number
  readonly octets: number
  readonly text: boolean
}

export interface KnownServer {
  readonly url: string
  readonly seen: Seen[]
  /** Its connections that are open. */
  readonly open: Iterable<WebSocketConnection>
  /** How each connection ended, as the server saw it: once so many have, which it may see later than the client. */
  ended(count: number): Promise<readonly number[]>
}

type Answer = (connection: WebSocketConnection, data: string | Buffer, number: number) => unknown

/** A server that answers each message, of which it is told the number, as the test says. */
export async function serve(
  t: { teardown(callback: () => unknown): unknown },
  answer: Answer,
  { handlers = {}, options = {} }: { handlers?: ServerHandlers; options?: ServerOptions } = {},
): Promise<KnownServer> {
  const seen: Seen[] = []
  const codes: number[] = []
  let tell: () => unknown = () => {}
  const server = createServer(options, {
    message(connection, data, isBinary) {
      seen.push({ at: performance.now(), octets: data.length, text: !isBinary })
      return answer(connection, data, seen.length - 1)
    },
    close(_, record) {
      codes.push(record.code)
      tell()
    },
    ...handlers,
  })
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(async () => {
    for (const connection of server.connections) connection.terminate()
    await server.close()
  })
  const ended = (count: number) =>
    new Promise<readonly number[]>(resolve => {
      tell = () => codes.length >= count && resolve(codes)
      tell()
    })
  return { url: server.url!, seen, open: server.connections, ended }
}

export const echo: Answer = (connection, data) => void connection.send(data)

/** Never answers the Close frame of the connection that sends first, for it reads no further. @param then - at the fourth message. */
export function stallingUntil(then: () => void): Answer {
  return (connection, _, number) => {
    if (number === 0) connection.pause()
    if (number === 3) then()
  }
}
