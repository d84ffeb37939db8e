/** npm run bench:load and its like as commands; and what bench:load:steady calls steady. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Given } from '../../bench/load/bench.js'
import { goalLine } from '../../bench/load/goal.js'
import { type HeapSample, rise, type SteadyRun, steadiness } from '../../bench/load/steadiness.js'
import { withoutHooks } from '../coverage/child-environment.js'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
const benches = Object.entries(scripts).filter(([name]) => name.startsWith('bench:load'))

interface Ended {
  readonly code: number | string | null | undefined
  readonly stdout: string
  readonly stderr: string
}

/** As the script has it, without the build. */
function run(script: string, ...args: readonly string[]): Promise<Ended> {
  const words = script.split(' && ').at(-1)!.split(' ').slice(1)
  return new Promise(resolve => {
    execFile('/usr/bin/env', [...withoutHooks, ...words, ...args], { cwd: root }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

t.test('each says what it measures, and how it is run', async t => {
  t.equal(benches.length, 8)
  for (const [name, script] of benches) {
    const { code, stdout, stderr } = await run(script, '--help')
    t.same([code, stderr], [0, ''], name)
    t.ok(stdout.startsWith(`Usage: npm run ${name} -- [options]\n\n`), name)
    t.match(stdout, new RegExp(`Examples:\n  npm run ${name}\n  npm run ${name} -- --\\w`), name)
    t.ok(
      stdout.split('\n').every(line => line.length <= 120),
      name,
    )
  }
})

t.test('what is wrong with a command line is told in one line', async t => {
  const options = { rate: { value: 'N', help: '', default: '4' }, duration: { value: 'TIME', help: '' } }
  const rows: [args: string[], read: (given: Given) => unknown, message: string][] = [
    [['--raet', '4'], () => {}, 'unknown option --raet; did you mean --rate?'],
    [['--rate', '0'], given => given.number('rate'), '--rate 0 is not a number above 0'],
    [['--rate', '1,x'], given => given.numbers('rate'), '--rate x is not a number above 0'],
    [['--duration', '5'], given => given.time('duration'), '--duration 5 has no unit: 5s or 5ms?'],
    [['5s'], () => {}, '5s is not an option: see --help'],
  ]
  for (const [args, read, message] of rows) t.throws(() => read(new Given(args, options)), { message })
  const given = new Given(['--duration', '2s'], options)
  t.same([given.number('rate'), given.time('duration'), given.find('rate')], [4, 2000, '4'])
  const wrong = await run(scripts['bench:load:steady']!, '--rate', 'x')
  t.same(wrong, { code: 2, stdout: '', stderr: 'bench:load:steady: --rate x is not a number above 0\n' })
})

t.test('what a message costs is told of the server that is named', async t => {
  const bench = scripts['bench:load']!
  const nobody = await run(bench, '--server', 'nobody')
  t.match(nobody, {
    code: 2,
    stdout: '',
    stderr: /^bench:load: --server nobody is none of busy, framewright, .*, ws, .*\n$/,
  })
  const raw = await run(bench, '--server', 'net')
  t.match(raw, { code: 2, stderr: /^bench:load: --server net is none of / }, 'it speaks no WebSocket')
  const beside = await run(scripts['bench:load:beside']!, '--server', 'nobody')
  t.match(beside, { code: 2, stderr: /^bench:load:beside: --server nobody is none of busy, / })
  const short = ['--rounds', '1', '--seconds', '0.1', '--connections', '2', '--only', 'one']
  const { code, stdout } = await run(bench, '--server', 'framewright-echo', ...short)
  t.match(stdout, /^one under way +\d+\.\d\d µs, bare \d+\.\d\d µs: .*; bare beside the server \d+\.\d\d\)\n\n/)
  t.equal(code, /^held {4}: own CPU for a message, one under way: /m.test(stdout) ? 0 : 1, stdout)
})

t.test('a short load: the rate is judged, and memory is not', async t => {
  const args = ['--duration', '1s', '--rate', '400', '--connections', '4']
  const { code, stdout } = await run(scripts['bench:load:steady']!, ...args)
  t.match(stdout, /^400 sent of 400, /)
  t.match(stdout, /\nMemory is not judged: only of 5 minutes or more can be told whether it grows\.\n/)
  const goals = stdout.split('\n').filter(line => /^(held {4}|NOT HELD): /.test(line))
  t.match(goals, [/messages that came: .* goal 400 \/s/, /seconds within 0\.5 % of the plan: /])
  t.equal(code, goals.some(goal => goal.startsWith('NOT')) ? 1 : 0)
})

t.test('the rise of a line through points', async t => {
  const points = Array.from({ length: 11 }, (_, i) => [i, 5 + 3 * i + (i % 2)] as const)
  t.ok(Math.abs(rise(points) - 30) < 1e-9, `${rise(points)}`)
})

const mebi = 2 ** 20
const sawtooth = (at: number) => (at % 7) * mebi

/** Steady for ten minutes but for what is told. */
function made({
  heap = (_: number) => 0,
  resident = (_: number) => 0,
  perSecond = Array.from({ length: 600 }, () => 1000),
  report = 0,
  duration = 600,
  judged = true,
}): SteadyRun {
  const samples = Array.from({ length: duration * 4 }, (_, i) => {
    const at = i / 4
    // It settles in the first minute, and what is garbage comes and goes.
    const begun = Math.min(at, 60) * mebi
    return { at, resident: 50 * mebi + begun + sawtooth(at) + resident(at) }
  })
  const [settled, end] = [60, duration - 1].map(at => ({ at, heap: 20 * mebi + heap(at) })) as [HeapSample, HeapSample]
  return { rate: 1000, perSecond, samples, heaps: judged ? [settled, end] : undefined, report }
}

const verdicts: [what: string, run: SteadyRun, held: string][] = [
  ['nothing grows', made({}), 'yyyy'],
  ['no more than the report', made({ heap: at => at * 2600, resident: at => at * 2600, report: 2600 }), 'yyyy'],
  ['ten octets for each of the messages', made({ heap: at => at * 10_000, resident: at => at * 10_000 }), 'yyNy'],
  ['less than two', made({ heap: at => at * 1900, resident: at => at * 1900 }), 'yyyy'],
  ['memory that is in no heap', made({ resident: at => at * 20_000 }), 'yyyN'],
  ['one second in 200 without its messages', made({ perSecond: seconds(600, 200) }), 'yyyy'],
  ['one second in 50', made({ perSecond: seconds(600, 50) }), 'yNyy'],
  ['each second a little slow', made({ perSecond: Array.from({ length: 600 }, () => 994) }), 'NNyy'],
  ['it came to nothing', made({ perSecond: [] }), 'NNyy'],
  ['too short to tell of memory', made({ duration: 299, judged: false, heap: at => at * mebi }), 'yy'],
]

/** One second has 10 of a thousand that belong to the one before, now and then. */
function seconds(number: number, each: number): number[] {
  return Array.from({ length: number }, (_, i) => (i % each === each - 1 ? 990 : 1000))
}

for (const [what, run, held] of verdicts) {
  t.test(`steady: ${what}`, async t => {
    const goals = steadiness(run)
    t.equal(goals.map(goal => (goal.held ? 'y' : 'N')).join(''), held, goals.map(goalLine).join('\n'))
  })
}
