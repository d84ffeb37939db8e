/** Whoever reads what the command prints may leave, as `head` does: real processes, with the pipes of a shell. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { main } from '../../src/cli/main.js'
import { connect } from '../../src/index.js'
import { withCoverage } from '../coverage/child-environment.js'
import { echo, serve } from '../load/known-servers.js'
import { madeReport, steady } from '../load/made-report.js'
import { CommandProcess } from './command-process.js'
import { FakeTerminal } from './fake-terminal.js'

const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

/** Scripts that run the command, and leave in files what it exits with, and what those are given who stay: `:` reads nothing. */
const leaving = {
  stdout: '{ "$@" 2>stderr; echo $? >code; } | :',
  stderr: '{ "$@" >stdout; echo $? >code; } 2>&1 >/dev/null | :',
  both: '{ "$@"; echo $? >code; } 2>&1 | :',
} as const

/** Runs the command in a folder of its own, which is returned as a way to read its files. */
async function abandoned(
  t: Test,
  who: keyof typeof leaving,
  args: readonly string[],
  { env = {}, files = {} }: { env?: Record<string, string>; files?: Record<string, string> } = {},
): Promise<(file: string) => string> {
  const folder = t.testdir(files)
  const shell = spawn('sh', ['-c', leaving[who], 'sh', '/usr/bin/env', ...withCoverage, program, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true, // so that all of it can be ended
  })
  shell.stdin.end('Hello\n')
  let running = true
  t.teardown(() => running && process.kill(-shell.pid!, 'SIGKILL'))
  await once(shell, 'close')
  running = false
  return file => {
    const path = join(folder, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }
}

/** Threads have more to say then than is kept for who does not read: 64 KiB here and there. */
const talkative = { NODE_DEBUG: 'net' }

for (const who of ['stdout', 'stderr'] as const) {
  t.test(`load: the reader of ${who} leaves, and the files are written`, async t => {
    const { url } = await serve(t, echo)
    const brief = ['--duration', '100ms', '--warm-up', '0s', '--rate', '20']
    const read = await abandoned(t, who, ['load', url, ...brief, '--connections', '2', '--json', 'run.json'])
    t.equal(read('code'), '0\n')
    t.match(JSON.parse(read('run.json')), { format: 'framewright-load', counts: { opened: 2 } })
    if (who === 'stderr') t.match(read('stdout'), /^messages$/m, 'who reads stdout has the summary')
    if (who === 'stdout') t.match(read('stderr'), /^opening 2 connections to [^\n]*\n$/)
  })
}

t.test('load: threads that write what nobody reads end, too', async t => {
  const { url } = await serve(t, echo)
  const brief = ['load', url, '--duration', '100ms', '--warm-up', '0s', '--rate', '20', '--connections']
  const read = await abandoned(t, 'both', [...brief, '200', '--json', 'run.json'], { env: talkative })
  t.equal(read('code'), '0\n')
  t.match(JSON.parse(read('run.json')), { counts: { opened: 200 } })
  const heard = await abandoned(t, 'stdout', [...brief, '8', '--threads', '2'], { env: talkative })
  t.ok(heard('stderr').match(/^NET \d+: afterConnect$/gm)!.length >= 8, 'where it is read it comes')
})

const report = JSON.stringify(madeReport({ seconds: steady(5, 10, 1, 1) }))
const find = ['load', 'find', '--slo', 'rtt.count < 0', '--duration', '50ms', '--warm-up', '0s', '--connections', '1']

const others: [who: keyof typeof leaving, args: string[], code: RegExp, stderr: RegExp, file?: string][] = [
  // A busy machine may keep the generator from keeping up.
  ['both', [...find, '--from', '20', '--to', '20', 'URL'], /^[13]$/, /^$/],
  ['stdout', ['load', 'compare', 'report.json', 'report.json', '--html', 'page.html'], /^0$/, /^$/, 'page.html'],
  [
    'stdout',
    ['load', 'merge', 'report.json', '--json', '-', '--html', 'page.html'],
    /^0$/,
    /\nmessages\n/,
    'page.html',
  ],
  ['both', ['conform', 'server', 'URL', '--case', '6455/5.5.2', '--json', 'run.json'], /^0$/, /^$/, 'run.json'],
  ['stdout', ['connect', 'URL', '--wait', 'forever'], /^0$/, /^$/],
]
for (const [who, args, code, stderr, file] of others) {
  t.test(`${args.slice(0, 2).join(' ')}: the reader of ${who} leaves`, async t => {
    const { url } = await serve(t, echo)
    const typed = args.map(argument => argument.replace('URL', url))
    const read = await abandoned(t, who, typed, { files: { 'report.json': report } })
    t.match(read('code').trim(), code)
    t.match(read('stderr'), stderr)
    if (file !== undefined) t.not(read(file), '')
  })
}

t.test('conform client: it goes on for its client, and writes its file', async t => {
  const file = join(t.testdir(), 'run.json')
  const args = ['conform', 'client', '--port', '0', '--case', '6455/5.5.2', '--json', file]
  const running = new CommandProcess(t, args)
  const [, url] = await running.untilTold(/listening on (\S+):/)
  running.child.stdout!.destroy()
  running.child.stderr!.destroy()
  t.equal(await main(['testee', url!], new FakeTerminal()), 0)
  t.same(await running.ended, { code: 0, signal: null })
  t.ok(JSON.parse(readFileSync(file, 'utf8')).counts.PASS > 0)
})

t.test('echo: it goes on until Ctrl-C', async t => {
  const running = new CommandProcess(t, ['echo', '--port', '0'])
  const [, url] = await running.until(/listening on (\S+)\n/)
  running.child.stdout!.destroy()
  running.child.stderr!.destroy()
  const connection = await connect(url!)
  running.child.kill('SIGINT')
  t.equal((await connection.closed).code, 1001)
  t.same(await running.ended, { code: 0, signal: null })
})
