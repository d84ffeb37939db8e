/**
 * Other people's endpoints, each with what puts the conformance suite to it: for the tests that hold them to their baselines, and
 * for the table of docs/conformance.md.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { run } from '../cli/conform-runs.js'
import { FakeTerminal } from '../cli/fake-terminal.js'
import type { Installable } from './installable.js'
import * as programs from './programs.js'

/** What a run of the command came to. */
type Ran = Awaited<ReturnType<typeof run>>

export interface JudgedPeer {
  /** Of its baseline, without the ending. */
  readonly name: string
  /** For tables. */
  readonly title: string
  readonly side: 'server' | 'client' | 'client, ordered'
  readonly needs: readonly Installable[]
  /** Cases that it is not put to, for what comes of them is chance. */
  readonly not: readonly string[]
  /** Which it is. */
  readonly version: () => string
  /**
   * Runs the suite.
   *
   * @param options - of `framewright conform server` or `client`.
   * @param newPage - where it is a browser: a page of it, to be closed.
   */
  readonly judge: (options: readonly string[], newPage: () => Promise<Page>) => Promise<Ran>
}

const ws = {
  title: 'ws',
  needs: [programs.ws],
  version: () =>
    said(
      process.execPath,
      '-p',
      `require(${JSON.stringify(programs.peerFile('node_modules/ws/package.json'))}).version`,
    ),
}
const python = {
  title: 'websockets (Python)',
  needs: [programs.pythonWebsockets],
  version: () => said(programs.pythonPath, '-c', 'import websockets; print(websockets.__version__)'),
}
const node = {
  title: 'WebSocket of Node',
  needs: [programs.node22],
  version: () => said(programs.node22Path, '-p', 'process.versions.node'),
}

export const judgedPeers: readonly JudgedPeer[] = [
  { ...ws, name: 'ws-server', side: 'server', not: [], judge: server(process.execPath, 'ws-echo.mjs') },
  {
    ...python,
    name: 'python3-websockets-server',
    side: 'server',
    not: [],
    judge: server(programs.pythonPath, 'python_echo.py'),
  },
  {
    ...ws,
    name: 'ws-client',
    side: 'client',
    not: [],
    judge: client(async url => await spawned(process.execPath, programs.peerFile('ws-testee.mjs'), url)),
  },
  {
    ...python,
    name: 'python3-websockets-client',
    side: 'client',
    // A race of its own: now it answers, now it has closed already.
    not: ['6455/5.5.1/end-of-tcp-right-behind-close'],
    judge: client(async url => await spawned(programs.pythonPath, programs.peerFile('python_testee.py'), url)),
  },
  {
    title: 'Chromium',
    name: 'chromium-client',
    side: 'client',
    needs: [programs.chromium],
    not: [],
    version: () => said('/usr/bin/chromium', '--version').replace(/^Chromium ([\d.]+).*/s, '$1'),
    judge: client(async (url, newPage) => {
      const page = await newPage()
      await page.addScriptTag({ content: await readFile(programs.peerFile('whatwg-testee.js'), 'utf8') })
      await page.evaluate(`goThrough(${JSON.stringify(url)}, 'chromium')`)
      await page.close()
    }),
  },
  {
    ...node,
    name: 'node-client',
    side: 'client',
    // Where it does not open a connection it sometimes fires no event, and the loop ends.
    not: ['6455/4.1/response-*', '6455/9.1/*', '9112/*/*', '9110/15*', '9110/2.5/*'],
    judge: client(async url => {
      const script = await readFile(programs.peerFile('whatwg-testee.js'), 'utf8')
      await spawned(programs.node22Path, '-e', `${script};goThrough(process.argv[1], 'node')`, url)
    }),
  },
  {
    ...ws,
    name: 'ws-ordered',
    side: 'client, ordered',
    not: [],
    judge: ordered(`NODE_PATH=${programs.peerFile('node_modules')}`, process.execPath, 'examples/testees/ws.cjs'),
  },
  {
    ...python,
    name: 'python3-websockets-ordered',
    side: 'client, ordered',
    not: [],
    judge: ordered(programs.pythonPath, 'examples/testees/python_websockets.py'),
  },
  {
    ...node,
    name: 'node-ordered',
    side: 'client, ordered',
    // Behind it now and then one connection more fails.
    not: ['6455/7.1.4/reports-that-there-is-no-connection'],
    judge: ordered(programs.node22Path, 'examples/testees/whatwg.mjs'),
  },
]

function server(program: string, script: string): JudgedPeer['judge'] {
  return async options => {
    const child = spawn(program, [programs.peerFile(script)], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const [port] = (await once(child.stdout, 'data')) as [Buffer]
      return await run(['conform', 'server', `ws://127.0.0.1:${Number(port)}`, ...options])
    } finally {
      child.kill()
    }
  }
}

function client(go: (url: string, newPage: () => Promise<Page>) => Promise<void>): JudgedPeer['judge'] {
  return async (options, newPage) => {
    const terminal = new FakeTerminal()
    const judged = run(['conform', 'client', '--port', '0', ...options], terminal)
    const [, url] = await terminal.stderr.until(/listening on (ws:\/\/127.0.0.1:\d+)/)
    await go(url!, newPage)
    return await judged
  }
}

/** What is not our code need not be measured. */
function ordered(...program: readonly string[]): JudgedPeer['judge'] {
  const unmeasured = ['NODE_OPTIONS', 'NODE_V8_COVERAGE'].flatMap(name => ['-u', name])
  return async options =>
    await run(['conform', 'client', '--control', ...options, '--', 'env', ...unmeasured, ...program])
}

async function spawned(program: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' })
  await once(child, 'exit')
}

function said(program: string, ...args: readonly string[]): string {
  return spawnSync(program, args, { encoding: 'utf8' }).stdout.trim()
}
