/**
 * Whether a rate is kept, and memory stays flat, over a long run: messages that came to a server which counts them, beside those
 * that were planned, and the growth of this process. npm run bench:load:steady -- --help.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { period } from '../../src/load/figures.js'
import { type LoadReport, type LoadSecond, load } from '../../src/load.js'
import { type Given, runBench } from './bench.js'
import type { Goal } from './goal.js'
import { type HeapSample, longEnough, type MemorySample, settling, steadiness } from './steadiness.js'
import { ThreadHeaps } from './thread-heaps.js'

/** Milliseconds from one look at the memory to the next. */
const interval = 250
/** Milliseconds. */
const warmUp = 1000

const mebibytes = (octets: number) => `${(octets / 2 ** 20).toFixed(1)} MiB`

/** Runs something against the server, and returns what came of it and what the server has counted. */
async function withCountingEcho(
  run: (url: string) => Promise<LoadReport>,
): Promise<{ readonly report: LoadReport; readonly perSecond: readonly number[] }> {
  const program = fileURLToPath(new URL('counting-echo.js', import.meta.url))
  const server = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const lines = createInterface(server.stdout)
    const [url] = (await once(lines, 'line')) as [string]
    const report = await run(url)
    server.stdin.end()
    const [counts] = (await once(lines, 'line')) as [string]
    return { report, perSecond: JSON.parse(counts) as number[] }
  } finally {
    server.kill()
  }
}

/** By twos. */
function samplesOf(seen: readonly number[]): MemorySample[] {
  return Array.from({ length: seen.length / 2 }, (_, i) => ({ at: seen[2 * i]!, resident: seen[2 * i + 1]! }))
}

/** Octets of this thread's heap that each second of a report takes: they are gone from it afterwards. */
function weightOf({ perSecond }: LoadReport): number {
  const { gc } = globalThis as { gc?: () => void }
  if (gc === undefined) throw new Error('run it with node --expose-gc, as the script does')
  const seconds = perSecond as LoadSecond[]
  const { length } = seconds
  gc()
  const before = process.memoryUsage().heapUsed
  seconds.length = 0
  gc()
  return length === 0 ? 0 : (before - process.memoryUsage().heapUsed) / length
}

async function measure(given: Given): Promise<Goal[]> {
  const [rate, duration] = [given.number('rate'), given.time('duration')]
  const [connections, threads] = [given.number('connections'), given.number('threads')]
  // As numbers, which take little: they are in the heap that is looked at.
  const seen: number[] = []
  const heaps = new ThreadHeaps()
  const began = performance.now()
  const since = () => (performance.now() - began) / 1000
  const timer = setInterval(() => seen.push(since(), process.memoryUsage.rss()), interval)
  const [first, last] = [settling, Math.floor(duration / 1000) - 1]
  const judged = duration >= (settling + longEnough) * 1000
  const collected: Promise<HeapSample>[] = []
  let seconds = 0
  const onSecond = () => {
    const [resident, heap] = [seen.at(-1)!, heaps.sample()]
    const text = `${period(++seconds * 1000)} of ${period(duration)}: ${mebibytes(resident)} resident, heaps ${mebibytes(heap)}`
    if (judged && (seconds === first || seconds === last)) {
      collected.push(heaps.collected().then(heap => ({ at: since(), heap })))
    }
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`)
    else if (seconds % 60 === 0) console.error(text)
  }
  const { report, perSecond } = await withCountingEcho(url =>
    load(url, { rate, connections, threads, duration, warmUp, onSecond }),
  ).finally(() => {
    clearInterval(timer)
    heaps.end()
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  })
  const told = weightOf(report)
  const samples = samplesOf(seen)
  const whole = perSecond.slice(0, Math.floor((warmUp + duration) / 1000))
  const { lateness } = report.times
  const { reasons } = report.verdict
  const worst = whole.reduce((far, count) => (Math.abs(count - rate) > Math.abs(far - rate) ? count : far), rate)
  const [settled, end] = await Promise.all(collected)
  console.log(
    `${report.counts.sent} sent of ${report.counts.planned}, late by ${lateness?.p50.toFixed(3)} ms at p50, ` +
      `${lateness?.p99.toFixed(3)} at p99: ${reasons.length > 0 ? reasons.join('; ') : 'sound'}\n` +
      `the second that was farthest off the plan had ${worst} of ${rate}\n` +
      `${mebibytes(samples.at(-1)!.resident)} resident at the end; ` +
      `the report takes ${((told * 60) / 1024).toFixed(0)} KiB a minute`,
  )
  if (settled !== undefined && end !== undefined) {
    console.log(
      `without garbage the heaps had ${mebibytes(settled.heap)} after a minute, ${mebibytes(end.heap)} at the end`,
    )
  }
  if (!judged) {
    console.log(
      `Memory is not judged: only of ${(settling + longEnough) / 60} minutes or more can be told whether it grows.`,
    )
  }
  const twice = settled && end && ([settled, end] as const)
  return steadiness({ rate, perSecond: whole, samples, heaps: twice, report: told })
}

await runBench({
  name: 'bench:load:steady',
  about: [
    'Whether the load generator keeps a rate below saturation, in all and in each second, and its memory stays flat:\n' +
      'by a line through what is resident behind the first minute, and by what its heaps hold without garbage then and\n' +
      'at the end. The messages are counted by the server. Young generations have their full size from the start\n' +
      '(--min-semi-space-size=16), for V8 has them grow from 1 MiB and shrink again as it likes.',
  ],
  options: {
    duration: { value: 'TIME', help: 'how long it runs; memory is judged from 5min on', default: '10min' },
    rate: { value: 'N', help: 'messages a second', default: '10000' },
    connections: { value: 'N', help: 'open connections', default: '64' },
    threads: { value: 'N', help: 'threads of the generator', default: '1' },
  },
  examples: ['', '--duration 30s --rate 1000', '--duration 1h --rate 2000'],
  run: measure,
})
