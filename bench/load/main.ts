/**
 * What the load generator costs itself: CPU of each message beside a bare net.Socket loop that only counts octets, and one
 * that does the least that honest figures need, in turns against the same server. That is ws where no other is named, for
 * the cost of a loop over sockets is one of how a server writes: ws sends each reply by itself, and 16 at once from one that
 * gathers them cost the loop a tenth. npm run bench:load -- --help.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { median, spread } from '../statistics.js'
import { runBench, turns } from './bench.js'
import type { Outcome, Task } from './contestant.js'
import { atMost, type Goal } from './goal.js'
import { serverOption, withServer } from './named-server.js'

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
      'same server. It takes five minutes.',
    'What a loop over sockets costs depends on how the server writes: of one that sends each reply by itself, as ws does,\n' +
      'a message costs it ten times as much as of one that gathers replies, as framewright does.',
  ],
  options: {
    ...turns,
    server: serverOption('ws'),
    connections: { value: 'N', help: 'open connections', default: '64' },
    size: { value: 'N', help: 'octets of a message', default: '20' },
    only: {
      value: 'TEXT',
      help: `only the points that have this in their names: ${points.map(({ name }) => name).join(', ')}`,
    },
  },
  examples: ['', '--rounds 9 --only burst', '--server framewright'],
  run: given =>
    withServer(given.text('server'), async ({ url, pid: serverPid }) => {
      const { rounds, seconds } = given.rounds
      const chosen = points.filter(({ name }) => name.includes(given.find('only') ?? ''))
      const outcomes = new Map<string, Outcome[]>()
      for (let round = 0; round < rounds; round++) {
        for (const { name, pipeline, burst } of chosen) {
          for (const contestant of contestants) {
            const [connections, size] = [given.number('connections'), given.number('size')]
            const outcome = await measure({ contestant, url, serverPid, connections, pipeline, burst, size, seconds })
            const key = `${name} ${contestant}`
            outcomes.set(key, [...(outcomes.get(key) ?? []), outcome])
            process.stderr.write(`${round + 1} of ${rounds}  ${key}  ${outcome.cpu.toFixed(2)} µs\n`)
          }
        }
      }
      const goals: Goal[] = []
      for (const { name } of chosen) {
        const costsOf = (contestant: Task['contestant']) => outcomes.get(`${name} ${contestant}`)!.map(({ cpu }) => cpu)
        const [ours, bare] = [costsOf('generator'), costsOf('bare')]
        const ratiosTo = (others: readonly number[], costs: readonly number[]) =>
          costs.map((one, i) => one / others[i]!)
        const ratios = ratiosTo(bare, ours)
        const needed = median(ratiosTo(bare, costsOf('least')))
        const program = median(ratiosTo(bare, costsOf('program')))
        const loaded = outcomes.get(`${name} bare`)!.map(({ server }) => server)
        const noise = `${Math.round(spread(ratios) * 100)} %`
        console.log(
          `${name.padEnd(16)} ${median(ours).toFixed(2)} µs, bare ${median(bare).toFixed(2)} µs: ` +
            `${median(ratios).toFixed(2)} (noise ${noise}; in a program, without its flag of V8, ${program.toFixed(2)}; ` +
            `the least that honesty needs ${needed.toFixed(2)}; bare beside the server ${median(ratiosTo(loaded, bare)).toFixed(2)})`,
        )
        goals.push(atMost(`own CPU for a message, ${name}`, median(ratios), 1.15, 'of the bare loop'))
      }
      return goals
    }),
})
