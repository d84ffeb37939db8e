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
  /**
   * Runs it.
   *
   * @param args - what stands behind the command's name.
   * @returns what to exit with; rejects with a CommandError.
   */
  run(args: readonly string[], terminal: Terminal): Promise<ExitCode>
}

/** The text of `framewright COMMAND --help`. */
export function helpText(command: Command): string {
  const rows = Object.entries(command.options).map(([name, option]) => {
    const letter = option.short === undefined ? '' : `-${option.short}, `
    const value = option.value === undefined ? '' : ` ${option.value}`
    return [`${letter}--${name}${value}`, option.help] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  const options = rows.map(
    ([left, help]) => `${left.padEnd(width)}${help.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
  )
  return helpOf(`framewright ${command.name} ${command.usage}`, command.about, [['Options', options], ...command.parts])
}

/** The text of a help: usage, paragraphs, and parts of a heading and lines each. */
export function helpOf(usage: string, about: readonly string[], parts: Command['parts']): string {
  const blocks = parts.map(([heading, lines]) => `${heading}:\n${lines.map(line => `  ${line}`).join('\n')}`)
  return [`Usage: ${usage}`, ...about, ...blocks].join('\n\n').concat('\n')
}
