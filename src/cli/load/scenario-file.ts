/** Scenario files on the command line: YAML and JSON are read, JavaScript is run. */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect, promisify } from 'node:util'
import type { UsageError } from '../../errors.js'
import type { LoadOptions } from '../../load/load-options.js'
import { parseReport } from '../../load/parse-report.js'
import { type ScenarioText, scenarioSettings } from '../../load/scenario/parse-scenario.js'
import type { Scenario } from '../../load/scenario/scenario.js'
import type { ThreadSettings } from '../../load/thread-settings.js'
import type { Arguments } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { dialOptions } from '../dial-arguments.js'
import { textFile } from '../text-file.js'
import { loadOptions } from './load-arguments.js'
import { inOptions } from './option-names.js'

/** Those options of a load that go with a scenario. */
const allowed: readonly string[] = [
  'threads',
  'seed',
  'drain',
  'warm-up',
  'opening',
  'shard',
  'start-at',
  'source-addresses',
  'fail-if',
  'abort-on-fail',
  'server-pid',
  'server-cgroup',
  'server-metrics',
  'server-metric',
  'socket',
  ...Object.keys(dialOptions),
]

/** What is run, TypeScript where Node does that by itself. */
const program = /\.[cm]?[jt]s$/i

/** Whether an argument names a scenario, and not a server. */
export function isScenarioFile(argument: string): boolean {
  return (/\.(ya?ml|json)$/i.test(argument) || program.test(argument)) && !/^(?:wss?|https?):/i.test(argument)
}

/**
 * Understands a scenario file.
 *
 * @param url - where to, instead of what it says.
 * @param options - what the command line says; counts more than what the file says.
 * @throws CommandError (as a rejection): the file cannot be read, or is none; in its first line with name, line and column.
 */
export async function scenarioFile(
  path: string,
  url: string | undefined,
  given: Arguments,
  options: LoadOptions,
): Promise<ThreadSettings> {
  const other = Object.keys(loadOptions).find(name => given.has(name) && !allowed.includes(name))
  if (other !== undefined) throw new CommandError(`--${other} does not go with a scenario: it stands in ${path}`)
  const { threads, drain, warmUp, opening, shard, startAt, sourceAddresses, failIf, abortOnFail, connect } = options
  const { serverPid, serverCgroup, serverMetrics } = options
  const server = { serverPid, serverCgroup, serverMetrics }
  const taken = { threads, drain, warmUp, opening, shard, startAt, sourceAddresses, failIf, abortOnFail, connect }
  const scenario = await scenarioIn(path)
  try {
    return scenarioSettings(scenario, { ...taken, ...server, seed: options.seed }, url)
  } catch (error) {
    const { message } = error as UsageError
    const isText = 'text' in scenario
    // What is wrong with an option stands at no place of the scenario.
    if (!message.startsWith(isText ? path : 'scenario')) throw new CommandError(inOptions(message, loadOptions))
    throw new CommandError(isText ? message : `${path}: ${message}`)
  }
}

async function scenarioIn(path: string): Promise<Scenario | ScenarioText> {
  if (!program.test(path)) {
    const text = await textFile('load', path)
    if (parseReport(text) === undefined) return { text, name: path }
    throw new CommandError(
      `${path} is the report of a load, and no scenario: framewright load merge ${path} shows it, load compare compares it`,
    )
  }
  const module = await imported(path)
  const { default: scenario } = module
  if (typeof scenario === 'object' && scenario !== null) return scenario as Scenario
  throw new CommandError(`${path}: expected a scenario: export default defineScenario({ … })`)
}

async function imported(path: string): Promise<{ readonly default?: unknown }> {
  const program = import(pathToFileURL(resolve(path)).href).catch(async error => {
    // Anything can be thrown.
    if (!(error instanceof Error)) throw new CommandError(`${path}: cannot be run: it throws ${inspect(error)}`)
    const { code, message } = error as NodeJS.ErrnoException
    const hint = code === 'ERR_UNKNOWN_FILE_EXTENSION' ? '; Node runs TypeScript from 22.18 on' : ''
    throw new CommandError(`${await placeIn(path, error)}: cannot be run: ${message}${hint}`)
  })
  // Nothing goes on any more, so nothing will come: Node would end without a word.
  let idle!: () => void
  const never = new Promise<never>((_, reject) => {
    idle = () => reject(new CommandError(`${path}: cannot be run: it waits for what never comes (await)`))
  })
  process.once('beforeExit', idle)
  try {
    return await Promise.race([program, never])
  } finally {
    process.off('beforeExit', idle)
  }
}

/** The file, and the line where that is known. */
async function placeIn(path: string, error: Error): Promise<string> {
  const { href } = pathToFileURL(resolve(path))
  const told = error instanceof SyntaxError ? await checked(path) : String(error.stack)
  const [, place = ''] = new RegExp(`(?:${literal(href)}|${literal(resolve(path))})(:\\d+)`).exec(told) ?? []
  return `${path}${place}`
}

/** What Node says of a file that it cannot read: the error itself has no line. */
async function checked(path: string): Promise<string> {
  return await promisify(execFile)(process.execPath, ['--check', path]).then(
    () => '',
    ({ stderr }) => String(stderr),
  )
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
