/** The points: "64c 20 B p16" is 64 connections, 20 octets, 16 messages under way. */
import {
  clientPoint,
  deflatedIdlePoint,
  deflatePoint,
  type EchoShape,
  echoPoint,
  type Point,
  plannedPoint,
} from './point.js'

const shapes: readonly EchoShape[] = [
  { connections: 64, size: 20, pipeline: 1 },
  { connections: 64, size: 20, pipeline: 16 },
  { connections: 64, size: 20, pipeline: 64 },
  { connections: 64, size: 1024, pipeline: 1 },
  { connections: 64, size: 1024, pipeline: 16 },
  { connections: 64, size: 16_384, pipeline: 1 },
  { connections: 64, size: 65_536, pipeline: 1 },
  { connections: 4, size: 1_048_576, pipeline: 1 },
]

const small = { connections: 64, size: 20, pipeline: 16 }
const middle = { connections: 64, size: 1024, pipeline: 16 }

export const points: readonly Point[] = [
  ...shapes.map(echoPoint),
  echoPoint({ ...small, script: 'ascii' }),
  echoPoint({ ...middle, script: 'ascii' }),
  echoPoint({ ...middle, script: 'cyrillic' }),
  echoPoint({ ...middle, script: 'emoji' }),
  echoPoint({ ...small, tls: true }),
  echoPoint({ connections: 64, size: 16_384, tls: true }),
  plannedPoint(64, 20, 10_000),
  {
    name: 'broadcast 125 B to 500',
    load: { kind: 'broadcast', connections: 500, size: 125, tls: false },
    compared: 'cpu',
  },
  { name: 'handshake', load: { kind: 'handshake', connections: 32, tls: false }, compared: 'cpu' },
  {
    name: 'idle, 5,000 open',
    load: { kind: 'idle', connections: 5000, messagesPerSecond: 0, tls: false },
    compared: 'memory',
  },
  ...shapes.map(clientPoint),
  clientPoint({ ...small, script: 'ascii' }),
  clientPoint({ ...middle, script: 'ascii' }),
  clientPoint({ ...middle, script: 'cyrillic' }),
  clientPoint({ ...middle, script: 'emoji' }),
  clientPoint({ ...small, tls: true }),
  clientPoint({ connections: 64, size: 16_384, tls: true }),
  { name: 'client handshake', load: { kind: 'client handshake', connections: 32, tls: false }, compared: 'cpu' },
  { name: 'client idle, 5,000 open', load: { kind: 'client idle', connections: 5000, tls: false }, compared: 'memory' },
  deflatePoint({ connections: 64, size: 149, pipeline: 1, window: 'empty' }),
  deflatePoint({ connections: 64, size: 149, pipeline: 16, window: 'kept' }),
  deflatePoint({ connections: 64, size: 1024, pipeline: 16, window: 'kept' }),
  deflatePoint({ connections: 64, size: 16_384, pipeline: 1, window: 'kept' }),
  deflatedIdlePoint(1000, 'kept'),
  deflatedIdlePoint(1000, 'empty'),
  deflatedIdlePoint(1000, 'none'),
]

/**
 * The points with one of these names, or with one of these texts in their names, separated by commas; where undefined all but
 * those with compression, of which half the peers know nothing, and which take longer than all others.
 *
 * @throws {Error} for a text that is in no name.
 */
export function choosePoints(texts: string | undefined): readonly Point[] {
  if (texts === undefined) return points.filter(({ load: { kind } }) => kind !== 'deflate' && kind !== 'deflate idle')
  // A name may have a comma in it.
  const named = points.filter(({ name }) => name === texts)
  if (named.length > 0) return named
  const chosen = texts.split(',').flatMap(text => {
    const exact = points.filter(({ name }) => name === text)
    const found = exact.length > 0 ? exact : points.filter(({ name }) => name.includes(text))
    if (found.length === 0) throw new Error(`no point has '${text}' in its name: see --list`)
    return found
  })
  return points.filter(point => chosen.includes(point))
}

/**
 * What the gate before a release measures: messages with compression too, but not their idle connections,
 * which take minutes, and not what goes by a plan, where a server that sleeps between messages costs more for each.
 */
export const gatePoints: readonly Point[] = points.filter(
  ({ load: { kind } }) => kind !== 'deflate idle' && kind !== 'planned',
)
