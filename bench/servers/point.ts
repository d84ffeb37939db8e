/** One point of the comparison: what the peers are loaded with, and what of it is compared. */
import type { DeflatedMessages } from '../generator/deflated-exchange.js'
import type {
  BroadcastLoad,
  ClientHandshakeLoad,
  ClientIdleLoad,
  ClientLoad,
  DeflatedIdleLoad,
  DeflateLoad,
  EchoLoad,
  HandshakeLoad,
  IdleLoad,
  Load,
  PlannedLoad,
  Target,
} from '../generator/load.js'
import type { Script } from '../sample-text.js'
import type { ClientAbility, Peer } from './peer.js'

/** What the point says of a load; the rest is filled in turn by turn. */
type Shape<OneLoad> = Omit<OneLoad, Exclude<keyof Target, 'connections' | 'tls'> | 'verify' | 'raw'>

export type PointLoad =
  | Shape<EchoLoad>
  | Shape<ClientLoad>
  | Shape<ClientHandshakeLoad>
  | Shape<ClientIdleLoad>
  | Shape<BroadcastLoad>
  | Shape<HandshakeLoad>
  | Shape<IdleLoad>
  | Shape<PlannedLoad>
  | Shape<DeflateLoad>
  | Shape<DeflatedIdleLoad>

export interface Point {
  /** As in the tables; the command line chooses by parts of it. */
  readonly name: string
  readonly load: PointLoad
  /** CPU for one operation (nanoseconds), or memory of one connection (octets). */
  readonly compared: 'cpu' | 'memory'
}

export interface EchoShape {
  readonly connections: number
  readonly size: number
  readonly pipeline?: number
  readonly script?: 'binary' | Script
  readonly tls?: boolean
  readonly fragments?: number
}

export function echoPoint({
  connections,
  size,
  pipeline = 1,
  script = 'binary',
  tls = false,
  fragments = 1,
}: EchoShape): Point {
  const words = [`${connections}c`, sizeName(size), `p${pipeline}`]
  if (script !== 'binary') words.push(`text ${script}`)
  if (tls) words.push('TLS')
  if (fragments > 1) words.push(`in ${fragments} fragments`)
  return {
    name: words.join(' '),
    load: { kind: 'echo', connections, size, pipeline, script, tls, fragments },
    compared: 'cpu',
  }
}

/** The same, of clients. */
export function clientPoint(shape: EchoShape): Point {
  const { name, load, compared } = echoPoint(shape)
  return { name: `client ${name}`, load: { ...(load as Shape<EchoLoad>), kind: 'client' }, compared }
}

export function isOfClients({ load: { kind } }: Point): boolean {
  return kind === 'client' || kind === 'client handshake' || kind === 'client idle'
}

/** At a rate, far below what a server can do: how long users wait. */
export function plannedPoint(connections: number, size: number, rate: number): Point {
  return {
    name: `${connections}c ${sizeName(size)} at ${rate}/s`,
    load: { kind: 'planned', connections, size, rate, tls: false },
    compared: 'cpu',
  }
}

const windows = { kept: 'windows kept', empty: 'windows empty', none: 'uncompressed' } as const

/** Messages of JSON that come and go compressed. */
export function deflatePoint(shape: DeflatedMessages & { readonly connections: number }): Point {
  const { connections, size, pipeline, window } = shape
  return {
    name: `deflate ${connections}c ${sizeName(size)} p${pipeline}, ${windows[window]}`,
    load: { kind: 'deflate', tls: false, ...shape },
    compared: 'cpu',
  }
}

/** Connections that have exchanged 10 of them and then been quiet for longer than a window is kept. */
export function deflatedIdlePoint(connections: number, window: DeflatedMessages['window'], quiet = 12): Point {
  return {
    name: `deflate idle, ${connections.toLocaleString('en')} open, ${windows[window]}`,
    load: { kind: 'deflate idle', connections, tls: false, size: 149, pipeline: 1, window, quiet },
    compared: 'memory',
  }
}

export function sizeName(octets: number): string {
  if (octets >= 1_048_576 && octets % 1_048_576 === 0) return `${octets / 1_048_576} MiB`
  return octets >= 1024 && octets % 1024 === 0 ? `${octets / 1024} KiB` : `${octets} B`
}

/** Whether the peer can be measured in it. */
export function takesPart(peer: Peer, { load }: Point): boolean {
  if (load.kind === 'client') return clientIs(peer, load.tls ? 'tls' : 'echo')
  if (load.kind === 'client handshake') return clientIs(peer, 'handshake')
  if (load.kind === 'client idle') return clientIs(peer, 'idle')
  if (load.kind === 'echo' && load.tls) return peer.abilities.includes('tls')
  if (load.kind === 'planned') return peer.abilities.includes('echo') && !peer.raw
  if (load.kind === 'deflate idle') return peer.abilities.includes('deflate') && peer.abilities.includes('idle')
  return peer.abilities.includes(load.kind)
}

function clientIs(peer: Peer, able: ClientAbility): boolean {
  return peer.client?.abilities.includes(able) === true
}

/**
 * Whether what one read brings is large. Such points vary more from run to run: the most that one differs from another without
 * anything being amiss, by how a process gets the pages for it.
 */
export function isLarge({ load }: Point): boolean {
  return 'size' in load && load.size * ('pipeline' in load ? load.pipeline : 1) >= 16_384
}

/** The load of one turn. */
export function loadOf(
  point: Point,
  target: Pick<Target, 'pid' | 'port' | 'warmUp' | 'seconds'> & { readonly raw: boolean; readonly verify: boolean },
): Load {
  return { ...point.load, ...target } as Load
}
