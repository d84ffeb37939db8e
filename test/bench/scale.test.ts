/** npm run bench:scale: with few of everything it measures, and says what is linear and which bounds are held. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { canReadUsage } from '../../bench/generator/process-usage.js'
import { boundsOf, isHeld } from '../../bench/scale/bound.js'
import { growthOf, stepsOf } from '../../bench/scale/growth.js'
import { boundLine, growthTable } from '../../bench/scale/report.js'
import { testWith } from '../peers/installable.js'
import { benchCommand } from './bench-command.js'

const proc = { name: 'the /proc of Linux', installed: () => canReadUsage, install: 'Linux' }

t.test('steps end where they are told to', async t => {
  const names = (['octet', 'connection', 'fragment'] as const).map(item => stepsOf(item, 100).map(({ name }) => name))
  t.same(names, [
    ['1 B', '16 B'],
    ['1', '10', '64'],
    ['1', '10', '100'],
  ])
  t.equal(stepsOf('octet', Number.POSITIVE_INFINITY).at(-1)!.name, '64 MiB')
})

const cells = [100, 160, 3200].map(value => ({ value, noise: 0.1 }))

t.test('growth is against the cheapest step before', async t => {
  const steps = stepsOf('octet', 256)
  t.same(
    growthOf(steps, cells).map(({ item, growth }) => [item, growth]),
    [
      [100, 1],
      [10, 0.1],
      [12.5, 1.25],
    ],
  )
  t.match(growthTable('octet', growthOf(steps, cells)), /\n +256 B +3\.20 +12\.5 +1\.25 +10 %$/)
})

const crowd = {
  ...{ connections: 64, messagesPerSecond: 100, seconds: 1, talkingCpu: 0, idleCpu: 0.05 },
  ...{ delayP50: 1, delayP99: 20.1, delayMax: 99, p50: 1, p99: 1 },
}

/** Steps whose items take so many times as much as the cheapest before. */
const grown = (...growths: number[]) =>
  growths.map((growth, i) => ({ name: `${i}`, message: 100, item: 1, growth, noise: 0 }))

t.test('bounds', async t => {
  const connection = growthOf(stepsOf('connection', 64), cells)
  const growth = { connection, octet: grown(1, 3, 0.5), fragment: grown(1, 2.1, 1) }
  const bounds = boundsOf(growth, { connection, octet: grown(1, 1.6, 1) }, crowd)
  t.same(
    bounds.map(({ value, most, floor }) => [value, most, floor]),
    [
      [5, 5, undefined],
      [20.1, 20, undefined],
      [1, 1.25, 1],
      [3, 3.2, 1.6],
      [2.1, 2, undefined],
    ],
  )
  t.same(bounds.map(isHeld), [true, false, true, true, false])
  t.match(boundLine(bounds[1]!), /^NOT HELD .*: 20\.1 ms \(at most 20\.0\)$/)
  t.match(boundLine(bounds[3]!), /^held .*: 3\.00 times \(at most 3\.20; the floor 1\.60\)$/)
})

t.test('a cost that is the square of octets or fragments is not held, whatever the floor', async t => {
  for (const item of ['octet', 'fragment'] as const) {
    const squares = stepsOf(item, Number.POSITIVE_INFINITY)
    const cost = squares.map(({ items }) => ({ value: 1e6 + items ** 2 / 100, noise: 0 }))
    const growth = { connection: grown(1), octet: grown(1), fragment: grown(1), [item]: growthOf(squares, cost) }
    const bounds = boundsOf(growth, { connection: grown(1), octet: grown(1, 4) }, { ...crowd, delayP99: 1 })
    const fallen = bounds.filter(bound => !isHeld(bound)).map(({ name }) => name.split(',')[0])
    t.same(fallen, [item === 'octet' ? 'CPU for an octet' : 'CPU for a fragment'])
  }
})

const bench = benchCommand('scale/main.js')

await testWith(t, [proc], 'the command line', async t => {
  t.match(bench('--help'), { status: 0, stdout: /Exit codes: 0 / })
  const folder = t.testdir({ file: '' })
  for (const args of [
    ['no'],
    ['--rounds', '0'],
    ['--peer', 'no'],
    ['--peer', 'qt'],
    ['--peer', 'net-least'],
    ['--most', '0'],
    ['--json', join(folder, 'no/scale.json')],
    ['--json', join(folder, 'file/scale.json')],
    ['--json', folder],
  ]) {
    t.match(bench(...args), { status: 2, stdout: '', stderr: /^bench:scale: .+\n$/ }, args.join(' '))
  }
})

await testWith(t, [proc], 'tables and JSON', async t => {
  const json = join(t.testdir({}), 'scale.json')
  const { status, stdout, stderr } = bench('--most', '10', '--rounds', '1', '--seconds', '0.01', '--json', json)
  // On a busy machine a bound may not be held.
  t.ok(status === 0 || status === 1, stderr)
  for (const line of [/^octets in/, /\n +10 {2,}[\d.]+ /, /\n {2}idle: /, /\n(held {4}|NOT HELD) {2}CPU of 10 open/]) {
    t.match(stdout, line)
  }
  t.match(JSON.parse(readFileSync(json, 'utf8')), {
    growth: { octet: [{ name: '1 B', growth: 1 }], connection: [{}, { name: '10' }], fragment: [{}, { name: '10' }] },
    crowd: { connections: 10, delayP99: Number, p99: Number },
    bounds: [{}, {}, { floor: Number }, { floor: Number }, { value: Number, most: 2 }],
  })
})
