/** `--reads`, of `framewright echo` and of `framewright connect`: what it takes, and that it says where it does nothing. */
import t from 'tap'
import { main } from '../../src/cli/main.js'
import { tellReads } from '../../src/cli/reads-argument.js'
import { FakeTerminal } from './fake-terminal.js'
import { runEcho } from './running-echo.js'

async function pipe(
  url: string,
  ...args: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = new FakeTerminal()
  terminal.stdin.end('hello\n')
  const code = await main(['connect', url, '--replies', '1', ...args], terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text }
}

t.test('--reads reused at both ends; plain as without it', async t => {
  for (const reads of ['plain', 'reused']) {
    const { url, terminal } = await runEcho(t, '--reads', reads)
    t.same(await pipe(url, '--reads', reads), { code: 0, stdout: 'hello\n', stderr: '' })
    t.equal(terminal.stderr.text, '')
  }
})

t.test('--reads reused with TLS does nothing, and says so', async t => {
  const { url, terminal } = await runEcho(t, '--reads', 'reused', '--tls-self-signed')
  const stderr = '--reads reused is without effect: TLS is always read plainly\n'
  await terminal.stderr.until(/plainly/)
  t.equal(terminal.stderr.text, stderr)
  t.same(await pipe(url, '--reads', 'reused', '--tls-insecure'), { code: 0, stdout: 'hello\n', stderr })
})

t.test('anything else is a mistake', async t => {
  for (const command of [['echo'], ['connect', 'ws://localhost']]) {
    const terminal = new FakeTerminal()
    t.equal(await main([...command, '--reads', 'fast'], terminal), 2)
    t.equal(terminal.stderr.text, `framewright: --reads "fast" is not 'plain' or 'reused'\n`)
  }
})

t.test('a Node in which it does not work', async t => {
  const terminal = new FakeTerminal()
  tellReads(terminal, 'reused', 'plain', false)
  t.equal(terminal.stderr.text, '--reads reused is without effect: it does not work with this Node\n')
})
