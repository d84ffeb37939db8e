/**
 * Whether the live view changes what is measured: the same load with a terminal that is drawn on each second, and with
 * `--quiet`, interleaved. npm run bench:load:view -- --help.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { main } from '../../src/cli/main.js'
import type { Terminal } from '../../src/cli/terminal.js'
import type { LoadReport } from '../../src/load.js'
import { median, spread } from '../statistics.js'
import { type Given, runBench, turns } from './bench.js'
import { type Goal, within } from './goal.js'

/** What it may differ by, where nothing else scatters more. */
const least = 0.05

/** A terminal on which nobody looks; it counts what is drawn. */
class Nowhere extends Writable {
  readonly isTTY = true
  octets = 0

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.octets += chunk.length
    done()
  }
}

const figures = {
  'p50, ms': ({ times }: LoadReport) => times.rtt!.p50,
  'p99, ms': ({ times }: LoadReport) => times.rtt!.p99,
  'lateness p99, ms': ({ times }: LoadReport) => times.lateness?.p99 ?? Number.NaN,
  'replies/s': ({ rate }: LoadReport) => rate.received,
  'own CPU, µs a message': ({ generator, counts }: LoadReport) => (generator.cpu * 1e6) / counts.sent,
}
const models = { 'open model, 5,000/s': ['--rate', '5000/s'], 'closed model': [] }

async function measure(given: Given): Promise<Goal[]> {
  const { rounds, seconds } = given.rounds
  const goals: Goal[] = []
  const program = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))
  const server = spawn(process.execPath, [program, 'echo', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const folder = await mkdtemp(join(tmpdir(), 'view-'))
  try {
    const [line] = (await once(server.stdout, 'data')) as [Buffer]
    const url = /ws:\S+/.exec(line.toString())![0]
    const run = async (args: readonly string[]) => {
      const stderr = new Nowhere()
      const stdin = new PassThrough()
      const terminal: Terminal = { stdin, stdout: new Nowhere(), stderr, env: {}, onInterrupt: () => () => {} }
      const json = join(folder, 'run.json')
      await main(['load', url, '--duration', `${seconds * 1000}ms`, '--json', json, ...args], terminal)
      return { report: JSON.parse(await readFile(json, 'utf8')) as LoadReport, drawn: stderr.octets }
    }
    for (const [model, args] of Object.entries(models)) {
      const ratios = new Map<string, number[]>()
      let drawn = 0
      for (let round = 0; round < rounds; round++) {
        const live = await run(args)
        const quiet = await run([...args, '--quiet'])
        if (quiet.drawn > 0) throw new Error('--quiet is not')
        drawn += live.drawn
        for (const [name, figure] of Object.entries(figures)) {
          ratios.set(name, [...(ratios.get(name) ?? []), figure(live.report) / figure(quiet.report)])
        }
      }
      console.log(`${model}: with the view (${drawn} octets drawn), relative to --quiet`)
      for (const [name, all] of ratios) {
        if (all.some(Number.isFinite)) {
          console.log(`  ${name.padEnd(24)}${median(all).toFixed(3)}  noise ${Math.round(spread(all) * 100)} %`)
          goals.push(
            within(`${name}, ${model}, with the view`, median(all), 1, Math.max(least, spread(all)), 'of --quiet'),
          )
        }
      }
    }
    return goals
  } finally {
    server.kill()
    await rm(folder, { recursive: true })
  }
}

await runBench({
  name: 'bench:load:view',
  about: [
    'Whether the live view changes what is measured: the same load with a terminal that is drawn on each second, and\n' +
      'with --quiet, in turns. It takes two minutes.',
  ],
  options: turns,
  examples: ['', '--rounds 9 --seconds 5'],
  run: measure,
})
