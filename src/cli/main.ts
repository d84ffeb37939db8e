#!/usr/bin/env node
/** The command `framewright`: finds the command that was asked for, runs it, and tells in one line what went wrong. */
import { readFileSync, realpathSync } from 'node:fs'
import type { Command } from './command.js'
import { helpOf, helpText } from './command.js'
import { CommandError } from './command-error.js'
import { connect } from './connect.js'
import { echo } from './echo.js'
import { ExitCode } from './exit-code.js'
import { print } from './print.js'
import { closest } from './suggestion.js'
import { complain, processTerminal, type Terminal } from './terminal.js'

const commands: readonly Command[] = [echo, connect]

/**
 * Runs a command line.
 *
 * @param args - what stands behind `framewright`.
 * @returns what to exit with.
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  // Whoever prints is told of it where it matters; about stderr nobody can be told.
  for (const stream of [terminal.stdout, terminal.stderr]) stream.on('error', () => {})
  try {
    return await dispatch(args, terminal)
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    complain(terminal, error.message)
    return error.exitCode
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [name, ...rest] = args
  const show = async (text: string) => {
    await print(terminal, text)
    return ExitCode.ok
  }
  if (name === undefined) throw new CommandError(`which command? ${names.join(', ')}; see framewright --help`)
  if (name === '--help' || name === '-h') return await show(overview())
  if (name === '--version' || name === '-V') return await show(`${version()}\n`)
  if (name === 'help') return rest[0] === undefined ? await show(overview()) : await show(helpText(find(rest[0])))
  const command = find(name)
  const options = rest.slice(0, rest.includes('--') ? rest.indexOf('--') : rest.length)
  if (options.includes('--help') || options.includes('-h')) return await show(helpText(command))
  return await command.run(rest, terminal)
}

const names: readonly string[] = commands.map(command => command.name)

function find(name: string): Command {
  const command = commands.find(command => command.name === name)
  if (command !== undefined) return command
  if (name.startsWith('-')) throw new CommandError(`unknown option ${name}; see framewright --help`)
  const near = closest(name, names)
  throw new CommandError(
    `unknown command ${name}; ${near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`}`,
  )
}

function overview(): string {
  return helpOf(
    'framewright COMMAND [options]',
    [],
    [
      ['Commands', commands.map(({ name, summary }) => `${name.padEnd(10)}${summary}`)],
      [
        'Options',
        ['-h, --help      this text; framewright COMMAND --help tells all of a command', '-V, --version   the version'],
      ],
      [
        'Exit codes',
        [
          '0    all is well',
          '1    it ran, and did not end well',
          '2    the command line is wrong, or the input',
          '3    a server answered, and refused',
          '4    a server cannot be reached',
          '5    stdout cannot be written to (a closed pipe is no error)',
          '130  cut by Ctrl-C',
        ],
      ],
      ['Examples', ['framewright echo', 'framewright connect ws://localhost:9001', 'framewright help connect']],
    ],
  )
}

function version(): string {
  const file = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(file) as { version: string }).version
}

/** This file is the program, and not loaded by another. */
function isProgram(): boolean {
  const [, program] = process.argv
  return program !== undefined && realpathSync(program) === import.meta.filename
}

if (isProgram()) {
  void main(process.argv.slice(2), processTerminal()).then(code => {
    process.exitCode = code
    // Nothing is waited for any more.
    if (code === ExitCode.interrupted) process.exit()
  })
}
