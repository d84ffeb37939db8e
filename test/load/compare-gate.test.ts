/** What `framewright load compare` prints and exits with, for programs: by reports whose figures are known. */
import t from 'tap'
import { compareGate, compareMarkdown, compareReports, type LoadReport, load } from '../../src/load.js'
import { echo, serve } from './known-servers.js'
import { madeReport, steady } from './made-report.js'

const [fast, slow] = [1, 2].map(least => madeReport({ seconds: steady(10, 100, least, least) })) as [
  LoadReport,
  LoadReport,
]

t.test('a gate lets through what is worse by no more than it says, and what is better', async t => {
  const { passed, worse, blind } = compareGate([fast], [slow], 0.6)
  t.same([passed, blind], [false, undefined])
  // Each round trip takes twice as long.
  const all = compareReports([fast], [slow])
  t.same(
    worse,
    all.filter(({ change, verdict }) => verdict === 'worse' && change > 0.6),
  )
  t.ok(worse.some(({ name, change }) => name === 'rtt.p50' && Math.abs(change - 1) < 0.01))
  t.match(compareGate([fast], [slow], 1.1), { passed: true, worse: [] })
  t.match(compareGate([slow], [fast], 0), { passed: true, worse: [] })
})

t.test('a gate that cannot see is not open', async t => {
  const server = await serve(t, echo, { handlers: { accept: () => ({ status: 503 }) } })
  const nobody = await load(server.url, { connections: 1, duration: 10, warmUp: 0 })
  const blind = 'in one of the runs not one connection was opened'
  t.same(compareGate([nobody], [nobody], 0.05), { passed: false, worse: [], blind })
  for (const gate of [Number.NaN, -0.05, '5%' as unknown as number]) {
    t.throws(() => compareGate([fast], [slow], gate), { code: 'WS_INVALID_OPTION', message: '`gate` is a share' })
  }
})

t.test('the table has each figure in a row, as it was compared', async t => {
  const figures = compareReports([fast], [slow])
  const [head, , ...rows] = compareMarkdown(figures).trimEnd().split('\n')
  t.equal(head, '| figure | before | after | change | with 95 % confidence | noise | |')
  const cells = rows.map(row => row.split('|').map(cell => cell.trim()))
  t.same(
    cells.map(([, name]) => name),
    figures.map(({ name }) => name),
  )
  for (const [i, { before, verdict }] of figures.entries()) {
    const [, , told, , , , , said] = cells[i]!
    t.ok(Math.abs(Number.parseFloat(told!.replaceAll(',', '')) - before) <= before / 100, `${told} is ${before}`)
    t.match(said, { better: /better/, worse: /worse/, same: /no difference/, unknown: /^$/ }[verdict])
  }
})
