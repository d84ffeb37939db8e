/** `--limit NAME=VALUE`: the limits and deadlines of connections by the names that they have in the API. */
import type { ServerOptions } from '../api/server-options.js'
import type { DeadlineOptions, LimitOptions } from '../connection/limits.js'
import { CommandError } from './command-error.js'
import { parseCount, parseDuration, parseSize } from './quantity.js'
import { closest } from './suggestion.js'

/** What limits make of a server's options; the values are checked by the server. */
export type LimitArguments = Pick<
  ServerOptions,
  'limits' | 'deadlines' | 'maxConnections' | 'maxPendingHandshakes' | 'handshakeTimeout'
>

type Place = 'limits' | 'deadlines' | 'server'
type Kind = 'size' | 'count' | 'time' | 'word'

const places: Readonly<Record<string, readonly [Place, Kind]>> = {
  maxMessageSize: ['limits', 'size'],
  maxFrameSize: ['limits', 'size'],
  maxFragments: ['limits', 'count'],
  sendHighWaterMark: ['limits', 'size'],
  maxSendBuffer: ['limits', 'size'],
  sendOverflow: ['limits', 'word'],
  maxOutgoingFrameSize: ['limits', 'size'],
  pingInterval: ['deadlines', 'time'],
  pongTimeout: ['deadlines', 'time'],
  closeTimeout: ['deadlines', 'time'],
  incompleteMessageTimeout: ['deadlines', 'time'],
  idleTimeout: ['deadlines', 'time'],
  maxConnections: ['server', 'count'],
  maxPendingHandshakes: ['server', 'count'],
  handshakeTimeout: ['server', 'time'],
}

/** The names, for the help. */
export const limitNames: readonly string[] = Object.keys(places)

/**
 * Reads the values of `--limit`.
 *
 * @throws CommandError for a name that is not known or a value that is no size, time or count.
 */
export function parseLimits(given: readonly string[]): LimitArguments {
  const found: Record<Place, Record<string, number | string>> = { limits: {}, deadlines: {}, server: {} }
  for (const text of given) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    if (name === '' || value === '') throw new CommandError(`--limit needs NAME=VALUE, not ${JSON.stringify(text)}`)
    const [place, kind] = Object.hasOwn(places, name) ? places[name]! : unknownLimit(name)
    if (Object.hasOwn(found[place], name)) throw new CommandError(`--limit ${name} was given twice`)
    found[place][name] = limitValue(name, kind, value)
  }
  return {
    limits: found.limits as LimitOptions,
    deadlines: found.deadlines as DeadlineOptions,
    ...(found.server as Omit<LimitArguments, 'limits' | 'deadlines'>),
  }
}

/** Words (`unlimited`, `off`, a policy) are for the server to judge. */
function limitValue(name: string, kind: Kind, value: string): number | string {
  if (kind === 'word' || /^[a-z]+$/.test(value)) return value
  const parse = { size: parseSize, count: parseCount, time: parseDuration }[kind]
  return parse(`--limit ${name}`, value)
}

function unknownLimit(name: string): never {
  const near = closest(name, limitNames)
  const hint = near === undefined ? `there are ${limitNames.join(', ')}` : `did you mean ${near}?`
  throw new CommandError(`unknown limit ${JSON.stringify(name)}; ${hint}`)
}
