/**
 * The page of `framewright conform --html` in a real Chromium: found by search, filtered by section and verdict, opened to
 * what went over the wire, several implementations side by side; nothing loaded from elsewhere, no word on the console.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import t from 'tap'
import { newChromiumPage } from '../peers/chromium.js'
import { testWith } from '../peers/installable.js'
import { chromium } from '../peers/programs.js'
import { naiveServer, run } from './conform-runs.js'

async function opened(dir: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await newChromiumPage()
  page.setDefaultTimeout(10_000)
  const complaints: string[] = []
  const url = pathToFileURL(join(dir, 'index.html')).href
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  page.on('request', request => {
    if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(request.url())
  })
  await page.goto(url)
  return { page, complaints }
}

const ids = (page: Page) => page.locator('td button').allTextContents()
const told = (page: Page) => page.locator('output').textContent()

void testWith(t, [chromium], 'one implementation: search, filters, and a case in all its detail', async t => {
  const dir = t.testdir()
  const cases = ['--case', '6455/5.5*', '--case', '6455/5.6', '--not', '*@*']
  await run(['conform', 'server', await naiveServer(t, 'answers Pongs'), ...cases, '--html', dir])
  const { page, complaints } = await opened(dir)
  t.match(await page.locator('.summary').textContent(), /^ws:\/\/127.0.0.1:\d+\/ server.*PASS \d+.*WARN 3/)
  t.match(await told(page), /^(\d+) of \1 cases$/)
  await page.fill('[type=search]', 'unsolicited')
  t.ok((await ids(page)).every(id => id.startsWith('6455/5.5.3/unsolicited-')))
  await page.fill('[type=search]', '2.7')
  t.same(await ids(page), ['6455/5.5.3/unsolicited-pong'], 'by its Autobahn number')
  await page.click('td button')
  t.match(await page.locator('blockquote').textContent(), /A response to an unsolicited Pong frame is not expected/)
  t.match(await page.locator('.detail').textContent(), /behaviour: WARN .*framewright conform server ws:/)
  t.match(await page.locator('.wire .us').allTextContents(), [/TCP connection open/, /request/])
  t.match((await page.locator('.wire .peer').allTextContents())[0], /101 Switching Protocols/)
  await page.fill('[type=search]', '')
  await page.selectOption('select', 'RFC 6455 §5.6')
  t.ok((await ids(page)).every(id => id.startsWith('6455/5.6/')))
  await page.selectOption('select', '')
  await page.getByLabel('PASS', { exact: true }).uncheck()
  t.equal((await ids(page)).length, 3)
  t.same(complaints, [])
  await page.close()
})

void testWith(t, [chromium], 'three implementations side by side: where they differ', async t => {
  const dir = t.testdir()
  const cases = ['--case', '6455/5.5.3', '--case', '6455/4.2.2/unknown-extension-1', '--not', '*@*']
  for (const [name, url] of [
    ['a', await naiveServer(t)],
    ['b', await naiveServer(t, 'answers Pongs')],
    ['c', await naiveServer(t)],
  ] as const) {
    await run(['conform', 'server', url, ...cases, '--json', join(dir, `${name}.json`)])
  }
  const made = await run([
    'conform',
    'report',
    ...['a', 'b', 'c'].map(name => join(dir, `${name}.json`)),
    '--html',
    dir,
  ])
  t.match(made, { code: 0, stdout: '' })
  const { page, complaints } = await opened(dir)
  t.equal(await page.locator('.summary').count(), 3)
  await page.check('text=only where they differ')
  t.equal((await ids(page)).length, 3)
  t.same(await page.locator('tbody tr').first().locator('.verdict').allTextContents(), ['PASS', 'WARN', 'PASS'])
  await page.click('td button')
  await page.uncheck('text=only where they differ')
  await page.setViewportSize({ width: 390, height: 844 })
  t.equal(await page.evaluate('document.documentElement.scrollWidth'), 390, 'nothing beyond the edge of a phone')
  t.same(complaints, [])
  await page.close()
})

t.test('what an endpoint sends cannot end the script that the data stands in', async t => {
  const { htmlReport } = await import('../../src/cli/conform/html-report.js')
  const report = { tested: { name: '</script><b>$&<!-- script -->' } } as unknown as Parameters<typeof htmlReport>[0][0]
  const html = htmlReport([report])
  t.match(html, '{"tested":{"name":"\\u003c/script>\\u003cb>$&\\u003c!-- script -->"}}')
  t.equal(html.match(/<\/script>/g)?.length, 2)
})
