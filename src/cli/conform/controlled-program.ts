/** The program that has the client under test, as a child process: orders on its stdin, events on its stdout. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Control } from '../../conformance/control.js'
import { CommandError } from '../command-error.js'
import { systemReason } from '../system-reason.js'

export interface ControlledProgram {
  readonly control: Control
  /** The name that it gives its client. */
  readonly agent: string
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  /** Lets it end: its stdin does; then it is killed after a while. Resolves when it has ended. */
  stop(): Promise<void>
}

/** How long it may take to end once its stdin has: what it still does is of no use. */
const farewell = 1000

/**
 * Starts it; what it writes to stderr goes to ours. Resolves when it says that it is ready.
 *
 * @param within - it has to be ready, in ms.
 * @throws CommandError (as a rejection): it cannot be started, it ended, or said nothing.
 */
export async function startProgram(command: readonly string[], within: number): Promise<ControlledProgram> {
  const [program, ...parameters] = command as [string, ...string[]]
  const name = command.join(' ')
  const child = spawn(program, parameters, { stdio: ['pipe', 'pipe', 'inherit'] })
  const control = new Control(line => child.stdin.write(`${line}\n`))
  child.stdin.on('error', () => {}) // it has ended, which is told once
  createInterface({ input: child.stdout }).on('line', line => control.receive(line))
  const stopped = new Promise<string>(resolve => {
    child.on('error', error => resolve(`cannot be started: ${systemReason(error)}`))
    child.on('close', (code, signal) => resolve(`ended with ${code ?? signal}`))
  })
  let timer: NodeJS.Timeout | undefined
  const silent = new Promise<string>(resolve => {
    timer = setTimeout(resolve, within, `did not say within ${within / 1000} s that it is ready: {"event":"ready"}`)
  })
  const failed = Promise.race([stopped, silent]).then(reason => {
    child.kill('SIGKILL')
    const stray = control.strays[0] === undefined ? '' : `; it said ${JSON.stringify(control.strays[0])}`
    return new CommandError(`${name}: ${reason}${stray}`)
  })
  const agent = await Promise.race([control.ready, failed])
  clearTimeout(timer)
  if (agent instanceof CommandError) throw agent
  const stop = async () => {
    child.stdin.end()
    const late = setTimeout(() => child.kill('SIGKILL'), farewell)
    await stopped
    clearTimeout(late)
  }
  return { control, agent, ended: stopped.then(() => {}), stop }
}
