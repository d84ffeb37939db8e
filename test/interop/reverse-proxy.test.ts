/**
 * nginx in front of our server, and between our client and a server: RFC 6455 §10.2 where TLS ends before us, §4.1 ("a
 * status code other than 101"), §7.1.5 when a proxy goes away.
 */
import t, { type Test } from 'tap'
import type { HandshakeError } from '../../src/index.js'
import { clientPeers, type Site } from '../peers/client-peers.js'
import { testWith } from '../peers/installable.js'
import { type ReverseProxy, startNginx } from '../peers/nginx.js'
import { chromium, nginx } from '../peers/programs.js'
import { OurClient } from './our-client.js'
import { OurServer } from './our-server.js'

const browser = clientPeers[0]!

async function startProxy(t: Test, server: OurServer, passHost?: boolean): Promise<ReverseProxy> {
  const proxy = await startNginx(server.site.page, passHost)
  t.teardown(() => proxy.stop())
  return proxy
}

/** A page that is reached through the proxy dials its own site: does it open? */
async function dialled(t: Test, site: Site): Promise<boolean> {
  const client = await browser.start(site)
  t.teardown(() => client.stop())
  return (await client.open('/')).opened
}

await testWith(
  t,
  [chromium, nginx],
  '§10.2 an https page, TLS ends in nginx, plain TCP to us: same origin',
  async t => {
    const server = await OurServer.start(t, 'TCP')
    const proxy = await startProxy(t, server)
    t.ok(await dialled(t, proxy.tls))
    const connection = await server.connection()
    t.equal(connection.origin, proxy.tls.page, 'https')
    t.equal(connection.secure, false, 'over plain TCP')
  },
)

await testWith(t, [chromium, nginx], '§10.2 behind a proxy that puts its own Host: refused, unless listed', async t => {
  const server = await OurServer.start(t, 'TCP')
  const proxy = await startProxy(t, server, false)
  t.notOk(await dialled(t, proxy.tls))

  const origins: string[] = []
  const listed = await OurServer.start(t, 'TCP', { allowedOrigins: origin => origins.push(origin) > 0 })
  const before = await startProxy(t, listed, false)
  t.ok(await dialled(t, before.tls))
  t.same(origins, [before.tls.page])
})

await testWith(t, [nginx], '§4.1 our client through nginx, which ends TLS, to our server', async t => {
  const server = await OurServer.start(t, 'TCP')
  const proxy = await startProxy(t, server)
  for (const site of [proxy.plain, proxy.tls]) {
    const client = await OurClient.connect(site, '/echo', { protocols: ['chat.v2'] })
    t.equal(client.connection.protocol, 'chat.v2')
    client.connection.send('hello')
    t.same(await client.receive(), { data: 'hello', isBinary: false })
    client.connection.close(4000, 'bye')
    t.match(await (await server.connection()).closed, { code: 4000, reason: 'bye', clean: true })
    t.match(await client.connection.closed, { code: 4000, clean: true })
  }
})

await testWith(t, [nginx], '§4.1 "a status code other than 101": 502, when nobody is behind nginx', async t => {
  const server = await OurServer.start(t, 'TCP')
  const proxy = await startProxy(t, server)
  await server.stop()
  const error = (await OurClient.connect(proxy.tls, '/').catch(error => error)) as HandshakeError
  t.equal(error.response?.status, 502)
  t.match(Buffer.from(error.response?.body ?? []).toString(), /502 Bad Gateway/, "nginx's own words")
})

await testWith(t, [nginx], '§7.1.5 1006 at both ends when nginx goes away', async t => {
  const server = await OurServer.start(t, 'TCP')
  const proxy = await startNginx(server.site.page)
  const client = await OurClient.connect(proxy.plain, '/')
  const connection = await server.connection()
  await proxy.stop()
  const gone = { code: 1006, clean: false, initiator: 'transport', received: undefined }
  t.match(await connection.closed, gone)
  t.match(await client.connection.closed, gone)
})
