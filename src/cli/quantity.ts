/** Sizes, times and ports as people write them: `64MiB`, `20s`, `9001`. */
import { CommandError } from './command-error.js'

const octetsPer: Readonly<Record<string, number>> = { '': 1, b: 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 }
const millisecondsPer: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, min: 60_000 }

/**
 * Octets: `1048576`, `64KiB`, `16MiB`, `1GiB`.
 *
 * @param what - names the option in the message.
 * @throws CommandError
 */
export function parseSize(what: string, text: string): number {
  return amount(text, octetsPer) ?? wrong(what, text, 'a size such as 1048576, 64KiB or 16MiB')
}

/**
 * Milliseconds: `500`, `500ms`, `20s`, `2min`.
 *
 * @throws CommandError
 */
export function parseDuration(what: string, text: string): number {
  return amount(text, millisecondsPer) ?? wrong(what, text, 'a time such as 500ms, 20s or 2min')
}

/**
 * A number of things.
 *
 * @throws CommandError
 */
export function parseCount(what: string, text: string): number {
  return amount(text, { '': 1 }) ?? wrong(what, text, 'a whole number')
}

/**
 * A TCP port, 0 to 65535.
 *
 * @throws CommandError
 */
export function parsePort(what: string, text: string): number {
  const port = amount(text, { '': 1 })
  return port !== undefined && port <= 65_535 ? port : wrong(what, text, 'a port from 0 to 65535')
}

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit] = /^(\d{1,15})([a-z]*)$/i.exec(text) ?? []
  const factor = Object.hasOwn(units, unit?.toLowerCase() ?? '?') ? units[unit!.toLowerCase()] : undefined
  const product = factor === undefined ? Number.NaN : Number(digits) * factor
  return Number.isSafeInteger(product) ? product : undefined
}

function wrong(what: string, text: string, wanted: string): never {
  throw new CommandError(`${what} ${JSON.stringify(text)} is not ${wanted}`)
}
