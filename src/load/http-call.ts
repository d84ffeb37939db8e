/** One HTTP request beside a load: to who takes its figures, or to the server for its own. What goes wrong is a sentence. */

/** Where to, and with which header fields. */
export interface HttpTarget {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
}

/** What came back: the body of an answer, or what went wrong. */
export type Answer = { readonly body: string } | { readonly trouble: string }

/** More is no page of figures. */
const longestBody = 32 * 2 ** 20
/** What a server says of what it refuses. */
const longestReason = 120
/** Codes of what may befall a connection, in words. */
const words: ReadonlyMap<string, string> = new Map([
  ['UND_ERR_SOCKET', 'the connection was ended before the answer was whole'],
  ['ECONNRESET', 'the connection was reset (ECONNRESET)'],
  ['ECONNREFUSED', 'nothing listens there (ECONNREFUSED)'],
  ['ENOTFOUND', 'no such host (ENOTFOUND)'],
])

/**
 * Understands a URL; a user name and a password in it go into a header field, as is usual.
 *
 * @throws TypeError for what is no URL of HTTP.
 */
export function httpTarget(text: string | URL, headers: Readonly<Record<string, string>> = {}): HttpTarget {
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new TypeError(`${url.protocol} is not HTTP`)
  const { username, password } = url
  url.username = ''
  url.password = ''
  if (username === '') return { url, headers }
  const secret = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { url, headers: { Authorization: `Basic ${Buffer.from(secret).toString('base64')}`, ...headers } }
}

/** What is posted. */
export interface Post {
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Asks, or with a body posts. Never rejects.
 *
 * @param timeout - milliseconds for all of it.
 * @param asked - its signal ends it before.
 */
export async function httpCall(
  { url, headers }: HttpTarget,
  timeout: number,
  asked: { readonly post?: Post; readonly signal: AbortSignal },
): Promise<Answer> {
  const { post, signal: over } = asked
  try {
    const signal = AbortSignal.any([AbortSignal.timeout(timeout), over])
    const request =
      post === undefined
        ? { headers }
        : // Followed, most redirections make a GET of it, and a page that says 200 takes nothing.
          { method: 'POST', ...post, headers: { ...headers, ...post.headers }, redirect: 'manual' as const }
    const response = await fetch(url, { ...request, signal })
    const body = await textOf(response)
    if (response.ok) return { body }
    const [place] = (response.headers.get('Location') ?? '').split('?')
    const [said = ''] = body.split('\n')
    const reason = place === '' ? said.trim() : `what is posted goes to ${place}`
    return { trouble: `it answered ${response.status}${reason === '' ? '' : `: ${reason.slice(0, longestReason)}`}` }
  } catch (error) {
    if (over.aborted) return { trouble: 'its answer was not waited for' }
    if ((error as Error).name === 'TimeoutError') return { trouble: `no answer within ${timeout / 1000} s` }
    // What fetch says is "fetch failed"; why is its cause.
    const { cause = error } = error as Error
    const { code, message } = cause as NodeJS.ErrnoException
    return { trouble: code === undefined ? message : (words.get(code) ?? code) }
  }
}

async function textOf({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let octets = 0
  for await (const chunk of body ?? []) {
    octets += chunk.length
    if (octets > longestBody) throw new Error(`its answer is longer than ${longestBody / 2 ** 20} MiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
