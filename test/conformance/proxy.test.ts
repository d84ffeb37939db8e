/** `framewright conform proxy`: proxies that pass all on, and such that do not, each caught by the cases for what it breaks. */
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { proxyCases } from '../../src/conformance/cases/proxy.js'
import { FarEnd } from '../../src/conformance/far-end.js'
import { defaultPatience, type Patience } from '../../src/conformance/patience.js'
import { runThroughProxy } from '../../src/conformance/proxy-runner.js'
import { proxyTrial } from '../../src/conformance/proxy-trial.js'
import type { CaseResult } from '../../src/conformance/run-case.js'
import { idsOf, selectRuns } from '../../src/conformance/selection.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import { listening, run } from '../cli/conform-runs.js'
import { testWith } from '../peers/installable.js'
import { startNginx } from '../peers/nginx.js'
import { nginx } from '../peers/programs.js'
import { due, type Mutant, provesItsCase } from './mutants/mutant.js'
import type { NaiveListener } from './mutants/naive-listener.js'
import { NaiveProxy } from './mutants/naive-proxy.js'
import { type Forwarding, PlainForwarder } from './mutants/plain-forwarder.js'
import { type ProxyBreak, proxyMutants } from './mutants/proxy-mutants.js'

const impatience: Patience = { silence: 400, asking: 50, prompt: 1000, endless: 60_000 }

function told({ run, verdict, behaviour, closing }: CaseResult): string {
  return [run.id, verdict, ...[...behaviour.findings, ...closing.findings].map(({ reason }) => reason)].join(' ')
}

/** A broken one is put to these cases; one that is not, to a trial and then to all, several at a time. */
async function judge(
  t: Test,
  proxyTo: (upstream: number) => NaiveListener,
  wanted?: readonly string[],
  brief = impatience,
) {
  const far = new FarEnd()
  t.teardown(() => far.close())
  const proxy = proxyTo(await far.listen('127.0.0.1', 0))
  t.teardown(() => proxy.stop())
  const target = { uri: WebSocketUri.parse(await proxy.listen()), fieldLines: '' }
  if (wanted !== undefined) {
    const runs = selectRuns(proxyCases, { tested: 'proxy', profile: 'all', wanted, unwanted: ['*@*'] })
    return await runThroughProxy(runs, target, far, { jobs: 1, seed: 1, patience: brief })
  }
  const patience = { ...defaultPatience, silence: 2000 }
  t.equal(await proxyTrial(target, far, patience), undefined)
  const runs = selectRuns(proxyCases, { tested: 'proxy', profile: 'all' })
  t.equal(runs.length, 2 * proxyCases.length)
  return await runThroughProxy(runs, target, far, { jobs: 8, seed: 1, patience })
}

t.test('a proxy that passes all on passes every case', async t => {
  const results = await judge(t, upstream => new NaiveProxy(upstream))
  t.same(results.filter(({ verdict }) => verdict !== 'PASS').map(told), [])
})

const forwarders: readonly Forwarding[] = [
  { dials: 'at once', halfOpen: true },
  { dials: 'at once', halfOpen: false },
  { dials: 'at the first octet', halfOpen: true },
  { dials: 'at the first octet', halfOpen: false },
  { dials: 'beforehand', halfOpen: true },
]

for (const forwarding of forwarders) {
  const { dials, halfOpen } = forwarding
  t.test(`a forwarder of octets that connects ${dials}, and keeps TCP ${halfOpen ? '' : 'not '}half open`, async t => {
    const results = await judge(t, upstream => new PlainForwarder(upstream, forwarding))
    const others = results.filter(({ verdict }) => verdict !== 'PASS').map(told)
    // It reads no HTTP, and so is not held to it.
    t.equal(others.filter(one => one.includes(' SKIP it is a tunnel')).length, 8)
    const ends = halfOpen ? [] : others.filter(one => /proxy-keeps-the-way-(out|back)-open\S* INFO/.test(one))
    t.equal(others.length, 8 + ends.length, others.join('\n'))
    t.equal(ends.length, halfOpen ? 0 : 4)
  })
}

t.test('a broken proxy is caught by each case that names it', async t => {
  const caught = new Set<string>()
  const queue = (proxyMutants as readonly Mutant[]).values()
  const work = async () => {
    for (const mutant of queue) {
      const { breaks, caughtBy } = mutant
      const broken = (upstream: number) => new NaiveProxy(upstream, breaks as ProxyBreak)
      for (const pattern of caughtBy) t.not(idsOf(proxyCases, pattern).size, 0, `${pattern} names a case`)
      const isOdd = (result: CaseResult) => result.verdict !== due(result, mutant)
      const results = await judge(t, broken, caughtBy)
      // Of these one may have been late, and no more than that.
      const hasty = results.filter(isOdd).map(({ run }) => run.id)
      const odd = hasty.length === 0 ? [] : await judge(t, broken, hasty, defaultPatience)
      t.same(odd.filter(isOdd).map(told), [], `${breaks}: caught`)
      for (const result of results) if (provesItsCase(result)) caught.add(result.run.id)
    }
  }
  await Promise.all(Array.from({ length: 6 }, work))
  t.same(
    proxyCases.filter(({ id }) => !caught.has(id)).map(({ id }) => id),
    [],
    'cases that no mutant fails',
  )
})

t.test('a proxy that is merely broken is judged, one case after the other', async t => {
  for (const breaks of ['puts a key of its own', 'says nothing'] as const) {
    const far = new FarEnd()
    t.teardown(() => far.close())
    const proxy = new NaiveProxy(await far.listen('127.0.0.1', 0), breaks)
    t.teardown(() => proxy.stop())
    const target = { uri: WebSocketUri.parse(await proxy.listen()), fieldLines: '' }
    t.equal(await proxyTrial(target, far, impatience), undefined, breaks)
    t.equal(far.passesKeys, false)
  }
})

t.test('a proxy that cannot be reached, and a run that is interrupted', async t => {
  const far = new FarEnd()
  await far.listen('127.0.0.1', 0)
  const target = { uri: WebSocketUri.parse('ws://127.0.0.1:1'), fieldLines: '' }
  const runs = selectRuns(proxyCases, { tested: 'proxy', wanted: ['6455/7.1.5'], unwanted: ['*@*'] })
  const abort = new AbortController()
  const onResult = () => abort.abort()
  const results = await runThroughProxy(runs, target, far, {
    jobs: 1,
    seed: 1,
    patience: impatience,
    signal: abort.signal,
    onResult,
  })
  t.match(results.map(told), [/ ERROR cannot connect: /])
  await far.close()
})

t.test('what onResult throws rejects the run: nothing else is begun, and what has begun is finished', async t => {
  const far = new FarEnd()
  t.teardown(() => far.close())
  const proxy = new NaiveProxy(await far.listen('127.0.0.1', 0))
  t.teardown(() => proxy.stop())
  const target = { uri: WebSocketUri.parse(await proxy.listen()), fieldLines: '' }
  t.equal(await proxyTrial(target, far, impatience), undefined)
  const runs = selectRuns(proxyCases, { tested: 'proxy', wanted: ['*'], unwanted: ['*@*'] })
  const heard: string[] = []
  const onResult = (result: CaseResult) => {
    heard.push(told(result))
    if (heard.length === 1) throw new Error('the disk is full')
  }
  const about = { jobs: 2, seed: 1, patience: impatience }
  await t.rejects(runThroughProxy(runs, target, far, { ...about, onResult }), { message: 'the disk is full' })
  const [first, ...others] = heard
  t.ok(first)
  t.ok(others.length <= 1, `only what was under way beside it: ${others.join(', ')}`)
  const results = await runThroughProxy(runs.slice(0, 2), target, far, about)
  t.match(results.map(told), [/ PASS$/, / PASS$/], 'another run takes its time')
  t.equal(heard.length, 1 + others.length, 'and nothing of the first has gone on')
})

/** nginx in front of `conform proxy`, at a port that was free when nginx was told of it; again, if it is not any more. */
async function judgeNginx(t: Test, options: readonly string[], attempts = 5): ReturnType<typeof run> {
  const server = createServer()
  const port = String(await listening(t, server))
  server.close()
  const proxy = await startNginx(`http://127.0.0.1:${port}`)
  const judged = await run(['conform', 'proxy', proxy.plain.url, '--port', port, ...options])
  await proxy.stop()
  if (attempts === 1 || !judged.stderr.includes(`127.0.0.1:${port}: the port is in use`)) return judged
  return await judgeNginx(t, options, attempts - 1)
}

void testWith(t, [nginx], 'nginx passes all on, but for what docs/conformance.md tells', async t => {
  const known = ['--baseline', 'test/conformance/baselines/nginx-proxy.json', '--timeout-scale', '0.4']
  const { code, stdout, stderr } = await judgeNginx(t, ['--case', '*/proxy-*', '--not', '*@*', ...known])
  t.match(stderr, /^what the proxy connects to: 127.0.0.1:\d+\n$/)
  // Now and then one WARN more: it resets TCP where our Close frame meets its end.
  t.match(stdout, /\nPASS \d+, INFO 2, WARN [23], FAIL 1: proxy ws:/)
  t.equal(code, 0)
})
