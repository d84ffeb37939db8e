/** Memory over open connections: a figure where that is a line, and else the reason why there is none. */
import t from 'tap'
import { compareReports } from '../../../src/load/compare-reports.js'
import { forbid, parseCondition } from '../../../src/load/condition.js'
import {
  type MemoryPerConnection,
  type MemoryPoint,
  memoryPerConnection,
} from '../../../src/load/server/memory-per-connection.js'
import { Tally } from '../../../src/load/tally.js'
import { madeReport } from '../made-report.js'

/** 65 looks at a server whose connections take 5,000 octets each. */
function points(memory: (connections: number) => number): MemoryPoint[] {
  return Array.from({ length: 65 }, (_, i) => [i * 100, 5e7 + memory(i * 100)])
}

const each = 5000
/** What it does not give back: a young generation that fills, and is emptied. */
const saw = (connections: number, height: number) => ((connections * each) % height) / 2

const known: [name: string, memory: (connections: number) => number][] = [
  ['a line', n => n * each],
  ['with what is thrown away now and then', n => n * each + saw(n, 3e6)],
  ['the first tenth in memory that it had', n => Math.max(0, n - 640) * each],
]
for (const [name, memory] of known) {
  t.test(`told: ${name}`, async t => {
    const { octets, samples } = memoryPerConnection(points(memory)) as MemoryPerConnection
    t.ok(Math.abs(octets - each) < each / 10, `${octets}`)
    t.equal(samples, 65)
  })
}

const unknown: [name: string, memory: (connections: number) => number][] = [
  ['it becomes less', n => -n * 10],
  ['nothing changes', () => 0],
  ['the first half in memory that it had', n => Math.max(0, n - 3200) * each],
  ['all in memory that it had, and noise', n => (n % 300) * 1000],
  ['less than what comes and goes', n => n * 10 + saw(n, 3e6)],
]
for (const [name, memory] of unknown) {
  t.test(`not told: ${name}`, async t => {
    t.match(memoryPerConnection(points(memory)), {
      unknown: /^its memory did not grow evenly with them; /,
      samples: 65,
    })
  })
}

t.test('not told: nobody could connect, or there were too few', async t => {
  t.match(memoryPerConnection(points(n => n).map(([, memory]) => [0, memory] as const)), { unknown: String })
  t.equal(memoryPerConnection(points(n => n).slice(0, 7)), undefined)
})

t.test('what is not known meets no limit, and is compared with nothing', async t => {
  const unknown = { perConnection: { unknown: 'for a reason', samples: 65 } }
  const measured = { tally: new Tally(), seconds: 1, server: unknown }
  t.match(forbid(parseCondition('server.memoryPerConnection > 8KiB'), measured), { value: undefined, failed: true })
  const known = { perConnection: { octets: each, error: 1, samples: 65 } }
  const [before, after] = [known, unknown].map(server => madeReport({ seconds: [[1]], server }))
  for (const [a, b] of [
    [before!, after!],
    [after!, before!],
  ] as const) {
    t.notOk(compareReports([a], [b]).some(({ name }) => name === 'server.memoryPerConnection'))
  }
})
