/** `--prometheus`, `--remote-write`, `--otlp`, `--statsd`: what is wrong is told before the run, and what goes wrong does not end it. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../src/cli/main.js'
import { collector, freePort, statsd } from '../../load/export/receivers.js'
import { echo, serve } from '../../load/known-servers.js'
import { FakeTerminal } from '../fake-terminal.js'

const brief = ['--duration', '200ms', '--warm-up', '0', '--connections', '4', '--rate', '100', '--quiet']

async function run(args: readonly string[], env: Record<string, string> = {}) {
  const terminal = new FakeTerminal({ env })
  const code = await main(['load', ...args], terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text }
}

t.test('all four at once, each at its receiver', async t => {
  const server = await serve(t, echo)
  const otlp = await collector(t)
  const remote = await collector(t)
  const udp = await statsd(t)
  const where = [
    '--prometheus',
    'localhost:0',
    '--remote-write',
    remote.url,
    '--otlp',
    otlp.url,
    '--statsd',
    `127.0.0.1:${udp.port}`,
  ]
  const env = {
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x, tenant = a=b,',
    PROMETHEUS_REMOTE_WRITE_HEADERS: 'x-scope-orgid=7',
  }
  const { code, stderr } = await run([server.url, ...brief, ...where], env)
  t.equal(code, 0)
  // A busy machine may take a second for the last figures, which is told.
  const told = stderr.replace(/^waiting for .*; Ctrl-C ends that\n/gm, '')
  t.match(told, /^the figures for Prometheus are at http:\/\/localhost:\d+\/metrics\n$/)
  t.match(otlp.pushed.at(-1)?.headers, { authorization: 'Bearer x', tenant: 'a=b' })
  t.match(remote.pushed.at(-1), { path: '/api/v1/write', headers: { 'x-scope-orgid': '7' } })
  await udp.until(datagrams => datagrams.some(text => text.includes('framewright.load.received:')))
})

t.test('nobody takes the figures: told while it runs, and the run goes on', async t => {
  const server = await serve(t, echo)
  const port = await freePort()
  const where = ['--otlp', `http://127.0.0.1:${port}`, '--statsd', `[::ffff:127.0.0.1]:${port}`]
  const { code, stdout, stderr } = await run([server.url, ...brief, ...where])
  t.equal(code, 0)
  t.match(stdout, /\n {2}received +20 /)
  t.match(stderr, /^the figures cannot be pushed to http:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED/m)
})

t.test('Ctrl-C behind the run: nobody waits for who takes no figures, and nothing is lost', async t => {
  const server = await serve(t, echo)
  const silent = await collector(t, () => {})
  const json = join(t.testdir(), 'run.json')
  const terminal = new FakeTerminal()
  const ran = main(['load', server.url, ...brief, '--otlp', silent.url, '--json', json], terminal)
  await terminal.stderr.until(/to take the last figures; Ctrl-C ends that\n/)
  t.equal(terminal.stdout.text, '')
  terminal.interrupt()
  t.equal(await ran, 130)
  t.equal(
    terminal.stderr.text,
    `waiting for ${silent.url} to take the last figures; Ctrl-C ends that\n` +
      `the figures cannot be pushed to ${silent.url}: its answer was not waited for\n`,
  )
  t.match(terminal.stdout.text, /\nmeasured for 200 ms\n[^\0]*\n {2}received +20 /)
  t.match(JSON.parse(readFileSync(json, 'utf8')), { counts: { received: 20 } })
  t.equal(terminal.interruptible, 0)
})

t.test('what a server or a receiver says cannot change the terminal', async t => {
  const server = await serve(t, echo)
  const rude = await collector(t, response => void response.writeHead(503).end('\x1b]0;owned\x07\x9b2J'))
  const terminal = new FakeTerminal()
  const args = ['load', server.url, ...brief, '--otlp', rude.url, '--server-metrics', `${rude.url}/metrics`]
  t.equal(await main(args, terminal), 0)
  const said = 'it answered 503: \\x1b]0;owned\\x07\\x9b2J\n'
  t.ok(terminal.stderr.text.includes(`the server's metrics at ${rude.url}/metrics cannot be had: ${said}`))
  t.ok(terminal.stderr.text.includes(`the figures cannot be pushed to ${rude.url}: ${said}`))
})

t.test('a port that is taken ends it before it begins', async t => {
  const server = await serve(t, () => t.fail('a message'))
  const taken = createServer().listen(0)
  await new Promise(resolve => taken.once('listening', resolve))
  t.teardown(() => taken.close())
  const { port } = taken.address() as { port: number }
  // Nothing is said of connections that are opened, for none is.
  const told = brief.filter(option => option !== '--quiet')
  const { code, stderr } = await run([server.url, ...told, '--prometheus', `:${port}`])
  t.equal(code, 2)
  t.equal(stderr, `framewright: --prometheus :${port}: cannot listen there: address already in use\n`)
})

const refused: [string[], string, Record<string, string>?][] = [
  [['--prometheus', 'a b'], '--prometheus "a b" is not a host and a port, such as :9464'],
  [['--prometheus', ''], '--prometheus "" is not a host and a port, such as :9464'],
  [['--prometheus', ':70000'], '--prometheus "70000" is not a port from 0 to 65535'],
  [['--statsd', '[::1'], '--statsd "[::1" is not a host and a port, such as 127.0.0.1:8125'],
  [
    ['--otlp', 'localhost:4318'],
    '--otlp "localhost:4318" is not the URL of a collector, such as http://127.0.0.1:4318',
  ],
  [['--remote-write', 'http://'], '--remote-write "http://" is not a URL such as http://127.0.0.1:9090/api/v1/write'],
  [
    ['--remote-write', 'http://a'],
    'PROMETHEUS_REMOTE_WRITE_HEADERS: "b" is not name=value',
    { PROMETHEUS_REMOTE_WRITE_HEADERS: 'b' },
  ],
  [['--otlp', 'http://'], '--otlp "http://" is not the URL of a collector, such as http://127.0.0.1:4318'],
  [['--otlp', 'http://a'], 'OTEL_EXPORTER_OTLP_HEADERS: "b" is not name=value', { OTEL_EXPORTER_OTLP_HEADERS: 'b' }],
  [
    ['--otlp', 'http://a'],
    'OTEL_EXPORTER_OTLP_HEADERS: "%" is not encoded as in a URL',
    { OTEL_EXPORTER_OTLP_HEADERS: 'a=%' },
  ],
]
for (const [args, message, env] of refused) {
  t.test(`refused: ${message}`, async t => {
    t.same(await run(['ws://127.0.0.1:1', ...args], env), { code: 2, stdout: '', stderr: `framewright: ${message}\n` })
  })
}
