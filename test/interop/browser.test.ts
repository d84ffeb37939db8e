/**
 * Pages in real browsers: RFC 6455 §10.2 (the Origin of their scripts), §7.4.1 (1001, "a browser having navigated away").
 */
import t, { type Test } from 'tap'
import type { HandshakeError } from '../../src/index.js'
import { newChromiumPage } from '../peers/chromium.js'
import type { BrowserPage } from '../peers/client-peers.js'
import { newFirefoxPage } from '../peers/firefox.js'
import { testWith } from '../peers/installable.js'
import { chromium, firefox } from '../peers/programs.js'
import { transports } from './matrix.js'
import { OurServer } from './our-server.js'

const browsers = [
  { browser: chromium, newPage: newChromiumPage },
  { browser: firefox, newPage: newFirefoxPage },
]

/** A script for a page: the WebSocket opens, or not. */
const dial = (url: string): string => `new Promise(resolve => {
  globalThis.socket = new WebSocket(${JSON.stringify(url)})
  socket.onopen = () => resolve('opened')
  socket.onclose = event => resolve('closed with ' + event.code)
})`

/** The same from a frame that has no origin: sandboxed without allow-same-origin. */
const dialSandboxed = (url: string): string => `new Promise(resolve => {
  onmessage = event => resolve(event.data)
  const frame = document.createElement('iframe')
  frame.sandbox = 'allow-scripts'
  frame.srcdoc = '<script>' + ${JSON.stringify(dial(url))} + '.then(what => parent.postMessage(what, "*"))</' + 'script>'
  document.body.append(frame)
})`

/** A page of `server`. */
async function pageOf(t: Test, newPage: () => Promise<BrowserPage>, server: OurServer): Promise<BrowserPage> {
  const page = await newPage()
  t.teardown(() => page.close())
  await page.goto(`${server.site.page}/`)
  return page
}

for (const { browser, newPage } of browsers) {
  for (const transport of transports) {
    await testWith(t, [browser], `§10.2 ${browser.name}: a page of our own may connect, over ${transport}`, async t => {
      const server = await OurServer.start(t, transport)
      const page = await pageOf(t, newPage, server)
      t.equal(await page.evaluate(dial(`${server.site.url}/chat?room=1`)), 'opened')
      const connection = await server.connection()
      t.equal(connection.origin, server.site.page, 'its Origin')
      t.equal(connection.request.url, `${server.site.url}/chat?room=1`)
      t.equal(connection.secure, transport === 'TLS')
    })

    await testWith(
      t,
      [browser],
      `§10.2 ${browser.name}: a page of another origin is refused with 403, over ${transport}`,
      async t => {
        const server = await OurServer.start(t, transport)
        const other = await OurServer.start(t, transport)
        const refusals: HandshakeError[] = []
        server.server.on('refused', error => refusals.push(error as HandshakeError))
        const page = await pageOf(t, newPage, other)
        t.equal(await page.evaluate(dial(server.site.url)), 'closed with 1006', 'by its port')
        const byName = server.site.url.replace('127.0.0.1', 'localhost')
        await page.goto(`${server.site.page}/`)
        t.equal(await page.evaluate(dial(byName)), 'closed with 1006', 'by its host')
        t.equal(await page.evaluate(dialSandboxed(server.site.url)), 'closed with 1006', 'null')
        t.same(
          refusals.map(({ status }) => status),
          [403, 403, 403],
        )
      },
    )
  }

  await testWith(
    t,
    [browser],
    `§10.2 ${browser.name}: pages of the origins that are listed may connect, others not`,
    async t => {
      const page = await OurServer.start(t, 'TCP')
      const other = await OurServer.start(t, 'TCP')
      const server = await OurServer.start(t, 'TCP', { allowedOrigins: [page.site.page, 'null'] })
      const browserPage = await pageOf(t, newPage, page)
      t.equal(await browserPage.evaluate(dial(server.site.url)), 'opened')
      t.equal(await browserPage.evaluate(dialSandboxed(server.site.url)), 'opened', 'null, which is listed')
      await browserPage.goto(`${other.site.page}/`)
      t.equal(await browserPage.evaluate(dial(server.site.url)), 'closed with 1006')
    },
  )

  await testWith(
    t,
    [browser],
    `§7.4.1 1001 ${browser.name}: "a browser having navigated away from a page"`,
    async t => {
      const server = await OurServer.start(t, 'TCP')
      const page = await pageOf(t, newPage, server)
      await page.evaluate(dial(server.site.url))
      const left = await server.connection()
      await page.goto('about:blank')
      t.match(await left.closed, { code: 1001, initiator: 'peer', received: { code: 1001 } })

      await page.goto(`${server.site.page}/`)
      await page.evaluate(dial(server.site.url))
      const shut = await server.connection()
      await page.close()
      t.match(await shut.closed, { code: 1001, initiator: 'peer', received: { code: 1001 } }, 'or closed it')
    },
  )
}
