/** What the two ways of using a connection from the command line share: at a prompt, and in a pipe. */
import type { WebSocketConnection } from '../api/websocket-connection.js'
import { formatExtensions } from '../extensions/negotiation.js'
import type { ConnectionEnd } from './connection-end.js'

/** What the command line says of a session. */
export interface SessionSettings {
  /** What to close with when all is done. */
  readonly closeCode: number
  readonly closeReason: string
  /** Send a Ping at the start and tell the round-trip time. */
  readonly ping: boolean
  /** Binary messages: the input is one, and those that come are written raw. */
  readonly binary: boolean
  /** Pipes: milliseconds of silence after which nothing more is expected; Infinity: stay until the server closes. */
  readonly wait: number
  /** Pipes: so many messages are expected; then it closes. */
  readonly replies: number | undefined
  /** Pipes: tell what happens. */
  readonly verbose: boolean
}

export interface Session {
  /** Resolves when the connection is closed. */
  run(): Promise<ConnectionEnd>
}

export function milliseconds(time: number): string {
  return `${time.toFixed(time < 10 ? 2 : 0)} ms`
}

/** One line of what was agreed on, and how long each stage took. */
export function greeting({ request, protocol, extensions, times }: WebSocketConnection): string {
  const stages: string[] = []
  let before = 0
  for (const stage of ['dns', 'tcp', 'tls', 'upgrade'] as const) {
    const until = times?.[stage]
    if (until === undefined) continue
    stages.push(`${stage} ${milliseconds(until - before)}`)
    before = until
  }
  const spoken = protocol === '' ? '' : `, subprotocol ${protocol}`
  const agreed = extensions.map(({ extension: { name }, parameters }) => ({ name, parameters }))
  const extended = agreed.length === 0 ? '' : `, with ${formatExtensions(agreed)}`
  return `connected to ${request.url}${spoken}${extended} in ${milliseconds(before)} (${stages.join(', ')})`
}

/** Sends a Ping and tells when its Pong has come, or that none did. */
export async function pingAndTell(
  connection: WebSocketConnection,
  payload: string,
  say: (text: string) => void,
): Promise<void> {
  try {
    say(`pong after ${milliseconds(await connection.ping(payload))}`)
  } catch {
    say('no pong: the connection ended')
  }
}
