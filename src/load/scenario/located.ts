/** Values of a document with the places where they stand, and what is wrong with them said with the place. */
import { UsageError } from '../../errors.js'
import { instead } from '../condition.js'
import { most } from '../load-amounts.js'

/** Text, numbers, booleans, null; lists; mappings. */
export interface Located {
  /** For messages: `chat.yaml:12:7: think`. */
  readonly place: string
  readonly value: string | number | boolean | null | readonly Located[] | ReadonlyMap<string, Located>
  /** Written by hand, in a file: times have a unit there. */
  readonly written?: boolean
}

/** Lists and mappings within each other: no scenario has as many, but something that has itself in it. */
export const deepest = 32

/**
 * Values of a program.
 *
 * @param place - what they are.
 * @param depth - lists and mappings around them.
 */
export function locate(value: unknown, place: string, depth = 0): Located {
  if (depth > deepest) throw tooDeep(place)
  if (Array.isArray(value)) return { place, value: value.map((one, i) => locate(one, `${place}[${i}]`, depth + 1)) }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined)
    return { place, value: new Map(entries.map(([key, one]) => [key, locate(one, `${place}.${key}`, depth + 1)])) }
  }
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return { place, value }
  }
  throw wrong(`${place}: a ${typeof value}, where only data can be`)
}

export function tooDeep(place: string): UsageError {
  return wrong(`${place}: expected ${deepest} lists and mappings within each other at most, and this is deeper`)
}

/** @param message - with its place. */
export function wrong(message: string): UsageError {
  return new UsageError('WS_INVALID_OPTION', '6.1', message)
}

/** @throws UsageError that names the place, what was expected, and what stands there. */
export function expected({ place, value }: Located, what: string): never {
  const shown =
    value instanceof Map ? 'a mapping' : Array.isArray(value) ? 'a list' : String(JSON.stringify(value)).slice(0, 60)
  throw wrong(`${place}: expected ${what}, got ${shown}`)
}

export function text(node: Located): string {
  return typeof node.value === 'string' ? node.value : expected(node, 'text')
}

/** What can stand for text where a file is written by hand: numbers and booleans too. */
export function scalar(node: Located): string {
  const { value } = node
  const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
  return plain ? String(value) : expected(node, 'text, a number, true, false or null')
}

export function whole(node: Located, least: number, most = Number.POSITIVE_INFINITY): number {
  const { value } = node
  const holds = typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
  return holds
    ? value
    : expected(node, `a whole number from ${least} ${most === Number.POSITIVE_INFINITY ? 'on' : `to ${most}`}`)
}

export function flag(node: Located): boolean {
  return typeof node.value === 'boolean' ? node.value : expected(node, 'true or false')
}

export function list(node: Located, of: string, least = 1): readonly Located[] {
  const { value } = node
  return Array.isArray(value) && value.length >= least ? value : expected(node, `a list of ${of}`)
}

export function mapping(node: Located, of: string): ReadonlyMap<string, Located> {
  return node.value instanceof Map ? node.value : expected(node, `a mapping of ${of}`)
}

/** A mapping with these keys and no others. */
export function fields<Name extends string>(
  node: Located,
  names: readonly Name[],
): Readonly<Partial<Record<Name, Located>>> {
  const found = mapping(node, names.join(', '))
  for (const [key, { place }] of found) {
    if (!names.some(name => name === key)) throw wrong(`${place}: there is no such key; ${instead(key, names)}`)
  }
  return Object.fromEntries(found) as Partial<Record<Name, Located>>
}

const unit: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }
const longest = 2 ** 31 - 1

/** Milliseconds: `500ms`, `1.5s`, `2min`, `1h`; in a program also a number of them. */
export function time(node: Located, least = 0): number {
  const { value } = node
  const [, digits, name = ''] = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(String(value)) ?? []
  const plain = Number(digits) === 0 || (typeof value === 'number' && node.written !== true)
  if (digits !== undefined && name === '' && !plain) expected(node, `a time with its unit: ${digits}s or ${digits}ms`)
  const milliseconds = Number(digits) * (name === '' ? 1 : (unit[name] ?? Number.NaN))
  const holds = typeof value !== 'boolean' && milliseconds >= least && milliseconds <= longest
  return holds ? milliseconds : expected(node, `a time such as 500ms, 2s or 1min${least > 0 ? ', above 0' : ''}`)
}

const sizes: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }

/** Octets of a message: a number of them, or `64KiB`, `1.5MiB`, `1GiB`. */
export function octets(node: Located): number {
  const [, digits, name = ''] = /^(\d+(?:\.\d+)?)([KMG]iB)?$/.exec(String(node.value)) ?? []
  const count = Number(digits) * sizes[name]!
  const holds = Number.isInteger(count) && count <= most.size
  return holds
    ? count
    : expected(node, `a number of octets such as 128, 64KiB or 1MiB, at most ${most.size / 2 ** 30}GiB`)
}

/** From 0 to 1: a number, or `30%`. */
export function share(node: Located): number {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%)?$/.exec(String(node.value)) ?? []
  const part = percent === undefined ? Number(digits) : Number(digits) / 100
  return part <= 1 ? part : expected(node, 'a share such as 30% or 0.3')
}

/** Two times with two dots between, or one. */
export function timeRange(node: Located): { readonly from: number; readonly to: number } {
  const { place, value } = node
  const [, from, to] = /^(.+)\.\.(.+)$/.exec(String(value)) ?? []
  if (from === undefined) return { from: time(node), to: time(node) }
  const range = { from: time({ place, value: from }), to: time({ place, value: to! }) }
  return range.from <= range.to ? range : expected(node, `the shorter time first: ${to}..${from}`)
}

/** Things a second: a number, `500/s`, or what goes from one to another: `0..500/s`. */
export function rate(node: Located): { readonly from: number; readonly to: number } {
  const [, from, to = from] = /^(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?(?:\/s)?$/.exec(String(node.value)) ?? []
  if (from === undefined) expected(node, 'a rate such as 500/s, or one that changes: 0..500/s')
  return { from: Number(from), to: Number(to) }
}

/** A regular expression that can be used. */
export function regExp(node: Located): string {
  const source = text(node)
  try {
    new RegExp(source, 'u')
    return source
  } catch (error) {
    throw wrong(
      `${node.place}: expected a regular expression, got ${JSON.stringify(source)}: ${(error as Error).message}`,
    )
  }
}

/** Data again, for JSON. */
export function plain({ value }: Located): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]))
  return Array.isArray(value) ? value.map(one => plain(one)) : value
}
