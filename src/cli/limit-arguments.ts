/** `--limit NAME=VALUE`: the limits and deadlines of connections by the names that they have in the API. */
import type { ServerOptions } from '../api/server-options.js'
import type { DeadlineOptions, LimitOptions } from '../connection/limits.js'
import { closest } from '../suggestion.js'
import { CommandError } from './command-error.js'
import { parseCount, parseDuration, parseSize, parseWord } from './quantity.js'

/** The options of a server that are numbers. */
type ServerLimits = Pick<
  ServerOptions,
  { [Name in keyof ServerOptions]-?: number extends ServerOptions[Name] ? Name : never }[keyof ServerOptions]
>

/** What limits make of a server's options. */
export type LimitArguments = ServerLimits & Pick<ServerOptions, 'limits' | 'deadlines'>

/** How a limit is written. */
interface Form<Value> {
  /** For the help. */
  readonly name: string
  /** @throws CommandError */
  read(what: string, text: string): Value
}

function form<Word extends string = never>(kind: string, parse: typeof parseSize, ...words: Word[]) {
  const name = [kind, ...words.map(word => `'${word}'`)].join(' or ')
  return { name, read: (what: string, text: string) => parse(what, text, words) } satisfies Form<number | Word>
}

const size = form('SIZE', parseSize)
const bound = form('SIZE', parseSize, 'unlimited')
const count = form('COUNT', parseCount)
const boundedCount = form('COUNT', parseCount, 'unlimited')
const time = form('TIME', parseDuration)
const period = form('TIME', parseDuration, 'off')
const overflow: Form<'close' | 'drop' | 'error'> = {
  name: "'close', 'drop' or 'error'",
  read: (what, text) => parseWord(what, text, ['close', 'drop', 'error']),
}

/** Every option that is a limit, so that the compiler misses one that is not here. */
type Forms<Options> = { readonly [Name in keyof Options]-?: Form<NonNullable<Options[Name]>> }

const limits: Forms<LimitOptions> = {
  maxMessageSize: bound,
  maxFrameSize: bound,
  maxFragments: boundedCount,
  receiveQueueMessages: count,
  receiveQueueSize: bound,
  sendHighWaterMark: size,
  maxSendBuffer: bound,
  sendOverflow: overflow,
  maxOutgoingFrameSize: bound,
}

const deadlines: Forms<DeadlineOptions> = {
  pingInterval: period,
  pongTimeout: period,
  closeTimeout: time,
  incompleteMessageTimeout: period,
  idleTimeout: period,
}

const serverLimits: Forms<ServerLimits> = {
  handshakeTimeout: time,
  maxConnections: boundedCount,
  maxPendingHandshakes: boundedCount,
}

const forms: Readonly<Record<string, Form<unknown>>> = { ...limits, ...deadlines, ...serverLimits }

/** The names. */
export const limitNames: readonly string[] = Object.keys(forms)

/** For the help: a line for each form, with the names of what is written so. */
export function limitLines(): string[] {
  const kinds = [...new Set(Object.values(forms).map(({ name }) => name))]
  const width = Math.max(...kinds.map(kind => kind.length)) + 2
  return kinds.flatMap(kind =>
    inLines(limitNames.filter(name => forms[name]!.name === kind)).map(
      (line, index) => `${(index === 0 ? kind : '').padEnd(width)}${line}`,
    ),
  )
}

/**
 * Reads the values of `--limit`.
 *
 * @throws CommandError for a name that is not known or a value that the limit does not take.
 */
export function parseLimits(given: readonly string[]): LimitArguments {
  const values = new Map<string, unknown>()
  for (const text of given) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    if (name === '' || value === '') throw new CommandError(`--limit needs NAME=VALUE, not ${JSON.stringify(text)}`)
    const form = Object.hasOwn(forms, name) ? forms[name]! : unknownLimit(name)
    if (values.has(name)) throw new CommandError(`--limit ${name} was given twice`)
    values.set(name, form.read(`--limit ${name}`, value))
  }
  const of = (table: object) => Object.fromEntries([...values].filter(([name]) => Object.hasOwn(table, name)))
  return { ...of(serverLimits), limits: of(limits), deadlines: of(deadlines) }
}

function unknownLimit(name: string): never {
  const near = closest(name, limitNames)
  const hint = near === undefined ? `there are ${limitNames.join(', ')}` : `did you mean ${near}?`
  throw new CommandError(`--limit: there is no ${JSON.stringify(name)}; ${hint}`)
}

/** Names, with commas between them. */
function inLines(names: readonly string[]): string[] {
  const lines = ['']
  for (const name of names) {
    if (lines.at(-1)!.length + name.length > 80) lines.push('')
    lines[lines.length - 1] += `${name}, `
  }
  return lines.map(line => line.trim()).map((line, index) => (index === lines.length - 1 ? line.slice(0, -1) : line))
}
