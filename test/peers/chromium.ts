/**
 * Debian's Chromium, driven by playwright-core: how the tests find it and launch it. Headless, and deaf to everything but
 * what a test asks of it; certificates are not its business here.
 */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import t from 'tap'

/** Where Debian puts it; another place by FRAMEWRIGHT_CHROMIUM. */
export const chromiumPath = process.env['FRAMEWRIGHT_CHROMIUM'] ?? '/usr/bin/chromium'

/** What installs it. */
export const chromiumInstallCommand = 'sudo apt-get install chromium'

export function hasChromium(): boolean {
  return existsSync(chromiumPath)
}

/** Launches it; close it when done. Rejects when it is missing: see {@link hasChromium}. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-quic',
      '--no-first-run',
      '--ignore-certificate-errors',
    ],
  })
}

let shared: Promise<Browser> | undefined

/** A page in the one browser of this test file, which is closed when the file ends. Close the page when done. */
export async function newChromiumPage(): Promise<Page> {
  if (shared === undefined) {
    const browser = launchChromium()
    shared = browser
    t.teardown(async () => (await browser).close())
  }
  // A context of its own: no cookies, no cache, no connections of other pages.
  const context = await (await shared).newContext()
  const page = await context.newPage()
  // The browser may be closed before it: then it is closed, too, and says that this was no success.
  page.on('close', () => void context.close().catch(() => {}))
  return page
}
