/** `framewright echo` in this process, on a free port, for the time of a test. */
import { main } from '../../src/cli/main.js'
import { FakeTerminal } from './fake-terminal.js'

export interface RunningEcho {
  readonly terminal: FakeTerminal
  readonly url: string
  readonly port: number
  /** What it exits with. */
  readonly exit: Promise<number>
}

/** Starts it; it is cut when the test is over. */
export async function runEcho(
  t: { teardown(callback: () => unknown): unknown },
  ...args: readonly string[]
): Promise<RunningEcho> {
  const terminal = new FakeTerminal()
  const exit = main(['echo', '--port', '0', ...args], terminal)
  t.teardown(async () => {
    terminal.interrupt()
    terminal.interrupt()
    await exit
  })
  const failed = exit.then(code => {
    throw new Error(`it exited with ${code}: ${terminal.stderr.text}`)
  })
  failed.catch(() => {})
  const [, url] = await Promise.race([terminal.stdout.until(/^listening on (\S+)\n/), failed])
  return { terminal, url: url!, port: Number(new URL(url!).port), exit }
}
