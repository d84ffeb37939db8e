/**
 * A benchmark of the load generator as a command: its help, its options, and what it exits with. Each file that is run has one,
 * and nothing else at its top.
 */
import { type OptionDescription, parseArguments } from '../../src/cli/arguments.js'
import { helpOf } from '../../src/cli/command.js'
import { CommandError } from '../../src/cli/command-error.js'
import { parseDuration } from '../../src/cli/quantity.js'
import { type Rounds, readRounds } from '../rounds.js'
import { type Goal, judge } from './goal.js'

export interface BenchOption extends OptionDescription {
  readonly value: string
  /** As it would be given. */
  readonly default?: string
}

export interface Bench {
  /** Of the script in package.json. */
  readonly name: string
  /** Paragraphs of its help. */
  readonly about: readonly string[]
  readonly options: Readonly<Record<string, BenchOption>>
  /** What is given in each; the first is of its defaults. */
  readonly examples: readonly string[]
  /** Measures, and prints what it finds. Returns what it is held to. */
  run(given: Given): Promise<readonly Goal[] | undefined>
}

/** The options of nearly all of them. */
export const turns = {
  rounds: { value: 'N', help: 'how often each is measured, in turns', default: '5' },
  seconds: { value: 'S', help: 'how long each is measured in each turn', default: '3' },
} as const

/** The values of its options: given, or their defaults. */
export class Given {
  readonly #text: (name: string) => string | undefined

  constructor(args: readonly string[], options: Bench['options']) {
    const given = parseArguments(args, options)
    if (given.positionals.length > 0) throw new CommandError(`${given.positionals[0]} is not an option: see --help`)
    this.#text = name => given.get(name) ?? options[name]?.default
  }

  /** Undefined where it was not given, and has no default. */
  find(name: string): string | undefined {
    return this.#text(name)
  }

  text(name: string): string {
    return this.#text(name)!
  }

  /** Several, with commas between. */
  list(name: string): string[] {
    return this.text(name).split(',')
  }

  number(name: string): number {
    return positive(name, this.text(name))
  }

  numbers(name: string): number[] {
    return this.list(name).map(text => positive(name, text))
  }

  /** Milliseconds. */
  time(name: string): number {
    return parseDuration<never>(`--${name}`, this.text(name)) as number
  }

  get rounds(): Rounds {
    return readRounds({ rounds: this.text('rounds'), seconds: this.text('seconds') })
  }
}

function positive(name: string, text: string): number {
  const number = Number(text)
  if (number > 0 && Number.isFinite(number)) return number
  throw new CommandError(`--${name} ${text} is not a number above 0`)
}

export function benchHelp({ name, about, options, examples }: Omit<Bench, 'run'>): string {
  const rows = Object.entries(options).map(([option, { value, help, default: usual }]) => {
    return [`--${option} ${value}`, usual === undefined ? help : `${help} (default ${usual})`] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length), '--help'.length) + 2
  return helpOf(`npm run ${name} -- [options]`, about, [
    ['Options', [...rows, ['--help', 'this text'] as const].map(([left, help]) => left.padEnd(width) + help)],
    ['Examples', examples.map(example => (example === '' ? `npm run ${name}` : `npm run ${name} -- ${example}`))],
    ['Exit codes', ['0  measured, and all goals are held', '1  a goal is NOT HELD', '2  it could not be measured']],
  ])
}

/** Runs it with the command line of this process. */
export async function runBench(bench: Bench, args: readonly string[] = process.argv.slice(2)): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(benchHelp(bench))
    return
  }
  try {
    const goals = await bench.run(new Given(args, bench.options))
    if (goals !== undefined) judge(goals)
  } catch (error) {
    console.error(`${bench.name}: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 2
  }
}
