/**
 * The page of the echo server, to try it from a browser: one HTML file without anything from elsewhere, and the header
 * fields that hold it to that (Content Security Policy Level 3: only this script and this style, by their hashes; nothing
 * but WebSocket connections).
 */
import { createHash } from 'node:crypto'
import { packageFile } from '../../load/package-file.js'

export interface Page {
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** Reads the page, which stands with the sources; once per server. */
export function echoPage(): Page {
  const body = packageFile('src/cli/page/echo.html')
  const html = body.toString()
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf('script', html)}`,
    `style-src ${hashOf('style', html)}`,
    'img-src data:',
    'connect-src ws: wss:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    headers: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Content-Security-Policy', policy.join('; ')],
      ['X-Content-Type-Options', 'nosniff'],
      ['Referrer-Policy', 'no-referrer'],
      ['Cache-Control', 'no-cache'],
    ],
    body,
  }
}

/** The source expression for the one element of this name: its text is what is hashed. */
function hashOf(element: string, html: string): string {
  const text = html.slice(html.indexOf(`<${element}>`) + element.length + 2, html.indexOf(`</${element}>`))
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
