/**
 * Whether the load generator tells the truth: servers whose delays are known, at several rates. The truth is the server's:
 * when the reply to the n-th message left, less when the n-th message was due by the plan. In turns with it a loop over bare
 * sockets that keeps the same plan and does nothing else: no figure can be more exact than its own. Beside them what a
 * closed-loop tool would have reported of the same server: the same connections, each waiting for its reply.
 * npm run bench:load:accuracy -- --help.
 */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Histogram } from '../../src/load/histogram.js'
import { tallyOf } from '../../src/load/reported-tally.js'
import type { Verdict } from '../../src/load/verdict.js'
import { load } from '../../src/load.js'
import { median } from '../statistics.js'
import { type Given, runBench, turns } from './bench.js'
import { atMostOrFloor, type Goal } from './goal.js'
import { type Curve, omissionPicture } from './omission-picture.js'
import { type Kept, type Plan, plannedLoop } from './planned-loop.js'

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

/** What was said of a server, and what its log says. Three percentiles each, in milliseconds. */
interface Run {
  readonly reported: readonly number[]
  readonly truth: readonly number[]
  readonly off: readonly number[]
  /** p99. */
  readonly late: number
  /** Nobody judges the bare loop. */
  readonly verdict?: Verdict | undefined
}

type Keep = (url: string, plan: Plan) => Promise<Kept & { readonly verdict?: Verdict }>

async function generator(url: string, { startAt, ...plan }: Plan): ReturnType<Keep> {
  const report = await load(url, { ...plan, startAt })
  const tally = tallyOf(report)
  return { rtt: tally.times('rtt'), lateness: tally.times('lateness'), verdict: report.verdict }
}

const contestants: readonly (readonly [name: string, keep: Keep])[] = [
  ['generator', generator],
  ['bare loop', plannedLoop],
]

/** @param learn - called with all that is known of the run. */
async function judged(kind: string, keep: Keep, plan: Plan, learn: (truth: readonly number[], rtt: Histogram) => void) {
  const { rate, warmUp, startAt } = plan
  const { result, log } = await withServer(kind, url => keep(url, plan))
  const { rtt, lateness, verdict } = result
  const sincePlan = (times: readonly (number | null)[]) =>
    times
      .flatMap((time, n) => (time === null || n < (warmUp * rate) / 1000 ? [] : time - (startAt + (n * 1000) / rate)))
      .sort((a, b) => a - b)
  // What time of day it is, each process finds out by itself when it starts: the first that came says how far they are apart.
  const apart = sincePlan(log.came)[0]! - lateness.min
  const known = sincePlan(log.left).map(time => time - apart)
  learn(known, rtt)
  const reported = percents.map(percent => rtt.percentile(percent))
  const truth = percents.map(percent => percentileOf(known, percent))
  const off = reported.map((value, i) => Math.abs(value - truth[i]!))
  return { reported, truth, off, late: lateness.percentile(99), verdict } satisfies Run
}

/** Of each figure. */
function medians(runs: readonly Run[]): Run {
  const each = (name: 'reported' | 'truth' | 'off') => percents.map((_, i) => median(runs.map(run => run[name][i]!)))
  return { reported: each('reported'), truth: each('truth'), off: each('off'), late: median(runs.map(run => run.late)) }
}

const show = (value: number) => value.toFixed(2).padStart(9)

function row(kind: string, rate: string, who: string, { reported, truth, off, late }: Run, verdict: string): string {
  const cells = percents.map((_, i) => `${show(reported[i]!)}${show(truth[i]!)}${show(off[i]!)} `)
  return `${kind.padEnd(8)}${rate.padEnd(8)}${who.padEnd(10)}${cells.join('')} ${late.toFixed(3)} ms  ${verdict}`
}

async function measure(given: Given): Promise<Goal[]> {
  const { rounds, seconds } = given.rounds
  const [rates, kinds] = [given.numbers('rates'), given.list('kinds')]
  const warmUp = given.number('warm-up') * 1000
  const runs = new Map<string, Run[]>()
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      for (const rate of rates) {
        for (const [who, keep] of contestants) {
          // A whole millisecond, so that nothing is rounded; every second begins with the server's stall.
          const startAt = Date.now() + 2000
          const plan = { connections, size: 20, rate, warmUp, duration: seconds * 1000, startAt }
          const run = await judged(kind, keep, plan, (truth, rtt) => {
            if (kind !== 'stall' || curves.length > 0) return
            draw(`the truth, by the server's log (${rate} messages/s)`, '#1a7f37', p => percentileOf(truth, p))
            draw('open model (--rate), timed from when each was due', '#0969da', p => rtt.percentile(p))
          })
          const key = `${kind} ${rate} ${who}`
          runs.set(key, [...(runs.get(key) ?? []), run])
          const bound = run.verdict?.generatorBound ? `, generator-bound: ${run.verdict.reasons.join('; ')}` : ''
          const off = run.off.map(value => value.toFixed(2)).join(', ')
          process.stderr.write(
            `${round + 1} of ${rounds}  ${key}: off by ${off} ms, lateness p99 ${run.late.toFixed(3)} ms${bound}\n`,
          )
        }
      }
    }
  }
  console.log('                                  p50                         p99                         p99.9')
  console.log(
    `server  rate/s  ${' '.repeat(10)}${percents.map(() => ' reported    truth      off ').join('')} lateness p99  sound`,
  )
  const goals: Goal[] = []
  for (const kind of kinds) {
    for (const rate of rates) {
      const [ours, bare] = contestants.map(([who]) => runs.get(`${kind} ${rate} ${who}`)!)
      const sound = ours!.filter(({ verdict }) => !verdict!.generatorBound).length
      const floor = medians(bare!)
      const found = medians(ours!)
      console.log(row(kind, String(rate), 'generator', found, `${sound} of ${rounds}`))
      console.log(row(kind, String(rate), 'bare loop', floor, ''))
      for (const [i, percent] of percents.entries()) {
        const known = found.truth[i]!
        const name = `p${percent} of ${kind} at ${rate}/s, off the truth of ${known.toFixed(2)} ms`
        goals.push(atMostOrFloor(name, found.off[i]!, Math.max(1, known * 0.02), floor.off[i]!, 'ms'))
      }
      goals.push(atMostOrFloor(`lateness p99 of ${kind} at ${rate}/s`, found.late, 0.2, floor.late, 'ms'))
    }
    const users = medians(runs.get(`${kind} ${rates[0]} generator`)!).truth
    await closedLoop(kind, users, warmUp, seconds)
  }
  const svg = given.find('svg')
  if (svg !== undefined) await writeFile(svg, omissionPicture(curves))
  return goals
}

/**
 * As other tools have it.
 *
 * @param users - what these would have seen, at the first rate: what it should have said.
 */
async function closedLoop(kind: string, users: readonly number[], warmUp: number, seconds: number): Promise<void> {
  const { result } = await withServer(kind, url =>
    load(url, { connections, warmUp, size: 20, duration: seconds * 1000 }),
  )
  const rtt = tallyOf(result).times('rtt')
  if (kind === 'stall') {
    draw('closed model: each waits for the reply before it', '#cf222e', percent => rtt.percentile(percent))
  }
  const cells = percents.map((percent, i) => {
    const [reported, truth] = [rtt.percentile(percent), users[i]!]
    return `${show(reported)}${show(truth)}${show(Math.abs(reported - truth))} `
  })
  console.log(`${kind.padEnd(8)}${'closed'.padEnd(18)}${cells.join('')}`.trimEnd())
}

await runBench({
  name: 'bench:load:accuracy',
  about: [
    'Whether the load generator tells the truth: servers whose delays are known, at several rates; beside it what a\n' +
      'closed-loop tool reports of them, and how far that is off what users would have seen at the first rate. It takes\n' +
      'ten minutes.',
    'In turns with it a loop over bare sockets keeps the same plan, and does nothing else. What it is late by, and off the\n' +
      "truth, is the machine's: where that is more than a goal, the goal is 1.15 of it. All figures are medians.",
  ],
  options: {
    rounds: turns.rounds,
    seconds: { ...turns.seconds, default: '5' },
    'warm-up': { value: 'S', help: 'before it, for code is compiled in its first two', default: '5' },
    rates: { value: 'N,…', help: 'messages a second', default: '1000,10000,50000' },
    kinds: {
      value: 'KIND,…',
      help: 'stall: no reply leaves for 100 ms of each second; spread: each is held a while',
      default: 'stall,spread',
    },
    svg: { value: 'FILE', help: 'draws what became of the first rate with stalls' },
  },
  examples: ['', '--rounds 1 --seconds 10 --rates 1000 --kinds stall --svg omission.svg'],
  run: measure,
})
