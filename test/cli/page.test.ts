/**
 * The page of the echo server in a real Chromium: connects, sends text, binary and a file, sees the echo with its size and
 * time, measures round trips, closes with a code; over TCP and TLS, without a word on the browser's console.
 */
import type { Browser, Page } from 'playwright-core'
import t from 'tap'
import { launchChromium } from '../peers/chromium.js'
import { testWith } from '../peers/installable.js'
import { chromium } from '../peers/programs.js'
import { runEcho } from './running-echo.js'

/** The rows of the log: `out text 5 hello`, `in binary 2 00 ff, timed`, `out close 8 4321, “enough”`. */
function rows(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('#log li.in, #log li.out')].map(item =>
    [item.classList[0], item.dataset.kind, item.dataset.size, item.querySelector('.preview').textContent].join(' ') +
    (/ ms$/.test(item.querySelector('.took').textContent) ? ', timed' : ''))`)
}

/** Opens the page, with everything it complains of. */
async function openPage(browser: Browser, url: string): Promise<{ page: Page; complaints: string[] }> {
  const page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  const complaints: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  await page.goto(url.replace(/^ws/, 'http'))
  return { page, complaints }
}

const state = (page: Page) => page.locator('#state').textContent()
const until = (page: Page, name: string) => page.locator(`#state[data-state=${name}]`).waitFor()
/** Waits for that many messages from the server. */
const echoes = (page: Page, count: number) =>
  page
    .locator('#log li.in')
    .nth(count - 1)
    .waitFor()

async function withPage(
  t: Parameters<Parameters<typeof testWith>[3]>[0],
  args: readonly string[],
  run: (page: Page, url: string) => Promise<void>,
): Promise<void> {
  const { url } = await runEcho(t, ...args)
  const browser = await launchChromium()
  t.teardown(() => browser.close())
  const { page, complaints } = await openPage(browser, url)
  await run(page, url)
  t.same(complaints, [])
}

for (const args of [[], ['--tls-self-signed']]) {
  const over = args.length === 0 ? 'TCP' : 'TLS'
  void testWith(t, [chromium], `over ${over}: connect, send, see the echo, close with a code`, async t => {
    await withPage(t, args, async (page, url) => {
      t.equal(await page.inputValue('#url'), `${url}/`)
      t.equal(await state(page), 'not connected')
      t.equal(await page.isDisabled('#send-button'), true)
      await page.fill('#protocols', 'chat, superchat')
      await page.click('#open')
      await until(page, 'open')
      t.match(await page.textContent('#protocol'), /^chat/)

      await page.fill('#text', 'Grüße\tan <b>alle</b>')
      await page.click('#send-button')
      await echoes(page, 1)
      await page.click('[data-kind=hex]')
      await page.fill('#hex', '00 ff 7e')
      await page.click('#send-button')
      await echoes(page, 2)
      await page.click('[data-kind=file]')
      await page.setInputFiles('#file', { name: 'a.bin', mimeType: '', buffer: Buffer.alloc(100_000, 7) })
      await page.click('#send-button')
      await echoes(page, 3)
      const file = Array(100).fill('07').join(' ').slice(0, 200)
      t.same(
        (await rows(page)).map(row => row.trim()),
        [
          'out text 22 Grüße an <b>alle</b>',
          'in text 22 Grüße an <b>alle</b>, timed',
          'out binary 3 00 ff 7e',
          'in binary 3 00 ff 7e, timed',
          `out binary 100000 ${file}`,
          `in binary 100000 ${file}, timed`,
        ],
      )
      t.equal(await page.textContent('#sent'), '3100,025 octets')
      t.equal(await page.textContent('#received'), '3100,025 octets')

      await page.click('#ping')
      await page.locator('#log .note', { hasText: '10 round trips: ' }).waitFor()
      t.match(await page.textContent('#trip'), /^[\d.]+ ms[\d.]+ ms to [\d.]+ ms$/)

      await page.fill('#code', '4321')
      await page.fill('#reason', 'enough')
      await page.click('#close-button')
      await until(page, 'closed')
      t.equal(await state(page), 'closed 4321')
      await page.locator('#log .note', { hasText: /closed cleanly, by this page$/ }).waitFor()
      t.same((await rows(page)).slice(-2), ['out close 8 4321, “enough”', 'in close 2 4321'])
      t.match(
        await page.textContent('#traffic .hint'),
        /^Messages, not frames: a browser shows a page neither fragments/,
      )
      t.equal(await page.isDisabled('#send-button'), true)
      t.equal(await page.isDisabled('#open'), false)
    })
  })
}

void testWith(t, [chromium], 'what goes wrong is told where it was tried', async t => {
  const { terminal, url, exit } = await runEcho(t, '--max-message', '10')
  const browser = await launchChromium()
  t.teardown(() => browser.close())
  const { page } = await openPage(browser, url)
  await page.fill('#url', 'nonsense://x')
  await page.click('#open')
  await page.locator('#connect-error', { hasText: /./ }).waitFor()
  await page.fill('#url', url)
  await page.click('#open')
  await until(page, 'open')
  t.equal(await page.textContent('#connect-error'), '')
  await page.click('[data-kind=hex]')
  await page.fill('#hex', '0')
  await page.click('#send-button')
  await page.locator('#send-error', { hasText: 'pairs of hexadecimal digits' }).waitFor()
  await page.click('[data-kind=file]')
  await page.click('#send-button')
  await page.locator('#send-error', { hasText: 'Choose a file' }).waitFor()
  await page.fill('#code', '1006')
  await page.click('#close-button')
  await page.locator('#close-error', { hasText: /1006/ }).waitFor()
  t.equal(await state(page), 'open')

  await page.click('[data-kind=text]')
  await page.fill('#text', 'longer than ten')
  await page.press('#text', 'Control+Enter')
  await until(page, 'closed')
  t.equal(await state(page), 'closed 1009')
  t.match((await rows(page)).at(-1), /^in close \d+ 1009, “.*”$/)
  await page.locator('#log .note', { hasText: 'closed cleanly, by the server; the browser has answered' }).waitFor()
  await page.click('#open')
  await until(page, 'open')
  await page.fill('#code', '')
  await page.fill('#reason', 'why')
  await page.click('#close-button')
  await page.locator('#close-error', { hasText: 'A reason needs a code.' }).waitFor()
  await page.fill('#reason', '')
  await page.click('#close-button')
  await until(page, 'closed')
  await page.locator('#log .note', { hasText: /closed cleanly, by this page$/ }).waitFor()
  t.same((await rows(page)).slice(-2), ['out close 0 no code', 'in close 0 no code'])

  await page.click('#open')
  await until(page, 'open')
  terminal.interrupt()
  await until(page, 'closed')
  t.equal(await state(page), 'closed 1001')
  t.equal(await exit, 0)
  await page.click('#open')
  await until(page, 'failed')
  t.equal(await state(page), 'failed 1006')
  await page.locator('#log .note', { hasText: 'closed uncleanly: 1006 (no Close frame came)' }).waitFor()
  await page.click('#clear')
  t.equal(await page.locator('#log li').count(), 0)
})
