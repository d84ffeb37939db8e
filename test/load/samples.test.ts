/** Single times, in a stream: as many as the report has, and the same ones. */
import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import t from 'tap'
import { load } from '../../src/load/load.js'
import { eventLoop } from '../../src/load/pacer.js'
import { SampleRows } from '../../src/load/sample-rows.js'
import { SampleWriter } from '../../src/load/sample-writer.js'
import { loadScenario } from '../../src/load/scenario/load-scenario.js'
import { type TimeName, timeNames } from '../../src/load/tally.js'
import { echo, serve } from './known-servers.js'

/** Keeps what is written to it. */
class Kept extends Writable {
  text = ''

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk
    done()
  }
}

t.test('CSV: every time of the report is a line, with the time itself and when it was', async t => {
  const server = await serve(t, echo)
  const to = new Kept()
  // Longer than a second, so that threads send what they have, and get the room back, while they run.
  const options = { rate: 1000, duration: 1500, warmUp: 100, connections: 4, threads: 2 }
  const report = await load(server.url, { ...options, samples: { to } })
  const [head, ...lines] = to.text.trimEnd().split('\n')
  t.equal(head, 'at,time,ms,class')
  const rows = lines.map(line => line.split(','))
  t.same(report.samples, { written: rows.length, dropped: 0 })
  t.ok(to.writableFinished)
  const began = Date.parse(report.startedAt)
  for (const name of timeNames) {
    const times = rows.filter(([, time]) => time === name).map(([, , ms]) => Number(ms))
    times.sort((a, b) => a - b)
    const known = report.times[name]
    t.equal(times.length, known?.count ?? 0, name)
    if (known === undefined) continue
    t.equal(times[0], known.min, `${name} min`)
    t.equal(times.at(-1), known.max, `${name} max`)
    const median = times[Math.ceil(times.length / 2) - 1]!
    t.ok(Math.abs(known.p50 - median) <= median / 1000 + 0.001, `${name} p50 ${known.p50}, by the lines ${median}`)
  }
  t.equal(report.times.rtt?.count, 1500)
  // What was known then had begun when it was due: behind the warm-up.
  const due = rows.filter(([, time]) => time === 'rtt').map(([at, , ms]) => Number(at) - Number(ms))
  t.ok(
    due.every(time => time >= began + 99),
    `${Math.min(...due) - began}`,
  )
  t.ok(rows.every(([at, , , part]) => /^\d{13}\.\d{3}$/.test(at!) && part === ''))
})

t.test('NDJSON: of a scenario with the class', async t => {
  const server = await serve(t, echo)
  const to = new Kept()
  const steps = [{ send: 'hello' }, { receive: {} }]
  const scenario = {
    url: server.url,
    warmUp: 0,
    phases: [{ duration: 300, rate: 100 }],
    classes: { some: { connections: 2, steps }, others: { connections: 2, weight: 2, steps } },
  }
  const report = await loadScenario(scenario, { samples: { to, format: 'ndjson' } })
  const rows = to.text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as { at: number; time: TimeName; ms: number; class: string })
  t.equal(rows.length, report.samples?.written)
  for (const [name, { times }] of Object.entries(report.classes!)) {
    const own = rows.filter(row => row.class === name)
    for (const time of timeNames) t.equal(own.filter(row => row.time === time).length, times[time]?.count ?? 0, time)
  }
  t.ok(rows.every(({ at, ms }) => at > 1e12 && ms >= 0))
})

t.test('names of classes are quoted where they must be (RFC 4180)', async t => {
  const to = new Kept()
  const writer = new SampleWriter({ to }, ['a "b", c', 'd'])
  await writer.write(Float64Array.of(1000, timeNames.indexOf('rtt'), 0, 1.23456), 0)
  await writer.write(Float64Array.of(2000.5, timeNames.indexOf('tcp'), 1, 0), 3)
  t.same(await writer.end(), { written: 2, dropped: 3 })
  t.equal(to.text, 'at,time,ms,class\n1000.000,rtt,1.235,"a ""b"", c"\n2000.500,tcp,0,d\n')
})

t.test('a slow stream: what has no room is dropped and counted, and memory comes back', async t => {
  const sent: [rows: number[], dropped: number][] = []
  const taken: Float64Array<ArrayBuffer>[] = []
  const send = (part: Float64Array<ArrayBuffer>, dropped: number) => {
    sent.push([[...part], dropped])
    taken.push(new Float64Array(part.buffer))
  }
  const rows = new SampleRows(send, { now: () => 5, origin: 1000 }, 1)
  const histogram = rows.histogram('rtt', 2)
  rows.flush()
  t.same(sent, [], 'nothing to send')
  histogram.record(7)
  rows.flush()
  t.same(sent.splice(0), [[[1005, timeNames.indexOf('rtt'), 2, 7], 0]])
  for (let i = 0; i < 3; i++) histogram.record(8)
  t.same(sent, [], 'its memory is under way')
  rows.flush()
  t.same(sent.splice(0), [[[], 3]])
  rows.back(taken[0]!)
  histogram.record(-1)
  rows.flush()
  t.same(sent.splice(0), [[[1005, timeNames.indexOf('rtt'), 2, 0], 0]], 'no time is below 0')
  t.equal(histogram.count, 5, 'what was dropped is counted in the histogram all the same')
  rows.back(taken[0]!)
  const full = taken[0]!.length / 4
  for (let i = 0; i < full; i++) histogram.record(i)
  t.equal(sent[0]![0].length, full * 4, 'what is full is sent at once')
})

t.test('no more is taken than the stream takes', async t => {
  const to = new PassThrough({ highWaterMark: 16 })
  const writer = new SampleWriter({ to, format: 'csv' }, [])
  to.emit('drain') // nobody waits for it
  let written = false
  const writing = writer.write(Float64Array.of(0, 0, 0, 0), 0).then(() => {
    written = true
  })
  await new Promise(resolve => setImmediate(resolve))
  t.equal(written, false)
  to.resume()
  await writing
  t.equal(written, true)
  t.same(await writer.end(), { written: 1, dropped: 0 })
})

t.test('a stream that fails, or is closed, ends the writing, not the run', async t => {
  const server = await serve(t, echo)
  const failing = new Writable({ write: (_, __, done) => done(new Error('no space')) })
  const failed = await load(server.url, { duration: 100, warmUp: 0, samples: { to: failing } })
  t.equal(failed.samples?.error, 'no space')
  t.equal(failed.samples?.written, 0)
  t.ok(failed.samples!.dropped >= failed.times.rtt!.count)
  const closed = new PassThrough()
  closed.destroy()
  const writer = new SampleWriter({ to: closed }, [])
  await writer.write(Float64Array.of(0, 0, 0, 0), 0)
  t.match(await writer.end(), { written: 0, dropped: 1, error: /.+/ })
})

t.test('behind the run a stream is waited for as long as it takes something now and then', async t => {
  const takers: (() => void)[] = []
  const to = new Writable({ highWaterMark: 1, write: (_, __, done) => void takers.push(done) })
  const timers = new Set<{ readonly in: number; call(): void }>()
  const timer = (milliseconds: number) => [...timers].find(({ in: after }) => after === milliseconds)
  const after = (milliseconds: number, call: () => void) => {
    const one = { in: milliseconds, call }
    timers.add(one)
    return () => void timers.delete(one)
  }
  const turn = () => new Promise(resolve => setImmediate(resolve))
  const writer = new SampleWriter({ to }, [], { ...eventLoop, after })
  const memory = [1, 2, 3].map(() => Float64Array.of(0, 0, 0, 0))
  const writing = memory.map((rows, i) => writer.write(rows, i))
  takers.pop()!()
  await turn()
  t.same([...timers], [], 'nothing is hurried while it runs')
  let waiting = 0
  const ended = writer.end(() => waiting++)
  timer(1000)!.call()
  t.equal(waiting, 1)
  const first = timer(10_000)!
  takers.pop()!()
  await turn()
  t.notOk(timers.has(first), 'it has taken something')
  timer(10_000)!.call()
  t.same(await ended, { written: 1, dropped: 5, error: 'it took nothing for 10 s' })
  await Promise.all(writing)
  t.ok(to.destroyed)
  if (!to.closed) await once(to, 'close')
  t.same(
    [...timers].map(({ in: after }) => after),
    [],
    'nothing keeps the process',
  )
})

t.test('who takes many single times slowly has taken something with some of them', async t => {
  const sizes: number[] = []
  const to = new Writable({
    write(chunk: Buffer, _, done) {
      sizes.push(chunk.length)
      done()
    },
  })
  const writer = new SampleWriter({ to }, [])
  await writer.write(new Float64Array(8192 * 4), 0)
  t.same(await writer.end(), { written: 8192, dropped: 0 })
  t.ok(Math.max(...sizes) <= 64 * 1024, `${Math.max(...sizes)} octets at a time`)
})

t.test(
  'who ends the waiting for a stream behind the run has the report, and of a run that was not cut short',
  async t => {
    const server = await serve(t, echo)
    const over = new AbortController()
    const to = new Writable({ write: (_, __, done) => done(), final: () => over.abort() })
    const report = await load(server.url, {
      ...{ rate: 100, duration: 100, warmUp: 0 },
      samples: { to },
      signal: over.signal,
    })
    t.match(report, {
      interrupted: false,
      counts: { sent: 10 },
      samples: { dropped: 0, error: 'it was not waited for' },
    })
    t.ok(to.destroyed)
  },
)

t.test('wrong ones are refused', async t => {
  for (const samples of [{}, { to: 1 }, { to: new PassThrough(), format: 'xml' }]) {
    await t.rejects(load('ws://127.0.0.1:1', { samples } as never), { code: 'WS_INVALID_OPTION' })
  }
})
