/** What befalls a connection, step by step: its peer, its transport, its application, and time. One line of JSON each. */
import type { LimitOptions } from '../../src/connection/limits.js'
import type { Role } from '../../src/framing/frame-header.js'

/** What a connection is made with. */
export interface SessionOptions extends LimitOptions {
  readonly textAsOctets?: boolean | undefined
}

/** What the application does inside a handler. */
export type Reaction =
  | 'nothing'
  | 'throw'
  | 'close'
  | 'terminate'
  | 'pause'
  | 'resume'
  | 'text'
  | 'ping'
  /** Returns a promise that is settled by a later step. */
  | 'hold'
  /** Returns a promise that is settled in the same turn. */
  | 'resolve'
  | 'reject'

/** The handlers that react. */
export type Told = 'text' | 'binary' | 'ping' | 'pong' | 'closing' | 'end' | 'drain' | 'written' | 'close' | 'settled'

export type Step =
  /** Octets from the peer, in hexadecimal. */
  | readonly ['receive', string]
  /** The peer has ended its half. */
  | readonly ['end']
  /** The transport has ended. */
  | readonly ['dead']
  | readonly ['text', string, boolean]
  /** Text as octets, in hexadecimal. */
  | readonly ['octets', string, boolean]
  | readonly ['binary', string, boolean]
  /** A binary message of so many octets. */
  | readonly ['large', number, boolean]
  | readonly ['ping', string]
  | readonly ['pong', string]
  | readonly ['close', number | null, string]
  | readonly ['terminate']
  | readonly ['pause']
  | readonly ['resume']
  /** The transport takes output. */
  | readonly ['take']
  /** So many of the octets taken reach the kernel; the transport wants more, or not. */
  | readonly ['drain', number, boolean]
  /** Milliseconds pass. */
  | readonly ['tick', number]
  /** Promises that handlers have returned are settled; false: rejected. */
  | readonly ['settle', boolean]
  /** From now on the application does this when it is told that. */
  | readonly ['on', Told, Reaction]

export interface Session {
  readonly role: Role
  readonly options: SessionOptions
  readonly steps: readonly Step[]
}

/** JSON without the characters that mean something to a command line. */
export function formatLine(value: unknown): string {
  const json = String(JSON.stringify(value))
  return json.replaceAll(/[;'\u007f-\uffff]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function formatSession({ role, options, steps }: Session): string[] {
  return [formatLine(['as', role, options]), ...steps.map(formatLine)]
}

export function parseSession(lines: readonly string[]): Session {
  const [first, ...rest] = lines.map(line => JSON.parse(line) as unknown)
  const [as, role, options] = first as ['as', Role, SessionOptions]
  if (as !== 'as' || (role !== 'server' && role !== 'client'))
    throw new Error('a session begins with ["as", role, options]')
  return { role, options, steps: rest as Step[] }
}
