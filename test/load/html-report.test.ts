/** The page of a report, in a real Chromium: it draws what the report has, loads nothing, and complains of nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import t from 'tap'
import { htmlReport } from '../../src/load/html-report.js'
import type { LoadReport } from '../../src/load/report.js'
import { launchChromium } from '../peers/chromium.js'
import { testWith } from '../peers/installable.js'
import { chromium } from '../peers/programs.js'
import { madeReport, steady } from './made-report.js'

const failIf = ['rtt.p50 > 1ms', 'lost > 1000']
const server = { pid: 7, cores: 0.5, memoryBefore: 2 ** 20, memoryMax: 2 ** 24, threads: 1 }
const perConnection = { octets: 4096, error: 1, samples: 9 }
const counts = { opened: 2, failed: 0, dropped: 1, sent: 0, received: 0 }
const report = madeReport({
  seconds: steady(20, 100, 1, 1),
  lost: 2,
  options: { failIf },
  errors: ['</script><b>'],
  server: { ...server, perConnection },
  badPeers: { halfOpen: { connections: 2, counts, closeCodes: { 1011: 1 } } },
})
const before = madeReport({ seconds: steady(20, 100, 0.5, 0.5) })

t.test('the page has the figures, and nothing in them can end the script', async t => {
  const html = htmlReport(report, before)
  const [, json] = /<script id="data" type="application\/json">(.*)<\/script>\n<script>/.exec(html)!
  const data = JSON.parse(json!) as { report: LoadReport & { curve: [number, number][] }; compared: { name: string }[] }
  t.equal(data.report.counts.received, 2000)
  t.notOk('histogram' in data.report.times.rtt!)
  t.match(data.compared[0], { name: 'rtt.p50', verdict: 'worse' })
  // The curve, beside the round trips themselves: 1 to 100 ms, each as often.
  for (const [x, time] of data.report.curve) {
    const exact = Math.max(1, Math.ceil(100 - 100 / x - 1e-9))
    t.ok(Math.abs(time - exact) <= exact / 1000 + 1e-9, `${x}: ${time}`)
  }
  t.equal(data.report.curve.at(-1)![0], 2000)
  t.equal(html.match(/<\/script/g)!.length, 2)
  t.match(htmlReport(madeReport({ seconds: [] })), /"main":"rtt","curve":\[\]/)
})

/** How many colours a chart has: one that was not drawn has one. */
function coloursOf(page: Page, id: string): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('#${id} canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })()`)
}

void testWith(t, [chromium], 'in Chromium: charts are drawn, tables are filled', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'report.html')
  writeFileSync(file, htmlReport(report, before))
  const browser = await launchChromium()
  t.teardown(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1100, height: 1600 } })
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  page.on('request', request => requests.push(request.url()))
  await page.goto(pathToFileURL(file).href)
  await page.locator('#compared td').first().waitFor()
  for (const id of ['latency', 'distribution', 'rates', 'troubles', 'cores', 'memory', 'threads']) {
    t.ok((await coloursOf(page, id)) > 3, id)
  }
  const text = (id: string) => page.locator(`#${id}`).innerText()
  t.match(await text('about'), /echo · 10 connections · 20 s from 1970-01-01/)
  t.match(await text('verdict'), /^the generator kept up/)
  t.equal(
    await text('process'),
    'process 7 · 0.5 cores on average · memory 1 MiB before the first connection, 16 MiB at most · ' +
      '4,096 octets for each connection',
  )
  t.match(await text('times'), /rtt\s+50\s+90\s+99\s+100\s+100\s+50\.5\s+2,000/)
  t.match(await text('counts'), /received\s+2,000/)
  t.match(await text('conditions'), /rtt\.p50 > 1ms\s+50\s+FAILED[\s\S]*lost > 1000\s+40\s+ok/)
  t.match(
    await text('apart'),
    /halfOpen, counted apart\s+connections 2\s+opened 2\s.*ended by the server 1\s+1011 \(1\)/,
  )
  t.match(await text('errors'), /<\/script><b>\s+1/)
  t.match(await text('compared'), /rtt\.p50, ms\s+25\s+50\s+\+100\.0 %/)
  t.same(complaints, [])
  t.same(requests, [pathToFileURL(file).href], 'nothing from elsewhere')
})
