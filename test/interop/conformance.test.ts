/**
 * The conformance suite put to other people's servers and clients: their verdicts are as the baselines in
 * test/conformance/baselines have them, each of which docs/conformance.md explains. What fails here and is not known is a
 * case that is too strict, or a fault of theirs to be written down; what passes and should not, a case gone blind.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { run } from '../cli/conform-runs.js'
import { FakeTerminal } from '../cli/fake-terminal.js'
import { newChromiumPage } from '../peers/chromium.js'
import { type Installable, testWith } from '../peers/installable.js'
import * as programs from '../peers/programs.js'

const baseline = (name: string) => ['--profile', 'core', '--baseline', `test/conformance/baselines/${name}.json`]

const servers: [name: string, needs: readonly Installable[], program: string, script: string][] = [
  ['ws', [programs.ws], process.execPath, 'ws-echo.mjs'],
  ['python3-websockets', [programs.pythonWebsockets], programs.pythonPath, 'python_echo.py'],
]

for (const [name, needs, program, script] of servers) {
  void testWith(t, needs, `the server of ${name}`, async t => {
    const child = spawn(program, [programs.peerFile(script)], { stdio: ['ignore', 'pipe', 'ignore'] })
    t.teardown(() => child.kill())
    const [port] = (await once(child.stdout, 'data')) as [Buffer]
    const url = `ws://127.0.0.1:${Number(port)}`
    const { code, stderr } = await run(['conform', 'server', url, ...baseline(`${name}-server`)])
    t.equal(stderr, '')
    t.equal(code, 0)
  })
}

type Client = [
  name: string,
  needs: readonly Installable[],
  go: (t: Test, url: string) => Promise<unknown>,
  not?: readonly string[],
]

const clients: readonly Client[] = [
  ['ws', [programs.ws], async (t, url) => await spawned(t, process.execPath, programs.peerFile('ws-testee.mjs'), url)],
  [
    'python3-websockets',
    [programs.pythonWebsockets],
    async (t, url) => await spawned(t, programs.pythonPath, programs.peerFile('python_testee.py'), url),
    // A race of its own: now it answers, now it has closed already.
    ['6455/5.5.1/end-of-tcp-right-behind-close'],
  ],
  [
    'chromium',
    [programs.chromium],
    async (_, url) => {
      const page = await newChromiumPage()
      await page.addScriptTag({ content: await readFile(programs.peerFile('whatwg-testee.js'), 'utf8') })
      await page.evaluate(`goThrough(${JSON.stringify(url)}, 'chromium')`)
      await page.close()
    },
  ],
  [
    'node',
    [programs.node22],
    async (t, url) => {
      const script = await readFile(programs.peerFile('whatwg-testee.js'), 'utf8')
      await spawned(t, programs.node22Path, '-e', `${script};goThrough(process.argv[1], 'node')`, url)
    },
    // Where it does not open a connection it sometimes fires no event, and the loop ends.
    ['6455/4.1/response-*', '6455/9.1/*', '9112/*/*', '9110/15*', '9110/2.5/*'],
  ],
]

for (const [name, needs, go, not = []] of clients) {
  void testWith(t, needs, `the client of ${name}`, async t => {
    const terminal = new FakeTerminal()
    const judged = run(
      [
        'conform',
        'client',
        '--port',
        '0',
        ...baseline(`${name}-client`),
        ...not.flatMap(pattern => ['--not', pattern]),
      ],
      terminal,
    )
    const [, url] = await terminal.stderr.until(/listening on (ws:\/\/127.0.0.1:\d+)/)
    await go(t, url!)
    const { code, stderr } = await judged
    t.match(stderr, /^[^\n]*listening on [^\n]*\n$/)
    t.equal(code, 0)
  })
}

async function spawned(t: Test, program: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: 'ignore' })
  t.teardown(() => child.kill())
  await once(child, 'exit')
}
