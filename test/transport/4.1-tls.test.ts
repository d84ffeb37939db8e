/**
 * RFC 6455 §4.1 item 5: "the client MUST perform a TLS handshake over the connection after opening the connection and before
 * sending the handshake data", with SNI; and whose certificate is good enough. Attack cases T-01 to T-09, as far as TLS
 * alone goes.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { connect as connectTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import nodeTls, { TLSSocket, type TlsOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { TransportError, UsageError } from '../../src/errors.js'
import type { Lookup } from '../../src/transport/address-lookup.js'
import { TlsClient, type TlsClientOptions } from '../../src/transport/tls-client.js'
import { deferred } from './deferred.js'
import { nothing, TestDial } from './dialled.js'
import { answering, certificate, identity, listening, type Script, switching } from './scripted-server.js'

const ca = certificate('ca.pem')
const loopback = ((_host: string, _options: unknown, callback: (...found: unknown[]) => void) =>
  callback(null, '127.0.0.1', 4)) as Lookup

/** Dials a TLS server on 127.0.0.1 under this name. */
async function dialling(
  t: Test,
  name: string,
  tls: TlsClientOptions | undefined,
  { server, script = answering(switching) }: { server: TlsOptions; script?: Script },
): Promise<TestDial> {
  const { port } = await listening(t, script, { tls: server })
  return new TestDial(`wss://${name}:${port}/`, { lookup: loopback, ...(tls !== undefined && { tls }) })
}

t.test('4.1-14 4.1-16 10.6-1 10.6-2 TLS before the handshake; all that follows runs through it', async t => {
  for (const name of ['localhost', '127.0.0.1']) {
    const dial = await dialling(t, name, { ca }, { server: identity('localhost') })
    const { stream, times } = await dial.opened()
    t.ok(stream instanceof TLSSocket)
    t.equal((stream as TLSSocket).authorized, true)
    t.equal((stream as TLSSocket).getProtocol(), 'TLSv1.3')
    t.type(times.tls, 'number')
    stream.destroy()
  }
})

t.test(
  '4.1-15 T-01 T-02 T-03 T-04 a certificate that does not prove who is there: refused, and the reason is named',
  async t => {
    const cases: [
      what: string,
      identity: string,
      host: string,
      trust: TlsClientOptions,
      causeCode: string,
      message: RegExp,
    ][] = [
      ['expired', 'expired', 'localhost', { ca }, 'CERT_HAS_EXPIRED', /expired/],
      ['another name', 'other', 'localhost', { ca }, 'ERR_TLS_CERT_ALTNAME_INVALID', /localhost.*other\.example/],
      ['another address', 'other', '127.0.0.1', { ca }, 'ERR_TLS_CERT_ALTNAME_INVALID', /127\.0\.0\.1/],
      ['self-signed', 'self-signed', 'localhost', { ca }, 'DEPTH_ZERO_SELF_SIGNED_CERT', /self-signed/],
      [
        'unknown authority',
        'localhost',
        'localhost',
        {},
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        /verify the first certificate/,
      ],
      ['only a common name, for an address', 'common-name', '127.0.0.1', { ca }, 'ERR_TLS_CERT_ALTNAME_INVALID', /127/],
      // The name is the one in the URL, not the one that the address belongs to.
      [
        'good for the address only',
        'localhost',
        'server.example',
        { ca },
        'ERR_TLS_CERT_ALTNAME_INVALID',
        /server\.example/,
      ],
    ]
    for (const [what, name, host, trust, causeCode, message] of cases) {
      let served = 0
      const dial = await dialling(t, host, trust, { server: identity(name), script: () => served++ })
      const error = (await dial.error()) as TransportError
      t.ok(error instanceof TransportError, what)
      t.match(error, { code: 'WS_TLS_FAILED', statusCode: 1015, phase: 'tls', section: '4.1', causeCode }, what)
      t.match(error.message, message, what)
      t.same(dial.left, nothing, what)
    }
  },
)

t.test('T-02 an IPv6 address: good where the certificate names it, in whatever spelling', async t => {
  const cases: [identity: string, host: string, good: boolean][] = [
    ['localhost', '::1', true],
    ['localhost', '::2', false],
    ['other', '::1', false],
    ['common-name', '::1', false],
  ]
  for (const [name, host, good] of cases) {
    const { port } = await listening(t, answering(switching), { tls: identity(name) })
    // Whatever machine this is, the server is reached by IPv4.
    const open = () => connectTcp(port, '127.0.0.1')
    const dial = new TestDial(`wss://[${host}]:${port}/`, { tls: { ca }, open })
    if (good) (await dial.opened()).stream.destroy()
    else t.match(await dial.error(), { code: 'WS_TLS_FAILED', causeCode: 'ERR_TLS_CERT_ALTNAME_INVALID' }, name)
  }
})

t.test(
  'T-01 only the caller turns verification off: rejectUnauthorized false; undefined and the environment do not',
  async t => {
    const server = identity('self-signed')
    const trusting = await dialling(t, 'localhost', { rejectUnauthorized: false }, { server })
    const { stream } = await trusting.opened()
    t.equal((stream as TLSSocket).authorized, false)
    stream.destroy()
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    t.teardown(() => {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    })
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    for (const tls of [{}, undefined, { rejectUnauthorized: undefined }] as (TlsClientOptions | undefined)[]) {
      const dial = await dialling(t, 'localhost', tls, { server })
      t.match(await dial.error(), { code: 'WS_TLS_FAILED', causeCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    }
  },
)

t.test('T-02 checkServerIdentity and servername are the caller’s; without, the name of the URL counts', async t => {
  const server = identity('other')
  const named = await dialling(t, 'localhost', { ca, servername: 'other.example' }, { server })
  ;(await named.opened()).stream.destroy()
  const asked: string[] = []
  const checkServerIdentity = (host: string): undefined => void asked.push(host)
  const own = await dialling(t, 'localhost', { ca, checkServerIdentity }, { server })
  ;(await own.opened()).stream.destroy()
  const address = await dialling(t, '127.0.0.1', { ca, checkServerIdentity }, { server })
  ;(await address.opened()).stream.destroy()
  t.same(asked, ['localhost', '127.0.0.1'])
})

t.test(
  '4.1-17 T-06 T-07 "Clients MUST use the Server Name Indication extension": the name in lower case, without a last dot; no address',
  async t => {
    const cases: [host: string, sent: string | false][] = [
      ['LocalHost', 'localhost'],
      ['localhost.', 'localhost'],
      ['127.0.0.1', false],
    ]
    for (const [host, sent] of cases) {
      const heard: unknown[] = []
      const script: Script = socket => {
        heard.push((socket as TLSSocket & { servername: unknown }).servername)
        answering(switching)(socket)
      }
      const dial = await dialling(t, host, { ca }, { server: identity('localhost'), script })
      ;(await dial.opened()).stream.destroy()
      t.same(heard, [sent], host)
    }
  },
)

t.test('T-08 ALPN offers http/1.1 alone; a server that speaks h2 only refuses', async t => {
  const server = { ...identity('localhost'), ALPNProtocols: ['http/1.1', 'h2'] }
  const dial = await dialling(t, 'localhost', { ca }, { server })
  const { stream } = await dial.opened()
  t.equal((stream as TLSSocket).alpnProtocol, 'http/1.1')
  stream.destroy()
  const h2 = await dialling(t, 'localhost', { ca }, { server: { ...server, ALPNProtocols: ['h2'] } })
  t.match(await h2.error(), { code: 'WS_TLS_FAILED', message: /no application protocol/ })
})

t.test('T-09 10.6-1 TLS 1.1 is refused unless asked for', async t => {
  const server: TlsOptions = {
    ...identity('localhost'),
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT:@SECLEVEL=0',
  }
  // Whatever the process allows by default.
  const before = nodeTls.DEFAULT_MIN_VERSION
  t.teardown(() => {
    nodeTls.DEFAULT_MIN_VERSION = before
  })
  nodeTls.DEFAULT_MIN_VERSION = 'TLSv1'
  const dial = await dialling(t, 'localhost', { ca, ciphers: 'DEFAULT:@SECLEVEL=0' }, { server })
  t.match(await dial.error(), { code: 'WS_TLS_FAILED', phase: 'tls' })
  const asked = await dialling(
    t,
    'localhost',
    { ca, minVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' },
    { server },
  )
  ;(await asked.opened()).stream.destroy()
})

t.test('a client certificate, and a secure context of the caller’s', async t => {
  const { createSecureContext } = await import('node:tls')
  const server: TlsOptions = { ...identity('localhost'), ca, requestCert: true, rejectUnauthorized: true }
  const own = identity('other')
  for (const tls of [{ ca, ...own }, { secureContext: createSecureContext({ ca, ...own }) }]) {
    const dial = await dialling(t, 'localhost', tls, { server })
    ;(await dial.opened()).stream.destroy()
  }
  const without = await dialling(t, 'localhost', { ca }, { server })
  t.match(await without.error(), { causeCode: /CERT|ECONNRESET/ }, 'TLS 1.3 tells after the client is done')
})

t.test('TLS over a unix socket: the certificate is good for the host of the URL', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'framewright-'))
  await chmod(folder, 0o700)
  t.teardown(() => rm(folder, { recursive: true }))
  const socketPath = join(folder, 'socket')
  await listening(t, answering(switching), { tls: identity('localhost'), where: { path: socketPath } })
  const dial = new TestDial('wss://localhost/', { socketPath, tls: { ca } })
  const { stream, times } = await dial.opened()
  t.ok(stream instanceof TLSSocket)
  t.equal(times.dns, undefined)
  stream.destroy()
  t.match(await new TestDial('wss://server.example/', { socketPath, tls: { ca } }).error(), {
    causeCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
  })
})

t.test(
  'TLS options that cannot be are a UsageError: before anything is sent where Node tells, never an exception',
  async t => {
    const cases: [what: string, options: unknown][] = [
      ['a key that is none', { key: 'no key', cert: 'no certificate' }],
      ['an unknown version', { minVersion: 'SSLv2' }],
      ['a name for SNI that is no string', { ca, servername: 5 }],
      ['a mark that is no number', { ca, highWaterMark: 'x' }],
      ['a mark below zero', { ca, highWaterMark: -1 }],
      ['a session that is no Buffer', { ca, session: 'x' }],
      ['key without its certificate', { key: identity('localhost').key, cert: identity('other').cert }],
    ]
    for (const [what, options] of cases) {
      t.throws(
        () => new TlsClient('localhost', options as TlsClientOptions),
        { code: 'WS_TLS_OPTIONS', section: '4.1' },
        what,
      )
    }
    const sockets: Socket[] = []
    const script: Script = socket => void sockets.push(socket)
    const late = { ca, checkServerIdentity: 'nobody' } as unknown as TlsClientOptions
    const dial = await dialling(t, 'localhost', late, { server: identity('localhost'), script })
    const error = await dial.error()
    t.ok(error instanceof UsageError)
    t.match(error, { code: 'WS_TLS_OPTIONS' })
    t.same(dial.left, nothing)
  },
)

t.test('what is undefined in the options is the default', async t => {
  const names: unknown[] = []
  const SNICallback = (name: string, done: (error: null) => void) => {
    names.push(name)
    done(null)
  }
  const tls = { ca, servername: undefined, checkServerIdentity: undefined, minDHSize: undefined, highWaterMark: 1024 }
  const server = { ...identity('localhost'), SNICallback }
  const dial = await dialling(t, 'localhost', tls as TlsClientOptions, { server })
  ;(await dial.opened()).stream.destroy()
  t.same(names, ['localhost'])
})

t.test('what befalls the socket underneath fails the dial, and is no unheard error', async t => {
  const hello = deferred()
  const { port } = await listening(t, socket => socket.once('data', () => hello.resolve()))
  const dial = new TestDial(`wss://127.0.0.1:${port}/`)
  await hello.promise
  dial.sockets[0]!.destroy(new Error('by somebody else'))
  t.match(await dial.error(), { code: 'WS_TLS_FAILED', phase: 'tls', message: /by somebody else/ })
  t.same(dial.left, nothing)
})
