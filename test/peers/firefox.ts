/**
 * Debian's Firefox, driven by WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/): how the tests find it, launch it and
 * have it run a script. Certificates are not its business here. Its commands go over a WebSocket, so our own client sends
 * them; playwright-core drives only a Firefox that was built for it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t from 'tap'
import { connect, type WebSocketConnection } from '../../src/index.js'

/** Where Debian puts it; another place by FRAMEWRIGHT_FIREFOX. */
export const firefoxPath = process.env['FRAMEWRIGHT_FIREFOX'] ?? '/usr/bin/firefox-esr'

/** What installs it. */
export const firefoxInstallCommand = 'sudo apt-get install firefox-esr'

export function hasFirefox(): boolean {
  return existsSync(firefoxPath)
}

/** What a command is answered with: §3.1 "CommandResponse", "ErrorResponse". */
interface Answer {
  readonly id?: number
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: string
  readonly message?: string
}

/** §7.6.3.3 "script.EvaluateResult", for a script that gives a string. */
interface Evaluated {
  readonly type: 'success' | 'exception'
  readonly result?: { readonly value?: string }
  readonly exceptionDetails?: { readonly text: string }
}

/** One Firefox, with a profile of its own. */
class Firefox {
  readonly #process: ChildProcess
  readonly #profile: string
  readonly #session: WebSocketConnection
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  #commands = 0

  private constructor(process: ChildProcess, profile: string, session: WebSocketConnection) {
    this.#process = process
    this.#profile = profile
    this.#session = session
    session.on('message', data => {
      const answer = JSON.parse(data as string) as Answer
      this.#waiting.get(answer.id ?? 0)?.(answer)
    })
  }

  static async launch(): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), 'framewright-firefox-'))
    const child = spawn(
      firefoxPath,
      ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
      },
    )
    const limits = { maxMessageSize: 64 * 1024 * 1024 }
    const firefox = new Firefox(child, profile, await connect(`${await listening(child)}/session`, { limits }))
    await firefox.ask('session.new', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } })
    return firefox
  }

  /** Rejects with the error that it answers with. */
  async ask(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    this.#commands += 1
    const id = this.#commands
    this.#session.send(JSON.stringify({ id, method, params }))
    const answer = await new Promise<Answer>(resolve => this.#waiting.set(id, resolve))
    this.#waiting.delete(id)
    if (answer.result === undefined) throw new Error(`${method}: ${answer.error}: ${answer.message}`)
    return answer.result
  }

  async close(): Promise<void> {
    const gone = once(this.#process, 'exit')
    this.#process.kill()
    await gone
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Where it listens for commands. */
async function listening(child: ChildProcess): Promise<string> {
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr! })) {
    const [, url] = /^WebDriver BiDi listening on (ws:\S+)$/.exec(line) ?? []
    if (url !== undefined) {
      child.stderr!.resume()
      return url
    }
    said.push(line)
  }
  throw new Error(`${firefoxPath} has ended:\n${said.join('\n')}`)
}

/** A page, as far as the tests have to do with it. */
export class FirefoxPage {
  readonly #firefox: Firefox
  readonly #context: unknown
  #closed = false

  constructor(firefox: Firefox, context: unknown) {
    this.#firefox = firefox
    this.#context = context
  }

  /** Resolves once it is loaded. */
  async goto(url: string): Promise<void> {
    await this.#firefox.ask('browsingContext.navigate', { context: this.#context, url, wait: 'complete' })
  }

  /** What the script gives, or what its promise resolves with: something that JSON can say. */
  async evaluate<Result>(script: string): Promise<Result> {
    const expression = `(async () => JSON.stringify(await (0, eval)(${JSON.stringify(script)})) ?? 'null')()`
    const target = { context: this.#context }
    const answer = await this.#firefox.ask('script.evaluate', { expression, target, awaitPromise: true })
    const { type, result, exceptionDetails } = answer as unknown as Evaluated
    if (type === 'exception') throw new Error(exceptionDetails!.text)
    return JSON.parse(result!.value!) as Result
  }

  /** Again: nothing. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#firefox.ask('browsingContext.close', { context: this.#context })
  }
}

let shared: Promise<Firefox> | undefined

/** A page in the one Firefox of this test file, which is closed when the file ends. Close the page when done. */
export async function newFirefoxPage(): Promise<FirefoxPage> {
  if (shared === undefined) {
    const browser = Firefox.launch()
    shared = browser
    t.teardown(async () => (await browser).close())
  }
  const firefox = await shared
  const { context } = await firefox.ask('browsingContext.create', { type: 'tab' })
  return new FirefoxPage(firefox, context)
}
