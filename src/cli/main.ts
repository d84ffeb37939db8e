#!/usr/bin/env node
/** The command `framewright`: finds the command that was asked for, runs it, and tells in one line what went wrong. */
import { realpathSync } from 'node:fs'
import { packageVersion } from '../load/package-version.js'
import { closest } from '../suggestion.js'
import { type Command, type CommandGroup, helpOf, helpText } from './command.js'
import { CommandError } from './command-error.js'
import { conform } from './conform/conform.js'
import { connect } from './connect.js'
import { echo } from './echo.js'
import { ExitCode } from './exit-code.js'
import { load } from './load/load.js'
import { print } from './print.js'
import { complain, processTerminal, type Terminal } from './terminal.js'
import { testee } from './testee.js'

type Found = Command | CommandGroup

const commands: readonly Found[] = [echo, connect, conform, load, testee]

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
  if (name === undefined) throw new CommandError(`which command? ${namesOf(commands)}; see framewright --help`)
  if (name === '--help' || name === '-h') return await show(overview())
  if (name === '--version' || name === '-V') return await show(`${packageVersion()}\n`)
  if (name === 'help') return await show(rest[0] === undefined ? overview() : helpText(helped(rest)))
  const { found, args: left } = descend(args)
  const options = left.slice(0, left.includes('--') ? left.indexOf('--') : left.length)
  if (options.includes('--help') || options.includes('-h')) return await show(helpText(found))
  if ('run' in found) return await found.run(left, terminal)
  if (left[0] === undefined) {
    throw new CommandError(
      `${found.name} what? ${namesOf(found.commands, found)}; see framewright ${found.name} --help`,
    )
  }
  throw unknownCommand(left[0], found.commands, found)
}

/** The command or group that these words name, and nothing behind it. */
function helped(words: readonly string[]): Found {
  const { found, args } = descend(words)
  if (args[0] === undefined) return found
  throw 'run' in found
    ? new CommandError(`unexpected argument '${args[0]}'; help takes a command`)
    : unknownCommand(args[0], found.commands, found)
}

/** The command that these words begin with, and the words behind it; a group where its next word is no command. */
function descend(words: readonly string[]): { found: Found; args: readonly string[] } {
  const [name, ...args] = words as [string, ...string[]]
  const found = commands.find(command => command.name === name)
  if (found === undefined) throw unknownCommand(name, commands)
  const below = found.commands?.find(({ name }) => name === `${found.name} ${args[0]}`)
  return below === undefined ? { found, args } : { found: below, args: args.slice(1) }
}

function unknownCommand(name: string, among: readonly Found[], group?: CommandGroup): CommandError {
  const before = group === undefined ? '' : `${group.name} `
  if (name.startsWith('-')) return new CommandError(`unknown option ${name}; see framewright ${before}--help`)
  const near = closest(name, namesIn(among, group))
  const hint = near === undefined ? `there are ${namesOf(among, group)}` : `did you mean ${before}${near}?`
  return new CommandError(`unknown command ${before}${name}; ${hint}`)
}

/** Without the name of the group before them. */
function namesIn(among: readonly Found[], group?: CommandGroup): string[] {
  return among.map(({ name }) => (group === undefined ? name : name.slice(group.name.length + 1)))
}

function namesOf(among: readonly Found[], group?: CommandGroup): string {
  return namesIn(among, group).join(', ')
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
          '3    a server answered, and refused; load --strict: the generator was the bottleneck',
          '4    a server cannot be reached',
          '5    stdout cannot be written to (a closed pipe is no error)',
          '130  cut by Ctrl-C',
        ],
      ],
      [
        'Examples',
        [
          'framewright echo',
          'framewright connect ws://localhost:9001',
          'framewright conform server ws://localhost:9001',
          'framewright load ws://localhost:9001',
          'framewright help connect',
        ],
      ],
    ],
  )
}

/** Resolves when the system has what was written to a stream, or nobody takes it any more. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise(resolve => stream.write('', resolve))
}

/** This file is the program, and not loaded by another. */
function isProgram(): boolean {
  const [, program] = process.argv
  return program !== undefined && realpathSync(program) === import.meta.filename
}

if (isProgram()) {
  void main(process.argv.slice(2), processTerminal()).then(async code => {
    process.exitCode = code
    // After Ctrl-C nothing is waited for any more; else what was printed, and nothing that the program of a scenario has left behind.
    if (code !== ExitCode.interrupted) await Promise.all([process.stdout, process.stderr].map(written))
    process.exit()
  })
}
