/** What the generator can be told to do in one turn, and what it answers. */
import type { Script } from '../sample-text.js'
import type { DeflatedMessages } from './deflated-exchange.js'

/** What the messages of a load are. */
export interface Messages {
  /** Octets of payload in each. */
  readonly size: number
  readonly script: 'binary' | Script
  /** Messages of each connection that are under way at a time. */
  readonly pipeline: number
  /** Frames that each is sent in. */
  readonly fragments: number
}

/** Whom the load goes to, and for how long. */
export interface Target {
  /** The process whose CPU is measured. */
  readonly pid: number
  readonly port: number
  readonly tls: boolean
  readonly connections: number
  /** Seconds before the measured ones. */
  readonly warmUp: number
  readonly seconds: number
}

/** Every message comes back to its sender. `raw`: no Opening Handshake, and the octets come back as they are. */
export interface EchoLoad extends Target, Messages {
  readonly kind: 'echo'
  readonly raw: boolean
  /** Compares every octet of the first messages of each connection before anything is measured. */
  readonly verify: boolean
}

/** The same, of clients: as many as `connections` dial the generator, and send back what it sends. */
export interface ClientLoad extends Omit<EchoLoad, 'kind' | 'raw' | 'port'> {
  readonly kind: 'client'
}

/** Clients connect, shake hands, close, and do it again: `connections` at a time. */
export interface ClientHandshakeLoad extends Omit<Target, 'port'> {
  readonly kind: 'client handshake'
}

/** Connections of clients that are open, and on which nothing is said. */
export interface ClientIdleLoad extends Omit<Target, 'port'> {
  readonly kind: 'client idle'
}

/** What one connection sends comes to all. */
export interface BroadcastLoad extends Target {
  readonly kind: 'broadcast'
  readonly raw: boolean
  readonly verify: boolean
  readonly size: number
}

/** Connect, Opening Handshake, Closing Handshake, end of TCP, again: `connections` at a time. */
export interface HandshakeLoad extends Target {
  readonly kind: 'handshake'
}

/** Connections that are open; so many messages a second over all of them, each answered by an echo. */
export interface IdleLoad extends Target {
  readonly kind: 'idle'
  readonly raw: boolean
  readonly messagesPerSecond: number
}

/** Every compressed message comes back to its sender, compressed. */
export interface DeflateLoad extends Target, DeflatedMessages {
  readonly kind: 'deflate'
  readonly raw: boolean
  readonly verify: boolean
}

/** Connections that have exchanged 10 messages each, and then nothing for so many seconds. */
export interface DeflatedIdleLoad extends Omit<DeflateLoad, 'kind'> {
  readonly kind: 'deflate idle'
  readonly quiet: number
}

/** So many messages a second over all connections, sent when they are due; each comes back to its sender. */
export interface PlannedLoad extends Target {
  readonly kind: 'planned'
  readonly size: number
  readonly rate: number
}

export type Load =
  | DeflateLoad
  | DeflatedIdleLoad
  | EchoLoad
  | ClientLoad
  | ClientHandshakeLoad
  | ClientIdleLoad
  | BroadcastLoad
  | HandshakeLoad
  | IdleLoad
  | PlannedLoad

/** How far a turn has come: clients may dial; everything is open and warm, and what is measured begins. */
export type Stage = 'ready' | 'begun'

/** What one turn has come to. */
export interface Turn {
  /** Messages that came back, messages delivered, or handshakes. */
  readonly operations: number
  readonly seconds: number
  /** Nanoseconds of the target's CPU, and those that it waited for a core which others had. */
  readonly cpu: number
  readonly waited: number
  /** Nanoseconds of the generator's own CPU. */
  readonly ownCpu: number
  /** Milliseconds between a message and its echo, or of a whole handshake; undefined where none was taken. */
  readonly p50: number | undefined
  readonly p99: number | undefined
  /** The generator says that it was the bottleneck; undefined where it does not look. */
  readonly bound?: boolean
  /** Resident octets of the target before the first connection and while all are open. */
  readonly residentBefore: number
  readonly residentWith: number
}
