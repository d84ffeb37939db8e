/**
 * npm run test:conformance: the whole conformance suite put to our own server and our own client, as their users have them,
 * over TCP and over TLS. In processes of their own and one way after the other, so that large messages and slow readers
 * have the machine to themselves; the tests run what takes less. Exits 1 when a case is not PASS.
 */
import { CommandProcess } from '../cli/command-process.js'

type Way = (start: (...args: string[]) => CommandProcess) => Promise<CommandProcess>

/** Over TLS each case once: cut into octets and frames, what goes into its records is what goes over TCP. */
const wholeOverTls = ['--profile', 'all', '--not', '*@*', '--not', '7692/5/*-of-*', '--not', '6455/6.2/thousand-*']
const tls = '--tls-self-signed'
const anyCertificate = '--tls-insecure'

/** [what, how it is judged: the process that judges] */
const ways: readonly (readonly [what: string, way: Way])[] = [
  ['server over TCP', start => server(start, [], ['--profile', 'all'])],
  ['server over TLS', start => server(start, [tls], [...wholeOverTls, anyCertificate])],
  ['client over TCP', start => client(start, ['--profile', 'all'], [])],
  ['client over TLS', start => client(start, [...wholeOverTls, tls], [anyCertificate])],
]

async function server(start: Parameters<Way>[0], options: string[], judging: string[]): Promise<CommandProcess> {
  const echo = start('echo', '--port', '0', '--deflate', '--allow-origin', 'any', ...options)
  const [, url] = await echo.until(/(wss?:\/\/[^\s/]+)/)
  return start('conform', 'server', url!.replace('127.0.0.1', 'localhost'), ...judging)
}

async function client(start: Parameters<Way>[0], judging: string[], options: string[]): Promise<CommandProcess> {
  const judge = start('conform', 'client', '--port', '0', ...judging)
  const [, url] = await judge.untilTold(/listening on (wss?:\/\/[^\s/]+): /)
  start('testee', url!, '--deflate', ...options)
  return judge
}

let passed = true
for (const [what, way] of ways) {
  const ends: (() => unknown)[] = []
  const judge = await way((...args) => new CommandProcess({ teardown: end => ends.push(end) }, args))
  const { code } = await judge.ended
  const [line = ''] = /[^\n]*\n$/.exec(judge.stdout) ?? []
  const whole = code === 0 && /^PASS \d+: /.test(line)
  console.log(whole ? `our ${what}: ${line.trimEnd()}` : `our ${what} FAILED:\n${judge.stdout}${judge.stderr}`)
  passed &&= whole
  for (const end of ends) await end()
}
process.exitCode = passed ? 0 : 1
