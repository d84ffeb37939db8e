/** A command of the tool, and how its `--help` is made from what it says of itself. */
import type { OptionTable } from './arguments.js'
import type { ExitCode } from './exit-code.js'
import type { Terminal } from './terminal.js'

export interface Command {
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** What stands behind the name on the command line, such as `URL [options]`. */
  readonly usage: string
  /** Paragraphs below the usage. */
  readonly about: readonly string[]
  readonly options: OptionTable
  /** Further parts: heading and lines. */
  readonly parts: readonly (readonly [heading: string, lines: readonly string[]])[]
  /** Commands below it, as those of a group. */
  readonly commands?: readonly Command[]
  /**
   * Runs it.
   *
   * @param args - what stands behind the command's name.
   * @returns what to exit with; rejects with a CommandError.
   */
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>
}

/** Commands under one name: `framewright conform server`. */
export interface CommandGroup {
  readonly name: string
  readonly summary: string
  /** Paragraphs for its help. */
  readonly about: readonly string[]
  /** Their own names have the group's before them: `conform server`. */
  readonly commands: readonly Command[]
}

/** The text of `framewright COMMAND --help`. */
export function helpText(command: Command | CommandGroup): string {
  if (!('run' in command)) return groupHelp(command)
  const rows = Object.entries(command.options).map(([name, option]) => {
    const letter = option.short === undefined ? '' : `-${option.short}, `
    const value = option.value === undefined ? '' : ` ${option.value}`
    return [`${letter}--${name}${value}`, option.help] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  const options = rows.map(
    ([left, help]) => `${left.padEnd(width)}${help.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
  )
  const below: Command['parts'] = command.commands === undefined ? [] : [['Commands', rowsOf(command)]]
  return helpOf(`framewright ${command.name} ${command.usage}`, command.about, [
    ...below,
    ['Options', options],
    ...command.parts,
  ])
}

function groupHelp(group: CommandGroup): string {
  const { name, about } = group
  const rest = `framewright ${name} COMMAND --help tells all of one of them.`
  return helpOf(`framewright ${name} COMMAND [options]`, [...about, rest], [['Commands', rowsOf(group)]])
}

function rowsOf({ name, commands = [] }: Pick<Command, 'name' | 'commands'>): string[] {
  const names = commands.map(command => command.name.slice(name.length + 1))
  const width = Math.max(...names.map(({ length }) => length)) + 2
  return commands.map(({ summary }, i) => `${names[i]!.padEnd(width)}${summary}`)
}

/** The text of a help: usage, paragraphs, and parts of a heading and lines each. */
export function helpOf(usage: string, about: readonly string[], parts: Command['parts']): string {
  const blocks = parts.map(([heading, lines]) => `${heading}:\n${lines.map(line => `  ${line}`).join('\n')}`)
  return [`Usage: ${usage}`, ...about, ...blocks].join('\n\n').concat('\n')
}
