/**
 * One port for pages and for WebSockets: servers of ours take the upgrades of Express and of Fastify, over TCP and TLS.
 * RFC 6455 §4.2 ("a server may ... be the target of ordinary HTTP requests"), §11.2.
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import {
  createServer as createHttpServer,
  get,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http'
import { createServer as createHttpsServer, get as getOverTls } from 'node:https'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { createServer, type HandshakeError } from '../../src/index.js'
import { authority, clientPeers, type Site } from '../peers/client-peers.js'
import { testWith } from '../peers/installable.js'
import * as programs from '../peers/programs.js'
import { type Transport, transports } from './matrix.js'
import { OurClient } from './our-client.js'

const require = createRequire(programs.peerFile('package.json'))
const certificates = new URL('../../../test/certificates/', import.meta.url)
const tls = {
  cert: readFileSync(new URL('localhost.pem', certificates)),
  key: readFileSync(new URL('localhost.key', certificates)),
}

type Express = () => RequestListener & { get(path: string, handler: (request: unknown, response: Reply) => void): void }

type Fastify = (options: object) => {
  readonly server: Server
  get(path: string, handler: (request: unknown, reply: Reply) => void): void
  listen(where: { host: string; port: number }): Promise<string>
  close(): Promise<void>
}

interface Reply {
  send(text: string): void
}

/** A server of a framework, with two pages, `/` and `/page`. */
interface Host {
  readonly server: Server
  close(): Promise<unknown>
}

async function startExpress(transport: Transport): Promise<Host> {
  const express = require('express') as Express
  const app = express()
  for (const path of ['/', '/page']) app.get(path, (_request, response) => response.send('a page of Express'))
  const server = transport === 'TLS' ? createHttpsServer(tls, app) : createHttpServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    close: () => {
      server.close()
      return once(server, 'close')
    },
  }
}

async function startFastify(transport: Transport): Promise<Host> {
  const fastify = require('fastify') as Fastify
  const app = fastify(transport === 'TLS' ? { https: tls } : {})
  for (const path of ['/', '/page']) app.get(path, (_request, reply) => reply.send('a page of Fastify'))
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { server: app.server, close: () => app.close() }
}

const frameworks = [
  { name: 'Express', program: programs.express, start: startExpress },
  { name: 'Fastify', program: programs.fastify, start: startFastify },
] as const

/** Two servers of ours, by path, on the port of `host`; other paths get what the host would say: here, nothing. */
function share(host: Host): { close(): Promise<unknown> } {
  const echo = createServer(
    { path: '/echo', protocols: ['chat.v2'] },
    { message: (connection, data) => connection.send(data) },
  )
  const greet = createServer({ path: '/greet' }, { connection: connection => connection.send('hello') })
  host.server.on('upgrade', (request, socket, head) => {
    const taken = echo.handleUpgrade(request, socket, head) || greet.handleUpgrade(request, socket, head)
    if (!taken) socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  return { close: () => Promise.all([echo.close(), greet.close()]) }
}

function siteOf({ server }: Host, transport: Transport): Site {
  const rest = `${transport === 'TLS' ? 's' : ''}://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url: `ws${rest}`, page: `http${rest}` }
}

async function page(site: Site): Promise<string> {
  const ask = site.page.startsWith('https:') ? getOverTls : get
  const request = ask(`${site.page}/page`, { ca: readFileSync(authority), agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return text(response)
}

/** Our client, at both servers and at none. */
async function dialWithOurs(t: Test, site: Site): Promise<void> {
  const echoed = await OurClient.connect(site, '/echo?x=1', { protocols: ['chat.v2'] })
  t.equal(echoed.connection.protocol, 'chat.v2')
  echoed.connection.send('hi')
  t.same(await echoed.receive(), { data: 'hi', isBinary: false })
  echoed.connection.close(3000)
  t.match(await echoed.connection.closed, { code: 3000, clean: true })

  const greeted = await OurClient.connect(site, '/greet')
  t.same(await greeted.receive(), { data: 'hello', isBinary: false }, 'another server of ours on the same port')
  greeted.connection.close()
  t.match(await greeted.connection.closed, { code: 1000, clean: true })

  const error = (await OurClient.connect(site, '/other').catch(error => error)) as HandshakeError
  t.equal(error.response?.status, 404, 'a path of neither')
}

for (const { name, program, start } of frameworks) {
  for (const transport of transports) {
    await testWith(t, [program], `one port with ${name}, over ${transport}`, async t => {
      const host = await start(transport)
      const ours = share(host)
      const site = siteOf(host, transport)
      t.equal(await page(site), `a page of ${name}`)
      await dialWithOurs(t, site)
      t.equal(await page(site), `a page of ${name}`, 'and pages go on')
      await ours.close()
      await host.close()
    })

    for (const peer of clientPeers) {
      // Where the page itself comes from the framework, too.
      await testWith(t, [program, ...peer.needs], `${peer.name}, one port with ${name}, over ${transport}`, async t => {
        const host = await start(transport)
        const ours = share(host)
        const client = await peer.start(siteOf(host, transport))
        t.teardown(() => client.stop())
        t.match(await client.open('/greet'), { opened: true })
        t.match(await client.receive(), { type: 'text', size: 5 })
        t.match(await client.close(1000), { code: 1000, clean: true })
        await client.stop()
        await ours.close()
        await host.close()
      })
    }
  }
}
