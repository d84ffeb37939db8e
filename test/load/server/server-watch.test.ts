/** The process of a server, watched: a made one second by second, and this very one. */
import { spawn } from 'node:child_process'
import { pbkdf2Sync } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { load } from '../../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../../src/load/load-options.js'
import type { MemoryPerConnection } from '../../../src/load/server/memory-per-connection.js'
import { usageOfProcess } from '../../../src/load/server/process-usage.js'
import { RisingCount } from '../../../src/load/server/rising-count.js'
import type { ServerUsage } from '../../../src/load/server/server-usage.js'
import { ServerView } from '../../../src/load/server/server-view.js'
import { ServerWatch } from '../../../src/load/server/server-watch.js'
import { echo, serve } from '../known-servers.js'

/** A process that is told what it takes. */
class Process {
  usage: ServerUsage | undefined = { cpu: 10, memory: 1000, threads: 2 }
  now = 0
  readonly watch: ServerWatch

  /** @param beginsAnew - where its CPU falls. */
  constructor(beginsAnew = false) {
    this.watch = new ServerWatch(
      this.usage!,
      () => this.usage,
      new RisingCount(beginsAnew),
      () => this.now,
    )
  }

  /** Later it has taken that much more. */
  pass(milliseconds: number, cpu: number, more: Partial<ServerUsage> = {}): void {
    this.now += milliseconds
    this.usage = { ...this.usage!, ...more, cpu: this.usage!.cpu + cpu }
  }
}

t.test('seconds, and what was measured of all: without what came before, and the warm-up', async t => {
  const it = new Process()
  it.pass(3000, 3, { memory: 5000, threads: 9 })
  it.watch.begin()
  it.pass(1000, 0.75, { memory: 4000, threads: 4 })
  t.same(it.watch.second('warmUp'), { cores: 0.75, memory: 4000, threads: 4 })
  it.pass(1000, 0.5)
  t.same(it.watch.second('measured'), { cores: 0.5, memory: 4000, threads: 4 })
  it.pass(2000, 2.5, { memory: 4500 })
  t.same(it.watch.second('measured'), { cores: 1.25, memory: 4500, threads: 4 })
  it.pass(5000, 0)
  t.same(it.watch.second('rest'), { cores: 0, memory: 4500, threads: 4 })
  it.pass(5000, 0)
  const report = { memoryBefore: 1000, memoryMax: 5000, threads: 9 }
  t.match(it.watch.report(), { ...report, cores: 1, perConnection: undefined })
})

t.test('a run that is shorter than a second; one that takes no time', async t => {
  const none = new Process()
  none.watch.begin()
  t.equal(none.watch.report().cores, 0)
  const short = new Process()
  short.watch.begin()
  short.pass(500, 0.25)
  t.equal(short.watch.report().cores, 0.5)
  short.pass(500, 0)
  short.watch.second('rest')
  short.pass(1000, 3)
  short.watch.second('rest')
  t.equal(
    short.watch.report().cores,
    0.25,
    'of the second that has it, and not of those in which replies are waited for',
  )
})

t.test('a server that ends', async t => {
  const it = new Process()
  it.watch.begin()
  it.pass(1000, 1)
  it.watch.second('measured')
  it.usage = undefined
  it.now += 1000
  t.equal(it.watch.second('measured'), undefined)
  it.watch.opened(7)
  const told = { cores: 1, threads: 2, memoryMax: 1000, endedAfter: 1 }
  t.match(it.watch.report(), told)
  it.usage = { cpu: 0, memory: 10_000, threads: 30 }
  it.now += 1000
  t.equal(it.watch.second('measured'), undefined, 'another one that has its number')
  t.match(it.watch.report(), told)
})

t.test('a server that ends in the warm-up has no CPU to tell of', async t => {
  const it = new Process()
  it.watch.begin()
  it.usage = undefined
  it.now += 1000
  it.watch.second('warmUp')
  t.match(it.watch.report(), { endedAfter: 0, cores: undefined, memoryMax: 1000 })
})

void t.test(
  'a process that ends while it is measured, or behind that',
  { skip: process.platform !== 'linux' && 'of Linux' },
  async t => {
    for (const [of, endedAfter] of [
      ['measured', 1],
      ['rest', undefined],
    ] as const) {
      const child = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] })
      await once(child, 'spawn')
      const view = new ServerView(loadSettings('ws://a', { serverPid: child.pid! }))
      view.begin()
      t.match(view.second('warmUp'), { memory: Number })
      t.match(view.second('measured'), { memory: Number })
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
      t.equal(view.second(of), undefined)
      t.match(view.report(), { pid: child.pid, seconds: 1, endedAfter, cores: Number, memoryMax: Number })
    }
  },
)

void t.test('a load whose server ends says so', { skip: process.platform !== 'linux' && 'of Linux' }, async t => {
  const server = await serve(t, echo)
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] })
  await once(child, 'spawn')
  const failIf = ['server.memory > 1GiB', 'rtt.max > 10s']
  const options = { connections: 1, warmUp: 0, duration: 2000, rate: 10, size: 20, serverPid: child.pid!, failIf }
  const report = await load(server.url, { ...options, onSecond: () => child.stdin.end() })
  t.match(report.server, { endedAfter: 1, memoryMax: Number })
  t.match(report.conditions, [{ failed: true, serverEnded: true, value: Number }, { failed: false }])
})

void t.test(
  'one that is to be aborted ends by that, though its server ended in the warm-up',
  { skip: process.platform !== 'linux' && 'of Linux' },
  async t => {
    const server = await serve(t, echo)
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] })
    await once(child, 'spawn')
    const failIf = ['server.cores > 3', 'rtt.max > 10s']
    const options = { connections: 1, warmUp: 2000, duration: 60_000, rate: 10, size: 20, failIf, abortOnFail: true }
    const onSecond = () => child.stdin.end()
    const report = await load(server.url, { ...options, serverPid: child.pid!, onSecond })
    t.equal(report.interruptedBy, 'failIf')
    t.ok(report.seconds < 30, `${report.seconds}`)
    t.match(report.conditions, [
      { failed: true, endedRun: true, serverEnded: true },
      { failed: false, endedRun: undefined },
    ])
  },
)

t.test(
  'while the last replies are waited for nothing is measured, whatever has ended the time before that',
  async t => {
    const server = await serve(t, () => {})
    const run = async (options: LoadOptions, behind: (folder: string) => void) => {
      const files = { 'cpu.stat': 'usage_usec 0\n', 'memory.current': '5\n' }
      const serverCgroup = t.testdir(files)
      return await load(server.url, {
        ...{ connections: 1, warmUp: 0, drain: 1500, rate: 10, size: 20, serverCgroup, ...options },
        onSecond: ({ number }) => number === 0 && behind(serverCgroup),
      })
    }
    const takes = (folder: string) => writeFileSync(join(folder, 'cpu.stat'), 'usage_usec 9000000\n')
    const ends = (folder: string) => rmSync(join(folder, 'cpu.stat'))
    const taken = await run({ duration: 1000 }, takes)
    t.ok(taken.perSecond[1]!.server!.cores! > 1)
    t.match(taken.server, { cores: 0, seconds: 1 })
    const aborted = { duration: 60_000, failIf: ['sent > 0', 'server.cores > 2'], abortOnFail: true }
    const cut = await run(aborted, takes)
    t.match(cut, { interruptedBy: 'failIf', server: { cores: 0, seconds: 1 } })
    const ended = await run(aborted, ends)
    t.match(ended, { server: { endedAfter: undefined }, conditions: [{ endedRun: true }, { failed: false }] })
  },
)

t.test('what each connection takes: exact where it is a line, with its error where it is not', async t => {
  for (const wave of [0, 500]) {
    const it = new Process()
    for (let n = 1; n <= 100; n++) {
      it.pass(1, 0, { memory: 1000 + 4096 * n + (n % 2 === 0 ? wave : -wave) })
      it.watch.opened(n)
    }
    const { octets, error, samples } = it.watch.report().perConnection as MemoryPerConnection
    t.equal(samples, 101)
    t.ok(Math.abs(octets - 4096) <= 2 * error + 1e-6, `${octets}`)
    t.ok(wave === 0 ? error < 1e-6 : error > 1 && error < 5, `${error}`)
  }
})

void t.test('this process, as the kernel tells', { skip: process.platform !== 'linux' && 'of Linux' }, async t => {
  const { cpu, memory, threads } = usageOfProcess(process.pid)!
  const { user, system } = process.cpuUsage()
  t.ok(cpu > (user + system) / 1e6 - 0.5, `${cpu}: with all that this process has started before`)
  for (let round = 0; round < 10; round++) pbkdf2Sync('some work', '', 50_000, 32, 'sha1')
  const spent = process.cpuUsage({ user, system })
  const told = usageOfProcess(process.pid)!.cpu - cpu
  t.ok(Math.abs(told - (spent.user + spent.system) / 1e6) < 0.1, `${told}`)
  t.ok(memory > 10e6 && memory < 10e9, `${memory}`)
  t.ok(threads > 1)
  t.equal(usageOfProcess(2 ** 30), undefined)
  t.throws(() => loadSettings('ws://a', { serverPid: 2 ** 30 }), {
    code: 'WS_INVALID_OPTION',
    message: /`serverPid` 1073741824: there is no such process/,
  })
  // Server and generator are one process: what it takes is what both do.
  const server = await serve(t, echo)
  const options = { connections: 20, warmUp: 0, duration: 1100, rate: 200, size: 20, serverPid: process.pid } as const
  const report = await load(server.url, options)
  // Of so few connections it is a figure, or the reason why there is none.
  t.match(report.server, { pid: process.pid, perConnection: { samples: 21 } })
  const share = await load(server.url, { ...options, duration: 50, shard: { index: 0, count: 2 } })
  t.match(share.server, { pid: process.pid, memoryMax: Number, perConnection: undefined }, 'others open theirs, too')
  const { cores, memoryBefore, memoryMax } = report.server!
  t.ok(cores! > 0 && cores! < 64)
  t.ok(memoryMax! >= memoryBefore!)
  t.match(report.perSecond[0]!.server, { cores: Number, memory: Number, threads: Number })
  const view = new ServerView(loadSettings('ws://a', { serverPid: process.pid }))
  view.begin()
  t.equal(view.report()!.seconds, undefined)
  const seconds = (['warmUp', 'measured', 'measured', 'rest'] as const).map(of => {
    view.second(of)
    return view.report()!.seconds
  })
  t.same(seconds, [undefined, 1, 2, 2], 'neither of the warm-up, nor behind the end')
})

void t.test('what it has started counts with it', { skip: process.platform !== 'linux' && 'of Linux' }, async t => {
  const before = usageOfProcess(process.pid)!
  // A shell below this process, and below that a program that holds memory; what has ended and nobody waits for holds none.
  const program = 'const held = Buffer.alloc(2e8, 1); console.log(held.length); process.stdin.resume()'
  const shell = `true & exec "$0" -e 'require("node:child_process").spawn(process.execPath, ["-e", process.argv[1]], { stdio: "inherit" })' "$1"`
  const child = spawn('/bin/sh', ['-c', shell, process.execPath, program], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  await once(child.stdout, 'data')
  const during = usageOfProcess(process.pid)!
  t.ok(during.memory - before.memory > 2e8, `${during.memory - before.memory}`)
  t.ok(during.threads >= before.threads + 2, `${during.threads - before.threads}`)
  t.ok(during.cpu > before.cpu)
  child.stdin.end()
  await ended
  const after = usageOfProcess(process.pid)!
  t.ok(after.memory < during.memory - 1e8, `${after.memory - during.memory}`)
  t.ok(after.cpu >= during.cpu, 'what they took stays taken')
})

void t.test(
  'CPU of what has ended is counted once, also while nobody has waited for it',
  { skip: process.platform !== 'linux' && 'of Linux' },
  async t => {
    const work = 'require("node:crypto").pbkdf2Sync("some work", "", 400_000, 32, "sha1"); console.log(process.pid)'
    // Shells without job control wait when they are told to; one that does so by itself has nothing to be counted twice.
    const shell = spawn(
      '/bin/sh',
      ['-c', '"$0" -e "$1" & read go; wait; echo waited; read go', process.execPath, work],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    )
    const ended = once(shell, 'exit')
    const worker = Number(String((await once(shell.stdout, 'data'))[0]))
    const state = () => {
      try {
        return /\) (\w)/.exec(readFileSync(`/proc/${worker}/stat`, 'latin1'))![1]
      } catch {
        return 'gone'
      }
    }
    const during = usageOfProcess(shell.pid!)!
    while (!['Z', 'gone'].includes(state()!)) await new Promise(setImmediate)
    const between = usageOfProcess(shell.pid!)!
    t.equal(usageOfProcess(worker), undefined, 'by itself it is no process any more')
    t.ok(between.cpu >= during.cpu, `${between.cpu} of ${during.cpu}`)
    t.ok(between.cpu > 0.1 && between.memory > 0, `${between.cpu}`)
    t.equal(between.threads, 1, 'its shell')
    shell.stdin.write('\n')
    await once(shell.stdout, 'data')
    const after = usageOfProcess(shell.pid!)!.cpu
    t.ok(after - between.cpu < 0.1, `${after}: not again`)
    shell.stdin.end('\n')
    await ended
  },
)

t.test('what ends in a part of it makes nothing less: not the second, and not the whole', async t => {
  const it = new Process()
  it.watch.begin()
  it.pass(1000, 0.75)
  t.equal(it.watch.second('measured')?.cores, 0.75)
  it.pass(1000, -5)
  t.equal(it.watch.second('measured')?.cores, 0)
  it.pass(1000, 0.75)
  t.equal(it.watch.second('measured')?.cores, 0.75)
  t.match(it.watch.report(), { cores: 0.5, restarts: undefined })
})

t.test(
  'a process whose children are restarted: on their page that is so, and of its own CPU nothing is missing',
  async t => {
    const folder = t.testdir({ 'cpu.stat': 'usage_usec 0\n', 'memory.current': '5\n' })
    let asked = 0
    const page = createServer((_, response) =>
      response.end(`process_cpu_seconds_total ${asked++ === 0 ? 9 : 1 + asked}\n`),
    )
    await once(page.listen(0, '127.0.0.1'), 'listening')
    t.teardown(() => page.close())
    const url = `http://127.0.0.1:${(page.address() as AddressInfo).port}/`
    for (const [serverCgroup, restarts] of [
      [undefined, 1],
      [folder, undefined],
    ] as const) {
      asked = 0
      const view = new ServerView(
        loadSettings('ws://a', {
          warmUp: 0,
          duration: 2000,
          serverMetrics: { url },
          ...(serverCgroup && { serverCgroup }),
        }),
      )
      const answered = async (times: number) => {
        while (view.report()!.scrapes!.answered < times) await new Promise(setImmediate)
      }
      await answered(1)
      view.begin()
      await answered(2)
      view.second('measured')
      view.end()
      t.equal(view.report()!.restarts, restarts)
    }
  },
)

t.test('a group that begins anew: what it has taken since is counted, and that it was so is said', async t => {
  const it = new Process(true)
  const restart = () => {
    it.now += 1000
    it.usage = { cpu: 0.25, memory: 900, threads: 1 }
  }
  restart()
  it.watch.begin()
  it.pass(1000, 3)
  it.watch.second('warmUp')
  restart()
  it.watch.second('warmUp')
  t.match(it.watch.report(), { restarts: undefined }, 'not while it was measured')
  it.pass(1000, 0.75)
  t.equal(it.watch.second('measured')?.cores, 0.75)
  restart()
  t.equal(it.watch.second('measured')?.cores, 0.25)
  it.pass(1000, 0.5)
  t.equal(it.watch.second('measured')?.cores, 0.5)
  t.match(it.watch.report(), { cores: 0.5, restarts: 1, endedAfter: undefined })
})
