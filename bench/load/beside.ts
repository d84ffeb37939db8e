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
import { withEcho } from './echo-process.js'
import { type Goal, within } from './goal.js'

const run = promisify(execFile)
const warmUp = 500
const limit = 0.05

async function measure(given: Given): Promise<Goal[]> {
  const { rounds, seconds } = given.rounds
  const [connections, size] = [given.number('connections'), given.number('size')]
  const goals: Goal[] = []
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  const other = join(folder, 'counting-client')
  try {
    await run('cc', [
      '-O2',
      '-o',
      other,
      fileURLToPath(new URL('../../../bench/load/counting-client.c', import.meta.url)),
    ])
    await withEcho(async ({ url, port }) => {
      for (const pipeline of given.numbers('pipelines')) {
        const ratios: number[] = []
        const rates: number[][] = [[], []]
        let bound = 0
        for (let round = 0; round < rounds; round++) {
          const asked = { connections, pipeline, size, warmUp, duration: seconds * 1000 }
          const { rate, verdict } = await load(url, asked)
          const { stdout } = await run(other, [port, connections, pipeline, size, warmUp / 1000, seconds].map(String))
          rates[0]!.push(rate.received)
          rates[1]!.push(Number(stdout))
          ratios.push(rate.received / Number(stdout))
          if (verdict.generatorBound) bound++
          process.stderr.write(
            `${round + 1} of ${rounds}  ${ratios.at(-1)!.toFixed(3)}  ${verdict.reasons.join('; ')}\n`,
          )
        }
        const ratio = median(ratios)
        const [ours, theirs] = rates.map(list => Math.round(median(list)).toLocaleString('en-GB'))
        console.log(
          `${String(pipeline).padStart(3)} under way  ${ours}/s, the other ${theirs}/s: ${ratio.toFixed(3)} (` +
            `noise ${Math.round(spread(ratios) * 100)} %; ours generator-bound in ${bound} of ${rounds})`,
        )
        goals.push(within(`replies a second, ${pipeline} under way`, ratio, 1, limit, 'of what the other reports'))
      }
    })
    return goals
  } finally {
    rmSync(folder, { recursive: true })
  }
}

await runBench({
  name: 'bench:load:beside',
  about: [
    'Whether our load generator and one that shares nothing with it report the same throughput of the same server: a\n' +
      'small C program, in turns with ours. It needs a C compiler (cc), and takes a minute and a half.',
  ],
  options: {
    ...turns,
    connections: { value: 'N', help: 'open connections', default: '64' },
    size: { value: 'N', help: 'octets of a message', default: '20' },
    pipelines: { value: 'N,…', help: 'messages under way on each', default: '1,16' },
  },
  examples: ['', '--pipelines 16 --size 1024'],
  run: measure,
})
