/** npm run bench:gate: passes and falls by its margins. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readAccepted, strangerNote } from '../../bench/gate/accepted.js'
import { type AcceptedRatios, judge, ratiosOf } from '../../bench/gate/ratios.js'
import { canReadUsage } from '../../bench/generator/process-usage.js'
import { installCommand } from '../../bench/load-ws.js'
import type { Cell } from '../../bench/servers/cell.js'
import { packageVersion } from '../../bench/servers/peer.js'
import { echoPoint } from '../../bench/servers/point.js'
import { gatePoints, points } from '../../bench/servers/points.js'
import { testWith } from '../peers/installable.js'
import { benchCommand } from './bench-command.js'

const proc = { name: 'the /proc of Linux', installed: () => canReadUsage, install: 'Linux' }
const ws = { name: 'ws', installed: () => packageVersion('ws') !== undefined, install: installCommand }

const cell = (point: string, peer: string, againstWs: number) => ({ point, peer, againstWs }) as Cell

t.test('15 % less passes with small messages, 30 % with large ones', async t => {
  for (const [size, measured, passes] of [
    [20, 8.51, true],
    [20, 8.49, false],
    [16_384, 7.01, true],
    [16_384, 6.99, false],
  ] as const) {
    const point = echoPoint({ connections: 64, size })
    const cells = [cell(point.name, 'framewright', measured), cell(point.name, 'ws', 1)]
    const verdicts = judge(point, { framewright: { [point.name]: 10 } }, cells)
    t.match(verdicts, [{ peer: 'framewright', accepted: 10, measured, passes }], `${size}: ${measured}`)
    t.equal(verdicts.length, 1)
  }
})

t.test('ratios are kept with three digits, and not that of ws to itself', async t => {
  t.same(ratiosOf([cell('a', 'framewright', 12.345), cell('a', 'ws', 1), cell('b', 'framewright', 1.2)]), {
    framewright: { a: 12.3, b: 1.2 },
  })
})

t.test('messages with compression are among what is measured unless told', async t => {
  const names = gatePoints.map(({ name }) => name).filter(name => name.startsWith('deflate'))
  t.equal(names.length, points.filter(({ load }) => load.kind === 'deflate').length)
  t.ok(names.includes('deflate 64c 149 B p1, windows empty'))
})

t.test('the ratios that are committed are of points that there are', async t => {
  const file = new URL('../../../bench/ratios.json', import.meta.url)
  const { ratios } = JSON.parse(readFileSync(file, 'utf8')) as AcceptedRatios
  const names = points.map(({ name }) => name)
  for (const [peer, byPoint] of Object.entries(ratios)) {
    t.not(Object.keys(byPoint).length, 0, peer)
    for (const [name, value] of Object.entries(byPoint)) t.ok(names.includes(name) && value > 0, `${peer}, ${name}`)
  }
})

t.test('a file that is no file of ratios, or holds a ratio that nothing could fall below, is refused', async t => {
  const point = '64c 20 B p1'
  for (const [text, message] of [
    ['{', /json is not JSON/],
    ['null', /json is no file of ratios$/],
    ['[]', /json is no file of ratios$/],
    ['{}', /it has no "ratios"$/],
    ['{"ratios":{"framewright":3}}', /ratios of framewright is no object$/],
    [`{"ratios":{"framewright":{"${point}":-5}}}`, /: framewright, 64c 20 B p1: -5 is no ratio: a number above 0$/],
    [`{"ratios":{"framewright":{"${point}":0}}}`, /: 0 is no ratio/],
    [`{"ratios":{"framewright":{"${point}":"x"}}}`, /: "x" is no ratio/],
    [`{"ratios":{"framewright":{"${point}":1e999}}}`, /is no ratio/],
  ] as const) {
    const file = join(t.testdir({ 'ratios.json': text }), 'ratios.json')
    t.throws(() => readAccepted(file), { message }, text)
  }
  t.equal(readAccepted(join(t.testdir({}), 'no.json')), undefined)
})

t.test('another class of machine or version of Node than ratios were accepted with is said', async t => {
  const machine = { cpu: 'A', cores: 2, memoryGiB: 24, system: 'linux x64' }
  const here = 'A, 2 cores, linux x64, Node 20.20.2'
  const said = (there: object) => strangerNote({ machine, node: '20.20.2', ...there }, here)
  t.equal(said({}), undefined)
  t.equal(said({ machine: { ...machine, memoryGiB: 8 } }), undefined)
  t.match(
    said({ node: '24.1.0' }),
    /^warning: .+ on A, 2 cores, linux x64, Node 24\.1\.0, and this is A.+20\.20\.2: .+$/,
  )
  t.match(said({ machine: { ...machine, cpu: 'B' } }), /on B, 2 cores/)
  t.match(strangerNote({}, here), /on a machine that the file does not name, and/)
})

const bench = benchCommand('gate/main.js')

await testWith(t, [proc, ws], 'the command line', async t => {
  t.match(bench('--help'), { status: 0, stdout: /Exit codes: 0 / })
  const folder = t.testdir({ 'ratios.json': '{"ratios":{"framewright":{"64c 20 B p1":"x"}}}' })
  for (const args of [
    ['no'],
    ['--rounds', '0'],
    ['--points', 'no'],
    ['--file', 'no.json'],
    ['--file', join(folder, 'ratios.json')],
    ['--accept', '--file', join(folder, 'no/ratios.json')],
  ]) {
    t.match(bench(...args), { status: 2, stdout: '', stderr: /^bench:gate: .+\n$/ }, args.join(' '))
  }
})

await testWith(t, [proc, ws], 'what is accepted is compared with: pass and fall', async t => {
  const file = join(t.testdir({}), 'ratios.json')
  const brief = ['--points', '64c 20 B p16', '--rounds', '1', '--seconds', '0.02', '--file', file]
  t.equal(bench(...brief, '--accept').status, 0)
  const accepted = JSON.parse(readFileSync(file, 'utf8')) as AcceptedRatios
  t.match(accepted, { date: String, machine: { cores: Number }, ratios: { framewright: { '64c 20 B p16': Number } } })
  for (const [ratio, status, words] of [
    [0.001, 0, /^pass {2}64c 20 B p16, framewright .*\n(.*\n)*pass: \d+ ratios\n$/],
    [1000, 1, /^FALL {2}64c 20 B p16, framewright .*\n(.*\n)*FALL: \d+ of \d+ ratios\n$/],
  ] as const) {
    const ratios = { framewright: { '64c 20 B p16': ratio } }
    writeFileSync(file, JSON.stringify({ ...accepted, ratios }))
    t.match(bench(...brief), { status, stdout: words, stderr: /^(?!.*warning)/s }, `${ratio}`)
  }
})
