/**
 * Whether our load generator and one that shares nothing with it report the same throughput of the same server: a small C
 * program, which is compiled for it, in turns with ours. npm run bench:load:beside -- --help.
 */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { load } from '../../src/load.js'
import { median, spread } from '../statistics.js'
import { type Given, runBench, turns } from './bench.js'
import { type Goal, within } from './goal.js'
import { type NamedServer, serverOption, withServer } from './named-server.js'

const run = promisify(execFile)
const warmUp = 500
const limit = 0.05

/** Runs something with the path of the C program. */
async function withOther<Result>(use: (program: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const program = join(folder, 'counting-client')
  const source = fileURLToPath(new URL('../../../bench/load/counting-client.c', import.meta.url))
  try {
    await run('cc', ['-O2', '-o', program, source])
    return await use(program)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function measure(given: Given, { url, port }: NamedServer, other: string): Promise<Goal[]> {
  const { rounds, seconds } = given.rounds
  const [connections, size] = [given.number('connections'), given.number('size')]
  const goals: Goal[] = []
  for (const pipeline of given.numbers('pipelines')) {
    const ours = async () => {
      const { rate, verdict } = await load(url, { connections, pipeline, size, warmUp, duration: seconds * 1000 })
      return { received: rate.received, reasons: verdict.reasons }
    }
    const theirs = async () => {
      const { stdout } = await run(other, [port, connections, pipeline, size, warmUp / 1000, seconds].map(String))
      return Number(stdout)
    }
    const pairs: { readonly mine: Awaited<ReturnType<typeof ours>>; readonly counted: number }[] = []
    for (let round = 0; round < rounds; round++) {
      // Each is first as often as the other, so that a machine that becomes slower or faster favours neither.
      const [first, mine] = round % 2 === 0 ? [undefined, await ours()] : [await theirs(), await ours()]
      const counted = first ?? (await theirs())
      pairs.push({ mine, counted })
      const ratio = (mine.received / counted).toFixed(3)
      process.stderr.write(`${round + 1} of ${rounds}  ${ratio}  ${mine.reasons.join('; ')}\n`)
    }
    // Of a run that says of itself that it was not the server that was measured, there is nothing to compare.
    const sound = pairs.filter(({ mine }) => mine.reasons.length === 0)
    const ratios = sound.map(({ mine, counted }) => mine.received / counted)
    const name = `replies a second, ${pipeline} under way`
    const told = (list: readonly number[]) => Math.round(median(list)).toLocaleString('en-GB')
    console.log(
      `${String(pipeline).padStart(3)} under way  ${told(pairs.map(({ mine }) => mine.received))}/s, ` +
        `the other ${told(pairs.map(({ counted }) => counted))}/s; ours generator-bound in ` +
        `${rounds - sound.length} of ${rounds}` +
        (sound.length > 0
          ? `; of the others ${median(ratios).toFixed(3)} (noise ${Math.round(spread(ratios) * 100)} %)`
          : ''),
    )
    const goal = within(name, median(ratios), 1, limit, 'of what the other reports')
    goals.push(sound.length > rounds / 2 ? goal : { ...goal, was: 'generator-bound in most rounds', held: false })
  }
  return goals
}

await runBench({
  name: 'bench:load:beside',
  about: [
    'Whether our load generator and one that shares nothing with it report the same throughput of the same server: a\n' +
      'small C program, in turns with ours. It needs a C compiler (cc), and takes two and a half minutes.',
    'Only of a server that is busier than who asks can both tell: rounds in which ours calls itself generator-bound are\n' +
      'counted, and not compared.',
  ],
  options: {
    ...turns,
    rounds: { ...turns.rounds, default: '10' },
    server: serverOption('busy'),
    connections: { value: 'N', help: 'open connections', default: '64' },
    size: { value: 'N', help: 'octets of a message', default: '20' },
    pipelines: { value: 'N,…', help: 'messages under way on each', default: '1,16' },
  },
  examples: ['', '--pipelines 16 --size 1024', '--server framewright --pipelines 1'],
  run: given => withServer(given.text('server'), server => withOther(other => measure(given, server, other))),
})
