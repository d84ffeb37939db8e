/** Files that a load is written to. */
import { access, constants, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { hgrmReport } from '../../load/hgrm-report.js'
import { htmlReport } from '../../load/html-report.js'
import { jsonPieces } from '../../load/json-pieces.js'
import { junitReport } from '../../load/junit-report.js'
import type { LoadReport } from '../../load/report.js'
import { type TimeName, timeNames } from '../../load/tally.js'
import type { Arguments, OptionTable } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { ExitCode } from '../exit-code.js'
import { print } from '../print.js'
import { parseWord } from '../quantity.js'
import { systemReason } from '../system-reason.js'
import type { Terminal } from '../terminal.js'

/** A form that a report is written in, by the name of its option. */
interface Form {
  readonly help: string
  content(report: LoadReport, given: Arguments): string | Iterable<string> | Promise<string>
}

const forms: Readonly<Record<string, Form>> = {
  json: {
    help: "write the report there, with all histograms; '-', here or of one of the next three:\nto stdout, and the summary to stderr",
    content: jsonPieces,
  },
  html: { help: 'write one self-contained HTML page with charts there', content: report => htmlReport(report) },
  junit: {
    help: 'write JUnit XML there: a test for each condition, and what --strict asks for',
    content: (report, given) => junitReport(report, { strict: given.has('strict') }),
  },
  hgrm: {
    help: "write the distribution of round trips, or of what the workload is about, as HdrHistogram's\nplotters read it",
    content: (report, given) => hgrmReport(report, hgrmTime(given)),
  },
}

export const outputOptions: OptionTable = {
  ...Object.fromEntries(Object.entries(forms).map(([name, { help }]) => [name, { value: 'FILE', help }])),
  'hgrm-of': {
    value: 'TIME',
    help: 'of --hgrm: another time, by its name in conditions; rttFromSend is the distribution\nthat is not corrected for coordinated omission',
  },
}

/** Those of them that go to stdout. */
function printed(given: Arguments): readonly string[] {
  return Object.keys(forms).filter(name => given.get(name) === '-')
}

/** Where the summary goes: not among what is read by another program. */
export function summaryStream(given: Arguments): 'stdout' | 'stderr' {
  return printed(given).length === 0 ? 'stdout' : 'stderr'
}

/**
 * Looks whether the files can be written, before a run of which they are to tell.
 *
 * @param inputs - files that are read, and must not be lost.
 * @throws CommandError (as a rejection)
 */
export async function checkOutputs(given: Arguments, inputs: readonly string[] = []): Promise<void> {
  if (hgrmTime(given) !== undefined && !given.has('hgrm')) throw new CommandError('--hgrm-of needs a --hgrm')
  const [one, other] = printed(given)
  if (other !== undefined) throw new CommandError(`--${one} - and --${other} -: only one of them can go to stdout`)
  checkDifferent(given)
  for (const name of Object.keys(forms)) {
    const path = given.get(name)
    if (path !== undefined) await checkOutput(`--${name}`, path, inputs)
  }
}

/** Of two that are one file only the last would be left. */
function checkDifferent(given: Arguments): void {
  const writers = new Map<string, string>()
  for (const name of [...Object.keys(forms), 'samples']) {
    const path = given.get(name)
    if (path === undefined) continue
    const option = `--${name} ${path}`
    const file = resolve(path)
    const other = writers.get(file)
    if (other !== undefined) throw new CommandError(`${other} and ${option}: each needs a file of its own`)
    writers.set(file, option)
  }
}

/**
 * Looks whether a file can be written that an option names: it is left as it is.
 *
 * @param path - `-`: stdout.
 * @param inputs - files that are read, and must not be lost.
 * @throws CommandError (as a rejection)
 */
export async function checkOutput(option: string, path: string, inputs: readonly string[] = []): Promise<void> {
  if (path === '-') return
  if (inputs.some(input => resolve(input) === resolve(path))) {
    throw new CommandError(`${option}: ${path} is read: it would be lost`)
  }
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) throw new CommandError(`${option}: cannot write ${path}: it is a directory`)
  const asked = there === undefined ? dirname(path) : path
  await access(asked, constants.W_OK).catch(error => {
    throw new CommandError(`${option}: cannot write to ${asked}: ${systemReason(error)}`)
  })
}

function hgrmTime(given: Arguments): TimeName | undefined {
  const time = given.get('hgrm-of')
  return time === undefined ? undefined : parseWord('--hgrm-of', time, timeNames)
}

/**
 * Writes what was asked for.
 *
 * @throws CommandError (as a rejection): one could not be made or written, or several; the others have been.
 */
export async function writeOutputs(report: LoadReport, given: Arguments, terminal: Terminal): Promise<void> {
  const failed: CommandError[] = []
  for (const [name, form] of Object.entries(forms)) {
    const path = given.get(name)
    if (path === undefined) continue
    try {
      await writeOutput(`--${name}`, path, await form.content(report, given), terminal)
    } catch (error) {
      failed.push(error instanceof CommandError ? error : notWritten(`--${name}`, path, error))
    }
  }
  const [first] = failed
  if (first !== undefined) throw new CommandError(failed.map(({ message }) => message).join('; '), first.exitCode)
}

/**
 * Writes a file that an option names, piece by piece where it is given so.
 *
 * @param path - `-`: stdout.
 * @throws CommandError (as a rejection)
 */
export async function writeOutput(
  option: string,
  path: string,
  content: string | Iterable<string>,
  terminal: Terminal,
): Promise<void> {
  if (path === '-') {
    for (const piece of typeof content === 'string' ? [content] : content) {
      if (!(await print(terminal, piece))) return
    }
    return
  }
  try {
    await writeFile(path, content)
  } catch (error) {
    throw notWritten(option, path, error)
  }
}

/** What a report cannot be made into, such as a text that is too long for V8, is told as what the system refuses. */
function notWritten(option: string, path: string, error: unknown): CommandError {
  return new CommandError(`${option}: cannot write ${path}: ${systemReason(error)}`, ExitCode.failed)
}
