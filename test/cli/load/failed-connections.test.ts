/** Why connections of a load could not be opened, and what to do about it: as much as `framewright connect` tells. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { main } from '../../../src/cli/main.js'
import type { ServerOptions } from '../../../src/index.js'
import { echo, serve } from '../../load/known-servers.js'
import { FakeTerminal } from '../fake-terminal.js'

const brief = ['--connections', '2', '--duration', '10ms', '--warm-up', '0', '--quiet']

async function run(...args: string[]) {
  const terminal = new FakeTerminal()
  const code = await main(['load', ...args, ...brief], terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text }
}

function tls(name: string): ServerOptions {
  const file = (end: string) => readFileSync(new URL(`../../../../test/certificates/${name}.${end}`, import.meta.url))
  return { tls: { cert: file('pem'), key: file('key') } }
}

t.test('a certificate that nobody vouches for: the options that take it', async t => {
  const { url } = await serve(t, echo, { options: tls('self-signed') })
  const { code, stdout, stderr } = await run(url)
  t.equal(code, 4)
  t.match(stdout, /\n +2 {2}tls DEPTH_ZERO_SELF_SIGNED_CERT {2}no TLS: self-signed certificate\n/)
  t.equal(stderr, 'tls DEPTH_ZERO_SELF_SIGNED_CERT: --tls-insecure accepts it, --tls-ca FILE trusts its issuer\n')
  t.same(await run(url, '--tls-insecure').then(({ code, stderr }) => [code, stderr]), [0, ''])
  const found = await run('find', url, '--slo', 'rtt.p99 < 1s')
  t.same(found, {
    code: 4,
    stdout: 'no rate holds: not one connection could be opened: no TLS: self-signed certificate\n',
    stderr,
  })
})

t.test('a certificate for another name: both names are told', async t => {
  const { url } = await serve(t, echo, { options: tls('other') })
  const ca = new URL('../../../../test/certificates/ca.pem', import.meta.url).pathname
  const { stdout, stderr } = await run(url.replace('127.0.0.1', 'localhost'), '--tls-ca', ca)
  t.match(stdout, /tls ERR_TLS_CERT_ALTNAME_INVALID .* localhost.* DNS:other\.example\n/)
  t.equal(
    stderr,
    'tls ERR_TLS_CERT_ALTNAME_INVALID: --tls-insecure accepts it, --tls-servername NAME asks for another name\n',
  )
})

t.test(
  'a server that asks for a certificate, which TLS 1.3 tells when the handshake is over: how to show one',
  async t => {
    const { tls: own } = tls('self-signed')
    const asking = { tls: { ...own, requestCert: true, rejectUnauthorized: true } } as ServerOptions
    const { url } = await serve(t, echo, { options: asking })
    const { stderr } = await run(url, '--tls-insecure')
    t.equal(stderr, 'upgrade ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: --tls-cert FILE and --tls-key FILE show one\n')
    const older = await run(url, '--tls-insecure', '--tls-max', '1.2')
    t.match(
      older.stderr,
      /^tls ERR_SSL_\S+_ALERT_HANDSHAKE_FAILURE: if it asks for a certificate, --tls-cert FILE and --tls-key FILE show one\n$/,
    )
  },
)

t.test('a message that is longer than is taken: the option that takes it', async t => {
  const { url } = await serve(t, connection => void connection.send(Buffer.alloc(2000)))
  const { stderr } = await run(url, '--size', '20', '--max-message', '1000')
  t.equal(stderr, 'closed with 1006: --max-message SIZE takes more\n')
})

t.test('what a server says that refuses, in one line', async t => {
  const headers = [['Location', 'https://b.example/\u0085']] as const
  const elsewhere = await serve(t, echo, { handlers: { accept: () => ({ status: 302, headers: [...headers] }) } })
  t.match(
    (await run(elsewhere.url)).stdout,
    /refused with 302 {2}the server answered 302 instead of 101; it redirects to /,
  )
  const body = '  No \x1b[2J token\r\nfor you'
  const barred = await serve(t, echo, { handlers: { accept: () => ({ status: 401, body }) } })
  const { code, stdout, stderr } = await run(barred.url)
  t.match(stdout, /refused with 401 {2}the server answered 401 instead of 101: No \\x1b\[2J token\n/)
  t.same([code, stderr], [4, ''])
})
