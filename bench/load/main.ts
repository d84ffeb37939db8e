/**
 * What the load generator costs itself: CPU of each message beside a bare net.Socket loop that only counts octets, and one
 * that does the least that honest figures need, in turns against the same server. npm run bench:load -- --help.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median, spread } from '../statistics.js'
import { runBench, turns } from './bench.js'
import type { Outcome, Task } from './contestant.js'
import { withEcho } from './echo-process.js'
import { atMost, type Goal } from './goal.js'

const points = [
  { name: 'one under way', pipeline: 1, burst: false },
  { name: '16 under way', pipeline: 16, burst: false },
  { name: '16 in bursts', pipeline: 16, burst: true },
] as const
const contestants = ['generator', 'bare', 'least', 'program'] as const

async function measure(task: Task): Promise<Outcome> {
  const program = fileURLToPath(new URL('contestant.js', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, JSON.stringify(task)])
  return JSON.parse(stdout) as Outcome
}

await runBench({
  name: 'bench:load',
  about: [
    'What the load generator costs itself: CPU of each message beside a bare net.Socket loop that only counts octets,\n' +
      'one that does the least that honest figures need, and the generator in a program of yours, in turns against the\n' +
      'same server. It takes three minutes and a half.',
  ],
  options: {
    ...turns,
    connections: { value: 'N', help: 'open connections', default: '64' },
    size: { value: 'N', help: 'octets of a message', default: '20' },
    only: {
      value: 'TEXT',
      help: `only the points that have this in their names: ${points.map(({ name }) => name).join(', ')}`,
    },
  },
  examples: ['', '--rounds 9 --only burst'],
  run: given =>
    withEcho(async ({ url }) => {
      const { rounds, seconds } = given.rounds
      const chosen = points.filter(({ name }) => name.includes(given.find('only') ?? ''))
      const costs = new Map<string, number[]>()
      for (let round = 0; round < rounds; round++) {
        for (const { name, pipeline, burst } of chosen) {
          for (const contestant of contestants) {
            const [connections, size] = [given.number('connections'), given.number('size')]
            const task = { contestant, url, connections, pipeline, burst, size, seconds }
            const { cpu } = await measure(task)
            const key = `${name} ${contestant}`
            costs.set(key, [...(costs.get(key) ?? []), cpu])
            process.stderr.write(`${round + 1} of ${rounds}  ${key}  ${cpu.toFixed(2)} µs\n`)
          }
        }
      }
      const goals: Goal[] = []
      for (const { name } of chosen) {
        const costOf = (contestant: Task['contestant']) => costs.get(`${name} ${contestant}`)!
        const [ours, bare] = [costOf('generator'), costOf('bare')]
        const ratiosOf = (cost: readonly number[]) => cost.map((one, i) => one / bare[i]!)
        const ratios = ratiosOf(ours)
        const needed = median(ratiosOf(costOf('least')))
        const program = median(ratiosOf(costOf('program')))
        const noise = `${Math.round(spread(ratios) * 100)} %`
        console.log(
          `${name.padEnd(16)} ${median(ours).toFixed(2)} µs, bare ${median(bare).toFixed(2)} µs: ` +
            `${median(ratios).toFixed(2)} (noise ${noise}; in a program, without its flag of V8, ${program.toFixed(2)}; ` +
            `the least that honesty needs ${needed.toFixed(2)})`,
        )
        goals.push(atMost(`own CPU for a message, ${name}`, median(ratios), 1.15, 'of the bare loop'))
      }
      return goals
    }),
})
