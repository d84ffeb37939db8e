/** npm run bench:peers: every kind of point is measured with whole servers, in rounds as short as they can be. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Exchange } from '../../bench/generator/exchange.js'
import type { Turn } from '../../bench/generator/load.js'
import { canReadUsage } from '../../bench/generator/process-usage.js'
import { installCommand } from '../../bench/load-ws.js'
import { type Cell, cellsOf } from '../../bench/servers/cell.js'
import { Contest } from '../../bench/servers/contest.js'
import { packageVersion } from '../../bench/servers/peer.js'
import { peers } from '../../bench/servers/peers.js'
import {
  clientPoint,
  deflatedIdlePoint,
  deflatePoint,
  echoPoint,
  isLarge,
  type Point,
  plannedPoint,
  takesPart,
} from '../../bench/servers/point.js'
import { points } from '../../bench/servers/points.js'
import { blockOf, summaryOf } from '../../bench/servers/report.js'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { type Installable, testWith } from '../peers/installable.js'
import { benchCommand } from './bench-command.js'

const proc = { name: 'the /proc of Linux', installed: () => canReadUsage, install: 'Linux' }
const ws = packaged('ws')
const echarts = packaged('echarts')

function packaged(name: string): Installable {
  return { name, installed: () => packageVersion(name) !== undefined, install: installCommand }
}

const few = { connections: 3, size: 200, pipeline: 2 }

const kinds: readonly Point[] = [
  echoPoint(few),
  echoPoint({ ...few, script: 'emoji' }),
  echoPoint({ ...few, fragments: 7 }),
  echoPoint({ connections: 1, size: 200_000 }),
  echoPoint({ ...few, tls: true }),
  clientPoint(few),
  clientPoint({ ...few, script: 'cyrillic', tls: true }),
  { name: 'client handshake', load: { kind: 'client handshake', connections: 2, tls: false }, compared: 'cpu' },
  { name: 'client idle', load: { kind: 'client idle', connections: 300, tls: false }, compared: 'memory' },
  plannedPoint(4, 20, 500),
  { name: 'broadcast', load: { kind: 'broadcast', connections: 5, size: 125, tls: false }, compared: 'cpu' },
  { name: 'handshake', load: { kind: 'handshake', connections: 2, tls: false }, compared: 'cpu' },
  deflatePoint({ connections: 3, size: 149, pipeline: 2, window: 'kept' }),
  deflatePoint({ connections: 3, size: 20_000, pipeline: 1, window: 'empty' }),
  deflatedIdlePoint(300, 'kept', 0),
  deflatedIdlePoint(300, 'none', 0),
  {
    name: 'idle',
    load: { kind: 'idle', connections: 300, messagesPerSecond: 0, tls: false },
    compared: 'memory',
  },
]

const oneTurn: Turn = {
  operations: 10,
  seconds: 1,
  cpu: 1e8,
  waited: 0,
  ownCpu: 0,
  p50: 1,
  p99: 2,
  residentBefore: 100,
  residentWith: 100,
}

const known = ['framewright', 'framewright-echo', 'ws', 'net', 'net-least', 'net-checked']
const inNode = peers.filter(({ name }) => known.includes(name))

await testWith(t, [proc, ws], 'of everybody who takes part there is a figure', async t => {
  const contest = await Contest.start({ rounds: 1, seconds: 0.02 }, () => {})
  t.teardown(() => contest.end())
  for (const point of kinds) {
    const who = inNode.filter(peer => takesPart(peer, point))
    const cells = cellsOf(point, await contest.measure(who, point))
    t.match(
      cells,
      who.map(({ name }) => ({ peer: name, value: Number, noise: 0, againstWs: Number, share: Number })),
      point.name,
    )
    const values = cells.map(cell => (cell as Cell).value)
    // Of memory a collection in between may give back more than so few connections take.
    t.ok(
      values.every(value => Number.isFinite(value) && (value > 0 || point.compared === 'memory')),
      `${point.name}: ${values.join(', ')}`,
    )
  }
})

await testWith(t, [proc], 'the floor echoes, however it reads', async t => {
  const contest = await Contest.start({ rounds: 1, seconds: 0.02 }, () => {})
  t.teardown(() => contest.end())
  const floors = peers.filter(({ name }) => name.startsWith('floor') || name === 'net-whole')
  for (const point of [echoPoint(few), echoPoint({ connections: 1, size: 200_000 })]) {
    const cells = cellsOf(point, await contest.measure(floors, point))
    const expected = ['floor', 'floor-reused', 'floor-given-back', 'floor-given-back-reused', 'net-whole'].map(
      peer => ({ peer, value: Number }),
    )
    t.match(cells, expected, point.name)
  }
})

await testWith(t, [proc], 'a peer that fails is named, and the others are measured', async t => {
  const [framewright] = peers
  const talk = { ...framewright!, command: () => ({ program: process.execPath, args: ['-e', 'console.log("{}")'] }) }
  const contest = await Contest.start({ rounds: 1, seconds: 0.02 }, () => {})
  t.teardown(() => contest.end())
  const who = [{ ...talk, name: 'broken' }, framewright!]
  const cells = cellsOf(echoPoint(few), await contest.measure(who, echoPoint(few)))
  t.match(cells, [
    { peer: 'broken', error: String },
    { peer: 'framewright', value: Number },
  ])
  t.match(blockOf(echoPoint(few), cells), /^3c 200 B p2 .*\n {2}broken +failed: .+\n {2}framewright +[\d.]+ /)
  t.match(summaryOf(cells), /broken +framewright\n3c 200 B p2 +failed/)
})

t.test('what comes back is compared octet by octet', async t => {
  const messages = { size: 4, script: 'binary', pipeline: 2, fragments: 1 } as const
  const exchange = new Exchange(messages, 'client')
  const payloads = [0, 1].map(number => {
    const octets = exchange.octets(number, 1)
    return octets.subarray(6).map((octet, i) => octet ^ octets[2 + i]!)
  })
  const reply = (payload: Uint8Array, opcode = 2) => buildRawFrame({ opcode, payload })
  const [first, second] = payloads as [Uint8Array, Uint8Array]
  t.notSame(first, second)
  t.doesNotThrow(() => exchange.verify(Buffer.concat([reply(first), reply(second)]), 0))
  t.doesNotThrow(() => exchange.verify(Buffer.concat([reply(first), reply(second)]), exchange.count))
  const wrong: readonly (readonly [string, Buffer])[] = [
    ['one octet differs', Buffer.concat([reply(first), reply(Uint8Array.of(...second.subarray(0, 3), 0))])],
    ['in another order', Buffer.concat([reply(second), reply(first)])],
    ['of another type', Buffer.concat([reply(first), reply(second, 1)])],
    ['in two frames', Buffer.concat([reply(first), reply(second.subarray(0, 1)), reply(second.subarray(1, 2))])],
  ]
  for (const [name, replies] of wrong) t.throws(() => exchange.verify(replies, 0), name)
})

t.test('cells are medians of rounds, and ratios are taken within each', async t => {
  const turn = (cpu: number): Turn => ({
    ...oneTurn,
    cpu: cpu * 1e8,
    waited: 0.5e9,
    p50: cpu,
    p99: undefined,
    residentWith: 100 + cpu,
  })
  const entries = [
    { peer: 'framewright', turns: [1, 2, 3].map(turn) },
    { peer: 'ws', turns: [2, 8, 9].map(turn) },
  ]
  const [ours] = cellsOf(echoPoint(few), entries)
  t.same(ours, {
    point: '3c 200 B p2',
    peer: 'framewright',
    value: 2e7,
    noise: 1,
    againstWs: 3,
    perSecond: 10,
    p50: 2,
    p99: undefined,
    share: 0.4,
    generatorBound: true,
    waited: 0.5 / 0.7,
  })
  t.match(cellsOf(kinds.at(-1)!, entries), [
    { value: 2 / 300, generatorBound: false },
    { value: 8 / 300, againstWs: 1 },
  ])
})

t.test('at a rate a peer is to wait: the generator says whether it kept that', async t => {
  const turn = (bound: boolean) => ({ ...oneTurn, bound })
  const cell = (...turns: Turn[]) => cellsOf(plannedPoint(4, 20, 500), [{ peer: 'framewright', turns }])[0]
  t.match(cell(turn(false), turn(true)), { share: 0.1, generatorBound: false, value: 1e7 })
  t.match(cell(turn(true), turn(true)), { generatorBound: true })
})

t.test('which points are large', async t => {
  const large = points.filter(isLarge).map(({ name }) => name)
  t.same(large, [
    '64c 1 KiB p16',
    '64c 16 KiB p1',
    '64c 64 KiB p1',
    '4c 1 MiB p1',
    '64c 1 KiB p16 text ascii',
    '64c 1 KiB p16 text cyrillic',
    '64c 1 KiB p16 text emoji',
    '64c 16 KiB p1 TLS',
    'client 64c 1 KiB p16',
    'client 64c 16 KiB p1',
    'client 64c 64 KiB p1',
    'client 4c 1 MiB p1',
    'client 64c 1 KiB p16 text ascii',
    'client 64c 1 KiB p16 text cyrillic',
    'client 64c 1 KiB p16 text emoji',
    'client 64c 16 KiB p1 TLS',
    'deflate 64c 1 KiB p16, windows kept',
    'deflate 64c 16 KiB p1, windows kept',
  ])
})

const bench = benchCommand('servers/main.js')

await testWith(t, [proc], 'the command line', async t => {
  t.match(bench('--help'), { status: 0, stdout: /Exit codes: 0 / })
  t.equal(bench('--list').stdout, `${points.map(({ name }) => name).join('\n')}\n`)
  const nowhere = join(t.testdir({}), 'no/file')
  for (const args of [
    ...[['no'], ['--rounds', '0'], ['--seconds', 'x'], ['--peers', 'no'], ['--points', 'p16,no']],
    ...[
      ['--json', nowhere],
      ['--chart', nowhere],
    ],
  ]) {
    t.match(bench(...args), { status: 2, stdout: '', stderr: /^bench:peers: .+\n$/ }, args.join(' '))
  }
})

await testWith(t, [proc, ws, echarts], 'a table, JSON and a chart', async t => {
  const folder = t.testdir({})
  const [json, chart] = [join(folder, 'figures.json'), join(folder, 'chart.svg')]
  const { status, stdout, stderr } = bench(
    ...['--peers', 'framewright,ws,net', '--points', '64c 20 B p16', '--rounds', '1', '--seconds', '0.02'],
    ...['--json', json, '--chart', chart],
  )
  t.equal(status, 0, stderr)
  t.match(stdout, /^64c 20 B p16 +µs +noise .*\n {2}framewright +[\d.]+ +0 % .*\n {2}ws +[\d.]+ +0 % +1\.00 /)
  t.match(JSON.parse(readFileSync(json, 'utf8')), {
    date: /^\d{4}-\d\d-\d\d$/,
    machine: { cpu: String, cores: Number },
    versions: { ws: 'ws 8.23.0' },
    rounds: 1,
    cells: [{ peer: 'framewright' }, { peer: 'ws', againstWs: 1 }, { peer: 'net' }],
    failures: [],
  })
  const svg = readFileSync(chart, 'utf8')
  t.match(svg, /^<svg /)
  for (const text of ['64c 20 B p16', 'framewright', 'net']) t.ok(svg.includes(text), text)
})
