/**
 * What the load generator costs itself: CPU of each message beside a bare net.Socket loop that only counts octets, and one
 * that does the least that honest figures need, in turns against the same server. `npm run bench:load -- --rounds 5 --seconds 3`.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { readRounds } from '../rounds.js'
import { median, spread } from '../statistics.js'
import type { Outcome, Task } from './contestant.js'
import { withEcho } from './echo-process.js'
import { atMost, type Goal, judge } from './goal.js'

const points = [
  { name: 'one under way', pipeline: 1, burst: false },
  { name: '16 under way', pipeline: 16, burst: false },
  { name: '16 in bursts', pipeline: 16, burst: true },
] as const
const contestants = ['generator', 'bare', 'least'] as const

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
    size: { type: 'string', default: '20' },
  },
})
const { rounds, seconds } = readRounds(values)

async function measure(task: Task): Promise<Outcome> {
  const program = fileURLToPath(new URL('contestant.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(task)])
  return JSON.parse(stdout) as Outcome
}

await withEcho(async ({ url }) => {
  const costs = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++) {
    for (const { name, pipeline, burst } of points) {
      for (const contestant of contestants) {
        const { connections, size } = values
        const task = { contestant, url, connections: Number(connections), pipeline, burst, size: Number(size), seconds }
        const { cpu } = await measure(task)
        const key = `${name} ${contestant}`
        costs.set(key, [...(costs.get(key) ?? []), cpu])
        process.stderr.write(`${round + 1} of ${rounds}  ${key}  ${cpu.toFixed(2)} µs\n`)
      }
    }
  }
  const goals: Goal[] = []
  for (const { name } of points) {
    const [ours, bare, least] = contestants.map(contestant => costs.get(`${name} ${contestant}`)!) as [
      number[],
      number[],
      number[],
    ]
    const ratios = ours.map((cost, i) => cost / bare[i]!)
    const needed = median(least.map((cost, i) => cost / bare[i]!))
    const noise = `${Math.round(spread(ratios) * 100)} %`
    console.log(
      `${name.padEnd(16)} ${median(ours).toFixed(2)} µs, bare ${median(bare).toFixed(2)} µs: ` +
        `${median(ratios).toFixed(2)} (noise ${noise}; the least that honesty needs ${needed.toFixed(2)})`,
    )
    goals.push(atMost(`own CPU for a message, ${name}`, median(ratios), 1.15, 'of the bare loop'))
  }
  judge(goals)
})
