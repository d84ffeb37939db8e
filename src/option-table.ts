/**
 * Options, checked by a table: RFC 6455 §10.4 (limits are no limits where a name that is misspelt leaves them away). What
 * an object inherits counts too, but for what was put into Object.prototype, which becomes no option.
 */
import { UsageError } from './errors.js'

/** Says no by throwing. Is not asked about undefined: that is the default. */
export type OptionCheck = (value: unknown, name: string) => void

/** Every option there is, and what is asked of it. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionCheck }

/**
 * The options with exactly the properties of the table, undefined where none was given.
 *
 * @param what - the name of the object, for messages.
 * @throws UsageError WS_INVALID_OPTION: it is no object, or has a property that the table has not; and what the checks
 * throw.
 */
export function readOptions<Options extends object>(
  what: string,
  given: unknown,
  table: OptionTable<Options>,
  section: string,
): Options {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new UsageError('WS_INVALID_OPTION', section, `${what} is an object`)
  }
  const levels = chain(given)
  const unknown = levels.flatMap(Object.keys).find(name => !Object.hasOwn(table, name))
  if (unknown !== undefined) throw new UsageError('WS_INVALID_OPTION', section, `${what} has no option '${unknown}'`)
  const options: Record<string, unknown> = {}
  for (const [name, check] of Object.entries<OptionCheck>(table)) {
    const has = levels.some(level => Object.hasOwn(level, name))
    const value = has ? (given as Record<string, unknown>)[name] : undefined
    if (value !== undefined) check(value, name)
    options[name] = value
  }
  return options as Options
}

/** The object and what it inherits from, but for the last, Object.prototype, of whatever realm. */
function chain(object: object): object[] {
  const levels = [object]
  for (let level = Object.getPrototypeOf(object); level !== null; level = Object.getPrototypeOf(level)) {
    if (Object.getPrototypeOf(level) !== null) levels.push(level)
  }
  return levels
}

/** What of Node's own options was given: undefined is the default, there as here. */
export function given<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options
}

/** The check that a value is what `says` says. */
export function must(holds: (value: unknown) => boolean, section: string, says: string): OptionCheck {
  return (value, name) => {
    if (!holds(value)) throw new UsageError('WS_INVALID_OPTION', section, `${name} is ${says}`)
  }
}

export function isBoolean(value: unknown): value is boolean {
  return typeof value === 'boolean'
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

/** An object that is no array. */
export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** For options that are checked by what uses them. */
export function checkedWhereUsed(): void {}
