/**
 * Whether the load generator tells the truth: servers whose delays are known, at several rates. The truth is the server's:
 * when the reply to the n-th message left, less when the n-th message was due by the plan. Beside it what a closed-loop
 * tool would have reported of the same server: the same connections, each waiting for its reply.
 * npm run bench:load:accuracy -- --help.
 */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { tallyOf } from '../../src/load/reported-tally.js'
import { load } from '../../src/load.js'
import { type Given, runBench } from './bench.js'
import { atMost, type Goal, keptUp } from './goal.js'
import { type Curve, omissionPicture } from './omission-picture.js'

const percents = [50, 99, 99.9] as const

/** By the number of the message; null for those that never came. */
interface Log {
  readonly came: readonly (number | null)[]
  readonly left: readonly (number | null)[]
}

const connections = 16

/** Runs something against such a server, and returns what came of it and the server's list. */
async function withServer<Result>(
  kind: string,
  run: (url: string) => Promise<Result>,
): Promise<{ readonly result: Result; readonly log: Log }> {
  const program = fileURLToPath(new URL('delaying-server.js', import.meta.url))
  const server = spawn(process.execPath, [program, kind, String(connections)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const chunks: Buffer[] = []
  const url = await new Promise<string>(resolve => {
    server.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      const [line, ...rest] = Buffer.concat(chunks).toString('latin1').split('\n')
      if (rest.length > 0) resolve(line!)
    })
  })
  try {
    const result = await run(url)
    const ended = new Promise(resolve => server.once('close', resolve))
    server.stdin.end()
    await ended
    const text = Buffer.concat(chunks).toString('latin1')
    return { result, log: JSON.parse(text.slice(text.indexOf('\n') + 1)) as Log }
  } finally {
    server.kill()
  }
}

function percentileOf(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100 - 1e-9) - 1)]!
}

/** Up to one in ten thousand. */
const drawn = Array.from({ length: 41 }, (_, i) => 100 - 100 / 10 ** (i / 10)).slice(3)
const curves: Curve[] = []
const draw = (name: string, colour: string, percentile: (percent: number) => number) => {
  curves.push({ name, colour, points: drawn.map(percent => [percent, percentile(percent)] as const) })
}

async function measure(given: Given): Promise<Goal[]> {
  const goals: Goal[] = []
  const [seconds, warmUp] = [given.number('seconds'), given.number('warm-up')]
  const show = (value: number) => value.toFixed(2).padStart(9)
  console.log('                        p50                           p99                           p99.9')
  console.log(`server  rate/s  ${percents.map(() => ' reported    truth    off    ').join('')} lateness p99  verdict`)
  for (const kind of given.list('kinds')) {
    for (const rate of given.numbers('rates')) {
      // A whole millisecond, so that nothing is rounded; every second begins with the server's stall.
      const startAt = Date.now() + 2000
      const settings = { connections, warmUp: warmUp * 1000, size: 20 } as const
      const { result, log } = await withServer(kind, url =>
        load(url, { ...settings, rate, duration: seconds * 1000, startAt }),
      )
      const sincePlan = (times: readonly (number | null)[]) =>
        times
          .flatMap((time, n) => (time === null || n < warmUp * rate ? [] : time - (startAt + (n * 1000) / rate)))
          .sort((a, b) => a - b)
      // What time of day it is, each process finds out by itself when it starts: the first that came says how far they are apart.
      const apart = sincePlan(log.came)[0]! - result.times.lateness!.min
      const truth = sincePlan(log.left).map(time => time - apart)
      const rtt = result.times.rtt!
      if (kind === 'stall' && curves.length === 0) {
        const all = tallyOf(result).times('rtt')
        draw(`the truth, by the server's log (${rate} messages/s)`, '#1a7f37', percent => percentileOf(truth, percent))
        draw('open model (--rate), timed from when each was due', '#0969da', percent => all.percentile(percent))
      }
      const cells = percents.map(percent => {
        const reported = rtt[`p${percent}`]
        const known = percentileOf(truth, percent)
        const off = Math.abs(reported - known)
        const most = Math.max(1, known * 0.02)
        goals.push(
          atMost(`p${percent} of ${kind} at ${rate}/s, off the truth of ${known.toFixed(2)} ms`, off, most, 'ms'),
        )
        return `${show(reported)}${show(known)}${off <= most ? show(off) : `${show(off)}!`} `
      })
      const late = result.times.lateness!.p99
      const verdict = result.verdict.generatorBound ? 'generator-bound' : 'sound'
      goals.push(keptUp(`${kind} at ${rate}/s`, result.verdict))
      // Where it did not keep up, its lateness says just that.
      if (!result.verdict.generatorBound) goals.push(atMost(`lateness p99 of ${kind} at ${rate}/s`, late, 0.2, 'ms'))
      console.log(`${kind.padEnd(8)}${String(rate).padEnd(8)}${cells.join('')} ${late.toFixed(3)} ms  ${verdict}`)
    }
    const closed = await withServer(kind, url =>
      load(url, { connections, warmUp: warmUp * 1000, size: 20, duration: seconds * 1000 }),
    )
    if (kind === 'stall') {
      const all = tallyOf(closed.result).times('rtt')
      draw('closed model: each waits for the reply before it', '#cf222e', percent => all.percentile(percent))
    }
    const { p50, p99, 'p99.9': p999 } = closed.result.times.rtt!
    console.log(`${kind.padEnd(8)}closed  ${show(p50)}${' '.repeat(20)}${show(p99)}${' '.repeat(20)}${show(p999)}`)
  }
  const svg = given.find('svg')
  if (svg !== undefined) await writeFile(svg, omissionPicture(curves))
  return goals
}

await runBench({
  name: 'bench:load:accuracy',
  about: [
    'Whether the load generator tells the truth: servers whose delays are known, at several rates; beside it what a\n' +
      'closed-loop tool reports of them. It takes two minutes.',
  ],
  options: {
    seconds: { value: 'S', help: 'how long each rate is measured', default: '10' },
    'warm-up': { value: 'S', help: 'before it, for code is compiled in its first two', default: '5' },
    rates: { value: 'N,…', help: 'messages a second', default: '1000,10000,50000' },
    kinds: {
      value: 'KIND,…',
      help: 'stall: no reply leaves for 100 ms of each second; spread: each is held a while',
      default: 'stall,spread',
    },
    svg: { value: 'FILE', help: 'draws what became of the first rate with stalls' },
  },
  examples: ['', '--rates 1000 --kinds stall --svg omission.svg'],
  run: measure,
})
