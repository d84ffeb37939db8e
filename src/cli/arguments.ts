/**
 * Reads a command line by a table of options. Everything that is wrong with it is told in one line that names the option
 * (CommandError); what the values mean is for the commands to say.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { closest } from '../suggestion.js'
import { CommandError } from './command-error.js'

/** An option: with a value, or (without `value`) on or off. */
export interface OptionDescription {
  readonly short?: string
  /** What stands for the value in the help. */
  readonly value?: string
  /** May be given more than once. */
  readonly multiple?: boolean
  /** For the help; further lines are indented below. */
  readonly help: string
}

export type OptionTable = Readonly<Record<string, OptionDescription>>

/** What was found. */
export class Arguments {
  /** What is no option, in order. */
  readonly positionals: readonly string[]
  readonly #values: ReadonlyMap<string, readonly string[]>

  constructor(positionals: readonly string[], values: ReadonlyMap<string, readonly string[]>) {
    this.positionals = positionals
    this.#values = values
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  /** The value of an option; undefined where it was not given. */
  get(name: string): string | undefined {
    return this.#values.get(name)?.[0]
  }

  /** All values of an option that may be given more than once. */
  all(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }
}

/**
 * Reads a command line.
 *
 * @throws CommandError for an option that is not in the table, a value that is missing or not wanted, an option given
 * twice.
 */
export function parseArguments(args: readonly string[], table: OptionTable): Arguments {
  const { tokens } = parseArgs({ args: [...args], options: parseOptions(table), strict: false, tokens: true })
  const positionals: string[] = []
  const values = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(table, token.name) ? table[token.name]! : unknownOption(token.rawName, table)
    const given = values.get(token.name) ?? []
    if (given.length > 0 && option.multiple !== true) throw new CommandError(`${token.rawName} was given twice`)
    given.push(optionValue(token, option))
    values.set(token.name, given)
  }
  return new Arguments(positionals, values)
}

function parseOptions(table: OptionTable): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    Object.entries(table).map(([name, { value, short }]) => {
      const type = value === undefined ? ('boolean' as const) : ('string' as const)
      return [name, short === undefined ? { type, multiple: true } : { type, multiple: true, short }]
    }),
  )
}

function optionValue(
  token: { readonly rawName: string; readonly value?: string | undefined; readonly inlineValue?: boolean | undefined },
  option: OptionDescription,
): string {
  if (option.value === undefined) {
    if (token.value !== undefined) throw new CommandError(`${token.rawName} takes no value`)
    return ''
  }
  // Another option where a value should stand is a value forgotten; --name=-value says that it is meant. A number is none.
  const forgotten = token.value === undefined || (token.inlineValue !== true && /^-\D/.test(token.value))
  if (forgotten) throw new CommandError(`${token.rawName} needs a value: ${token.rawName} ${option.value}`)
  return token.value!
}

function unknownOption(rawName: string, table: OptionTable): never {
  const known = Object.keys(table).map(name => `--${name}`)
  const near = rawName.startsWith('--') ? closest(rawName, known) : undefined
  throw new CommandError(`unknown option ${rawName}${near === undefined ? '' : `; did you mean ${near}?`}`)
}
