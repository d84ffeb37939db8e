/** Sizes, times, counts and ports as people write them: `64MiB`, `20s`, `9001`; or a word that stands for none. */
import { CommandError } from './command-error.js'

const octetsPer: Readonly<Record<string, number>> = { '': 1, b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 }
const millisecondsPer: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 }

// Node's timers hold 2^31 - 1 ms.
const longestTime = 2 ** 31 - 1

/** Octets: `1048576`, `64KiB`, `16MiB`, `1GiB`; undefined for what is none of these. */
export function octetsOf(text: string): number | undefined {
  return amount(text, octetsPer)
}

/**
 * Octets, at least one.
 *
 * @param what - names the option in the message.
 * @param words - what may stand there instead.
 * @throws CommandError
 */
export function parseSize<Word extends string = never>(
  what: string,
  text: string,
  words: readonly Word[] = [],
): number | Word {
  const size = octetsOf(text)
  if (size !== undefined && size > 0) return size
  return wordOf(what, text, words, 'a size of at least one octet (1048576, 64KiB, 16MiB, …)')
}

/**
 * Milliseconds: `500ms`, `20s`, `2min`, `1h`; `0` alone needs no unit.
 *
 * @param least - the shortest time that may stand there.
 * @param longest - the longest one: as a whole number of hours it is told.
 * @throws CommandError
 */
export function parseDuration<Word extends string = never>(
  what: string,
  text: string,
  words: readonly Word[] = [],
  least = 1,
  longest = longestTime,
): number | Word {
  if (/^0*[1-9]\d*$/.test(text)) throw new CommandError(`${what} ${text} has no unit: ${text}s or ${text}ms?`)
  const time = /^0+$/.test(text) ? 0 : amount(text, millisecondsPer)
  if (time !== undefined && time >= least && time <= longest) return time
  const hours = Math.floor(longest / millisecondsPer['h']!)
  return wordOf(what, text, words, `a time from ${least}ms to ${hours}h (500ms, 20s, 2min, …)`)
}

/**
 * A number of things.
 *
 * @param least - the smallest number that may stand there.
 * @param most - the largest one.
 * @throws CommandError
 */
export function parseCount<Word extends string = never>(
  what: string,
  text: string,
  words: readonly Word[] = [],
  least = 1,
  most = Number.POSITIVE_INFINITY,
): number | Word {
  const count = amount(text, { '': 1 })
  if (count !== undefined && count >= least && count <= most) return count
  return wordOf(
    what,
    text,
    words,
    `a whole number from ${least} ${most === Number.POSITIVE_INFINITY ? 'on' : `to ${most}`}`,
  )
}

/**
 * One of these words.
 *
 * @throws CommandError
 */
export function parseWord<Word extends string>(what: string, text: string, words: readonly Word[]): Word {
  return wordOf(what, text, words)
}

/**
 * A TCP port, 0 to 65535.
 *
 * @throws CommandError
 */
export function parsePort(what: string, text: string): number {
  const port = amount(text, { '': 1 })
  return port !== undefined && port <= 65_535 ? port : wordOf(what, text, [], 'a port from 0 to 65535')
}

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit] = /^(\d{1,15})([a-z]*)$/i.exec(text) ?? []
  const factor = Object.hasOwn(units, unit?.toLowerCase() ?? '?') ? units[unit!.toLowerCase()] : undefined
  const product = factor === undefined ? Number.NaN : Number(digits) * factor
  return Number.isSafeInteger(product) ? product : undefined
}

/** @param wanted - what else would do. */
function wordOf<Word extends string>(what: string, text: string, words: readonly Word[], ...wanted: string[]): Word {
  const word = words.find(word => word === text)
  if (word !== undefined) return word
  const choice = new Intl.ListFormat('en-GB', { type: 'disjunction' }).format([
    ...wanted,
    ...words.map(word => `'${word}'`),
  ])
  throw new CommandError(`${what} ${JSON.stringify(text)} is not ${choice}`)
}
