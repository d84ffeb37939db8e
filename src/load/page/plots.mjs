/** Draws the report in the browser, from what html-report.ts has put into the page. Bundled with uPlot when the package is built. */
import UPlot from 'uplot'
import style from 'uplot/dist/uPlot.min.css'

const { words, report, before, compared, caveats } = JSON.parse(document.querySelector('#data').textContent)
const at = id => document.querySelector(`#${id}`)
const ink = getComputedStyle(document.body).color
const colours = ['#1f77d0', '#2a9d6f', '#e09f1f', '#d1495b', '#8a63c9', '#7a8899', '#17a2b8', '#b5651d', '#e377c2']

document.head.append(Object.assign(document.createElement('style'), { textContent: style }))

/** How many seconds of a run belong to its warm-up, at least in part. */
const warmUpOf = one => one.perSecond.filter(second => second.warmUp).length

/** Lays grey over the first seconds: each point is the end of its second, and half of a second more shows that it is in it. */
const greyUntil = seconds => plot => {
  const { left, top, width, height } = plot.bbox
  const grey = plot.valToPos(seconds + 0.5, 'x', true) - left
  plot.ctx.fillStyle = 'rgba(128, 128, 128, .2)'
  plot.ctx.fillRect(left, top, Math.max(0, Math.min(width, grey)), height)
}

/**
 * A chart of lines: names, and for each x one value of each; `over` names what all charts with it show the same moment of, and up to
 * `warmUp` it is grey. Where x has a text of its own its axis is logarithmic; `paths` draws something else than lines.
 */
function chart(id, names, xs, columns, { x = 's', logY = false, xText, dash = [], over = 'time', warmUp, paths } = {}) {
  if (xs.length === 0) {
    at(id).textContent = 'nothing to draw: the run did not last one whole second'
    return
  }
  const grey = over === 'time' ? warmUpOf(report) : warmUp
  const grid = { stroke: 'rgba(128, 128, 128, .25)', width: 1 }
  const axis = { stroke: ink, grid, ticks: grid }
  const options = {
    width: Math.max(320, at(id).clientWidth),
    height: 260,
    cursor: { sync: { key: over } },
    hooks: { drawClear: grey === undefined ? [] : [greyUntil(grey)] },
    scales: { x: { time: false, distr: xText ? 3 : 1 }, y: { distr: logY ? 3 : 1 } },
    axes: [
      { ...axis, label: x, ...(xText && { values: (_, splits) => splits.map(xText) }) },
      { ...axis, size: 70 },
    ],
    series: [
      { label: x, ...(xText && { value: (_, value) => xText(value) }) },
      ...names.map((label, i) => {
        const stroke = colours[i % colours.length]
        return {
          label,
          stroke,
          width: 1.5,
          dash: dash[i],
          ...(paths && { paths, fill: `${stroke}80`, points: { show: false } }),
        }
      }),
    ],
  }
  new UPlot(options, [xs, ...columns], at(id))
}

/** 1 / (1 - p) as the percentile p. */
const shareText = value => (value === null ? '' : `${Number((100 - 100 / value).toPrecision(6))} %`)
/** Nothing can be shown of 0 where the axis is logarithmic. */
const positive = value => (value > 0 ? value : null)

/** Distributions: of each a name and points. All of their percentiles together are the x axis, and gaps are bridged. */
function distributions(id, named, dash = []) {
  const drawn = named.filter(([, curve]) => curve !== undefined && curve.length > 0)
  at(id).hidden = drawn.length === 0
  if (drawn.length === 0) return
  const [joined, ...lines] = UPlot.join(
    drawn.map(([, curve]) => [curve.map(([x]) => x), curve.map(([, y]) => positive(y))]),
  )
  chart(
    id,
    drawn.map(([name]) => name),
    joined,
    lines.map(line => line.map((value, i) => value ?? (i > 0 ? undefined : null))),
    { x: 'percentile', xText: shareText, logY: true, dash, over: 'percentile' },
  )
}

function table(id, head, rows) {
  const lines = [...(head.length === 0 ? [] : [['th', head]]), ...rows.map(row => ['td', row])]
  for (const [element, cells] of lines) {
    const line = at(id).insertRow()
    for (const cell of cells) {
      const one = document.createElement(element)
      one.append(cell)
      line.append(one)
    }
  }
}

/** Counts to the last digit, whatever they are. */
const number = value =>
  value.toLocaleString('en-GB', value < 1000 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 3 })

const { head, verdict } = report
at('about').textContent =
  `${report.url} · ${head.asked} · ${head.measured} from ${report.startedAt} · ` +
  `CPU of the generator ${number(report.generator.cpu)} s`
at('doubts').textContent = [head.late, head.ended].filter(Boolean).join(', ')
at('verdict').textContent = [verdict.sentence, ...verdict.reasons].join(' · ')
at('verdict').className = verdict.good ? 'good' : 'failed'

at('absent').textContent = report.absent

at('warm').hidden = [report, before].every(one => one === undefined || warmUpOf(one) === 0)

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

const told = [time, 'rttFromSend', 'lateness', 'firstReply', 'lastReceiver', 'firstOctet', 'iteration']
distributions(
  'distribution',
  told.map(name => [report.words[name], report.curves[name]]),
)
at('histogram').hidden = report.bars.length === 0
if (report.bars.length > 0) {
  const [from, counts] = [0, 1].map(column => report.bars.map(bar => bar[column]))
  const xText = value => (value === null ? '' : number(value))
  // Each bar begins at the least time that it has.
  const paths = UPlot.paths.bars({ size: [1, Number.POSITIVE_INFINITY], align: 1 })
  chart('histogram', [report.words[time]], from, [counts], { x: 'ms or longer', xText, over: 'how long', paths })
}

const stages = ['dns', 'tcp', 'tls', 'upgrade', 'firstMessage', 'rtt', 'ping', 'close', 'connect', 'reconnect']
distributions(
  'stages',
  stages.map(name => [report.words[name], report.curves[name]]),
)
const often = stages.filter(name => report.perSecond.filter(({ times }) => times[name] !== undefined).length > 1)
at('stages-time').hidden = often.length === 0
if (often.length > 0) {
  chart(
    'stages-time',
    often.map(name => `${report.words[name]}, p99`),
    xs,
    often.map(name => report.perSecond.map(({ times }) => positive(times[name]?.p99 ?? null))),
    { logY: true },
  )
}

const rates = ['planned', 'sent', 'received']
chart(
  'rates',
  rates,
  xs,
  rates.map(name => report.perSecond.map(({ counts }) => counts[name])),
)
const octets = ['sentOctets', 'receivedOctets', 'sentWireOctets', 'receivedWireOctets']
at('carried').hidden = octets.every(name => !(report.counts[name] > 0))
if (!at('carried').hidden) {
  chart(
    'octets',
    octets.map(name => words.counts[name]),
    xs,
    octets.map(name => report.perSecond.map(({ counts }) => counts[name])),
  )
}
const troubles = ['missed', 'lost', 'unanswered', 'wrong', 'failed', 'dropped']
chart(
  'troubles',
  troubles.map(name => (name === 'unanswered' ? 'unanswered at the end' : name)),
  xs,
  troubles.map(name => report.perSecond.map(({ counts }) => counts[name])),
)

/** Parts of a mixed load, classes and phases of a scenario, beside each other. */
function parts(id, all) {
  at(id).hidden = all.length === 0
  if (all.length === 0) return
  distributions(
    `${id}-distribution`,
    all.map(({ name, curve }) => [name, curve]),
  )
  const counted = ['sent', 'received', 'missed', 'lost', 'unanswered', 'wrong']
  const timed = ['p50', 'p99', 'p99.9', 'max']
  table(
    `${id}-table`,
    ['', ...counted, ...timed, 'errors'],
    all.map(({ name, counts, times, main, errors }) => [
      name,
      ...counted.map(key => number(counts[key])),
      ...timed.map(key => (times[main] === undefined ? '' : number(times[main][key]))),
      number(errors.reduce((sum, { count }) => sum + count, 0)),
    ]),
  )
}
parts('phases', report.phases)
parts('classes', report.classes)
if (report.classes.length > 0) {
  const names = report.classes.map(({ name }) => name)
  const column = key => report.classes.map(({ seconds }) => seconds.map(second => second[key]))
  chart(
    'classes-p99',
    names.map(name => `${name}, p99`),
    xs,
    column('p99').map(values => values.map(positive)),
    { logY: true },
  )
  chart('classes-received', names, xs, column('received'))
}

const server = one => one.perSecond.map(second => second.server)
const mebibytes = octets => (octets === undefined ? null : octets / 2 ** 20)

/** What is known of the server in each second: a chart for each of it, and for each metric that was asked for. */
function serverCharts(seen) {
  const drawn = (id, names, of, options) => {
    const columns = names.map(name => seen.map(one => of(one ?? {}, name) ?? null))
    const known = names.filter((_, i) => columns[i].some(value => value !== null))
    at(id).hidden = known.length === 0
    const lines = columns.filter(column => column.some(value => value !== null))
    if (known.length > 0) chart(id, known, xs, lines, options)
  }
  drawn('cores', ['cores'], one => one.cores)
  drawn('memory', ['MiB'], one => mebibytes(one.memory))
  drawn('threads', ['threads'], one => one.threads)
  const delays = ['now', 'mean', 'p50', 'p90', 'p99', 'max']
  drawn('event-loop', delays, (one, name) => positive(one.eventLoopDelay?.[name]), { logY: true })
  const metrics = new Set(seen.flatMap(one => Object.keys(one?.metrics ?? {})))
  for (const [i, name] of [...metrics].entries()) {
    at('metrics').append(Object.assign(document.createElement('div'), { id: `metric-${i}` }))
    drawn(`metric-${i}`, [name], one => one.metrics?.[name])
  }
}
at('server').hidden = report.server === undefined
if (report.server !== undefined) {
  const { pid, cgroup, cores, memoryBefore, memoryMax, perConnection, scrapes } = report.server
  const memory = () =>
    `memory ${memoryBefore === undefined ? '' : `${number(mebibytes(memoryBefore))} MiB before the first connection, `}` +
    `${number(mebibytes(memoryMax))} MiB at most`
  const eachConnection = ({ octets, error, samples, unknown }) =>
    unknown !== undefined
      ? `what each connection takes of it cannot be told: ${unknown}`
      : `${number(Math.round(octets))} ± ${number(Math.round(2 * error))} octets for each connection (by regression over ${samples} samples)`
  at('process').textContent = [
    ...(pid === undefined ? [] : [`process ${pid}`]),
    ...(cgroup === undefined ? [] : [cgroup]),
    ...(cores === undefined ? [] : [`${number(cores)} cores on average`]),
    ...(memoryMax === undefined ? [] : [memory()]),
    ...(perConnection === undefined ? [] : [eachConnection(perConnection)]),
    ...(scrapes?.failed > 0
      ? [`its metrics could not be had ${scrapes.failed} of ${scrapes.answered + scrapes.failed} times`]
      : []),
  ].join(' · ')
  at('ended').textContent = report.serverEnding ?? ''
  serverCharts(server(report))
}

const columns = ['p50', 'p90', 'p99', 'p99.9', 'max', 'mean', 'count']
table(
  'times',
  ['ms', ...columns],
  Object.entries(report.times).map(([name, one]) => [report.words[name], ...columns.map(key => number(one[key]))]),
)
table(
  'counts',
  ['', 'count'],
  Object.entries(report.counts).map(([name, value]) => [words.counts[name], number(value)]),
)
table(
  'codes',
  ['status code', 'connections'],
  Object.entries(report.closeCodes).map(([code, times]) => [code, number(times)]),
)

const bad = Object.entries(report.badPeers)
at('others').hidden = report.conditions.length + report.errors.length + bad.length === 0
for (const [kind, { connections, counts, closeCodes }] of bad) {
  const codes = Object.entries(closeCodes).map(([code, times]) => `${code} (${number(times)})`)
  const { opened, failed, dropped, sent, received } = counts
  const figures = { connections, opened, failed, sent, received, 'ended by the server': dropped }
  const texts = Object.entries(figures).map(([name, value]) => `${name} ${number(value)}`)
  table('apart', [], [[`${words.badPeers[kind]}, counted apart`, ...texts, codes.join(', ')]])
}
for (const { text, said, failed, notJudged } of report.conditions) {
  table('conditions', [], [[text, said, failed ? 'FAILED' : notJudged ? '–' : 'ok']])
  at('conditions').rows[at('conditions').rows.length - 1].className = failed ? 'failed' : ''
}
table(
  'errors',
  [],
  report.errors.map(({ kind, count, example }) => [kind, number(count), example.slice(0, 240)]),
)

/** Where a change is with 95 % confidence, around a line at no change; `most` is the width of either side. */
function interval([low, high], verdict, most) {
  const place = change => 50 + (50 * Math.max(-most, Math.min(most, change))) / most
  const bar = Object.assign(document.createElement('span'), { className: `interval ${verdict}` })
  const inner = document.createElement('i')
  inner.style.left = `${place(low)}%`
  inner.style.width = `${Math.max(1, place(high) - place(low))}%`
  bar.append(inner)
  return bar
}

/** Two runs, by percentiles, and over time from the beginning of what was measured of each: warm-ups need not be as long. */
function compare() {
  const sides = [
    ['now', report],
    ['before', before],
  ]
  const measuredAt = ({ perSecond, settings }) =>
    perSecond.map(({ number }) => ((number + 1) * 1000 - settings.warmUp) / 1000)
  const over = (id, names, of, options = {}) => {
    const [seconds, ...lines] = UPlot.join(
      sides.map(([, side]) => [
        measuredAt(side),
        ...names.map(name => side.perSecond.map(second => of(second, name, side) ?? null)),
      ]),
    )
    chart(
      id,
      sides.flatMap(([side]) => names.map(name => `${name} ${side}`)),
      seconds,
      lines,
      {
        ...options,
        x: 's from the end of the warm-up',
        over: 'measured time',
        warmUp: 0,
        dash: sides.flatMap(([side]) => names.map(() => (side === 'before' ? [6, 4] : undefined))),
      },
    )
  }
  const isSame = report.main === before.main
  const about = sides.map(([name, side]) => `${side.words[side.main]}, ${name}`)
  at('compared-times').hidden = !isSame
  at('differing').textContent = isSame
    ? ''
    : `no time is drawn, for these are about different ones: ${about.join('; ')}`
  if (isSame) {
    distributions(
      'compared-distribution',
      sides.map(([, side], i) => [about[i], side.curves[side.main]]),
      [undefined, [6, 4]],
    )
    over('compared-latency', ['p50', 'p99'], (second, name, side) => positive(second.times[side.main]?.[name]), {
      logY: true,
    })
  }
  over('compared-rates', ['received'], (second, name) => second.counts[name])
  const watched = sides.some(([, side]) => side.server !== undefined)
  at('compared-server').hidden = !watched
  if (watched) {
    over('compared-cores', ['cores'], (second, name) => second.server?.[name])
    over('compared-memory', ['MiB'], second => mebibytes(second.server?.memory))
  }
  for (const caveat of caveats) {
    at('careful').append(Object.assign(document.createElement('p'), { textContent: `careful: ${caveat}` }))
  }
  const share = change => (change === null ? 'from nothing' : `${change > 0 ? '+' : ''}${(change * 100).toFixed(1)} %`)
  const finite = compared.flatMap(({ interval = [] }) => interval).filter(change => change !== null)
  const most = Math.min(2, Math.max(0.05, ...finite.map(Math.abs)))
  const rows = compared.map(({ name, unit, before, after, change, interval: within, noise, verdict }) => [
    `${name}, ${unit}`,
    number(before),
    number(after),
    share(change),
    within === undefined ? 'too short to say' : within.map(share).join(' … '),
    within === undefined || within.includes(null) ? '' : interval(within, verdict, most),
    noise === undefined || noise === null ? '' : `± ${(noise * 100).toFixed(1)} %`,
    verdict,
  ])
  table('compared', ['', 'before', 'now', 'change', 'with 95 % confidence', `± ${share(most)}`, 'noise', ''], rows)
}
at('comparison').hidden = before === undefined
if (before !== undefined) compare()
