/** Draws the report in the browser, from what html-report.ts has put into the page. Bundled with uPlot when the package is built. */
import UPlot from 'uplot'
import style from 'uplot/dist/uPlot.min.css'

const { report, before, compared } = JSON.parse(document.querySelector('#data').textContent)
const at = id => document.querySelector(`#${id}`)
const ink = getComputedStyle(document.body).color
const colours = ['#1f77d0', '#2a9d6f', '#e09f1f', '#d1495b', '#8a63c9', '#7a8899']

document.head.append(Object.assign(document.createElement('style'), { textContent: style }))

/** A chart of lines: names, and for each x one value of each. */
function chart(id, names, xs, columns, { x = 's', logY = false, logX = false, dash = [] } = {}) {
  const grid = { stroke: 'rgba(128, 128, 128, .25)', width: 1 }
  const axis = { stroke: ink, grid, ticks: grid }
  const options = {
    width: Math.max(320, at(id).clientWidth),
    height: 260,
    scales: { x: { time: false, distr: logX ? 3 : 1 }, y: { distr: logY ? 3 : 1 } },
    axes: [
      { ...axis, label: x, ...(logX && { values: (_, splits) => splits.map(shareText) }) },
      { ...axis, size: 70 },
    ],
    series: [
      { label: x, ...(logX && { value: (_, value) => (value === null ? '' : shareText(value)) }) },
      ...names.map((label, i) => ({ label, stroke: colours[i % colours.length], width: 1.5, dash: dash[i] })),
    ],
  }
  new UPlot(options, [xs, ...columns], at(id))
}

/** 1 / (1 - p) as the percentile p. */
const shareText = value => (value === null ? '' : `${Number((100 - 100 / value).toPrecision(6))} %`)
/** Nothing can be shown of 0 where the axis is logarithmic. */
const positive = value => (value > 0 ? value : null)

function table(id, head, rows) {
  for (const [element, cells] of [['th', head], ...rows.map(row => ['td', row])]) {
    const line = at(id).insertRow()
    for (const cell of cells) line.append(Object.assign(document.createElement(element), { textContent: cell }))
  }
}

const number = value => value.toLocaleString('en-GB', { maximumSignificantDigits: value < 1000 ? 3 : 9 })

const { settings, verdict, seconds } = report
at('about').textContent =
  `${report.url} · ${settings.workload} · ${number(settings.connections)} connections · ` +
  `${number(seconds)} s from ${report.startedAt} · CPU of the generator ${number(report.generator.cpu)} s`
at('verdict').textContent = verdict.generatorBound
  ? `generator-bound: do not trust these figures (${verdict.reasons.join('; ')})`
  : 'the generator kept up: the figures are those of the server'
at('verdict').className = verdict.generatorBound ? 'bound' : ''

const time = report.main
const xs = report.perSecond.map(second => second.number + 1)
const percentiles = ['p50', 'p90', 'p99', 'p99.9', 'max']
chart(
  'latency',
  percentiles,
  xs,
  percentiles.map(name => report.perSecond.map(({ times }) => positive(times[time]?.[name] ?? null))),
  { logY: true },
)

const sides = [['now', report], ...(before === undefined ? [] : [['before', before]])]
// Each side has percentiles of its own: all of them together are the x axis, and gaps are bridged.
const [joined, ...lines] = UPlot.join(
  sides.map(([, { curve }]) => [curve.map(([x]) => x), curve.map(([, y]) => positive(y))]),
)
chart(
  'distribution',
  sides.map(([name]) => name),
  joined,
  lines.map(line => line.map((value, i) => value ?? (i > 0 ? undefined : null))),
  { x: 'percentile', logX: true, logY: true, dash: [undefined, [6, 4]] },
)

const rates = ['planned', 'sent', 'received']
chart(
  'rates',
  rates,
  xs,
  rates.map(name => report.perSecond.map(({ counts }) => counts[name])),
)
const troubles = ['missed', 'lost', 'wrong', 'failed', 'dropped']
chart(
  'troubles',
  troubles,
  xs,
  troubles.map(name => report.perSecond.map(({ counts }) => counts[name])),
)

at('server').hidden = report.server === undefined
if (report.server !== undefined) {
  const { pid, cores, memoryBefore, memoryMax, perConnection } = report.server
  const mebibytes = octets => number(octets / 2 ** 20)
  const each = perConnection === undefined ? '' : ` · ${number(perConnection.octets)} octets for each connection`
  at('process').textContent =
    `process ${pid} · ${number(cores)} cores on average · memory ${mebibytes(memoryBefore)} MiB before the first ` +
    `connection, ${mebibytes(memoryMax)} MiB at most${each}`
  const seen = report.perSecond.map(({ server }) => server)
  chart('cores', ['cores'], xs, [seen.map(one => one?.cores ?? null)])
  chart('memory', ['MiB'], xs, [seen.map(one => (one === undefined ? null : one.memory / 2 ** 20))])
  chart('threads', ['threads'], xs, [seen.map(one => one?.threads ?? null)])
}

const columns = ['p50', 'p90', 'p99', 'p99.9', 'max', 'mean', 'count']
table(
  'times',
  ['', ...columns],
  Object.entries(report.times).map(([name, one]) => [name, ...columns.map(key => number(one[key]))]),
)
table(
  'counts',
  ['', 'count'],
  Object.entries(report.counts).map(([name, value]) => [name, number(value)]),
)

const bad = Object.entries(report.badPeers)
at('others').hidden = report.conditions.length + report.errors.length + bad.length === 0
for (const [kind, { connections, counts, closeCodes }] of bad) {
  const codes = Object.entries(closeCodes).map(([code, times]) => `${code} (${number(times)})`)
  const { opened, failed, dropped, sent, received } = counts
  const figures = { connections, opened, failed, sent, received, 'ended by the server': dropped }
  const texts = Object.entries(figures).map(([name, value]) => `${name} ${number(value)}`)
  table('apart', [], [[`${kind}, counted apart`, ...texts, codes.join(', ')]])
}
for (const { text, value, failed } of report.conditions) {
  table('conditions', [], [[text, value === undefined ? 'never measured' : number(value), failed ? 'FAILED' : 'ok']])
  at('conditions').rows[at('conditions').rows.length - 1].className = failed ? 'failed' : ''
}
table(
  'errors',
  [],
  report.errors.map(({ kind, count, example }) => [kind, number(count), example.slice(0, 120)]),
)

if (compared !== undefined) {
  at('comparison').hidden = false
  const share = change => (change === null ? 'from nothing' : `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`)
  const rows = compared.map(({ name, unit, before, after, change, interval, verdict }) => [
    `${name}, ${unit}`,
    number(before),
    number(after),
    share(change),
    interval === undefined ? 'too short to say' : interval.map(share).join(' … '),
    verdict,
  ])
  table('compared', ['', 'before', 'now', 'change', 'with 95 % confidence', ''], rows)
}
