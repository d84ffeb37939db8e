/** The page of a report, in a real Chromium: it draws what the report has, loads nothing, and complains of nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import t from 'tap'
import { htmlReport } from '../../src/load/html-report.js'
import { mergeReports } from '../../src/load/merge-reports.js'
import type { LoadReport } from '../../src/load/report.js'
import { textReport } from '../../src/load/text-report.js'
import { launchChromium } from '../peers/chromium.js'
import { testWith } from '../peers/installable.js'
import { chromium } from '../peers/programs.js'
import { type Made, madeReport, steady } from './made-report.js'

const failIf = ['rtt.p50 > 1ms', 'lost > 1000', 'ping.max > 1s']
const server = { pid: 7, cores: 0.5, memoryBefore: 2 ** 20, memoryMax: 2 ** 24, threads: 1 }
const perConnection = { octets: 4096.54545, error: 600.2, samples: 9 }
const counts = { opened: 2, failed: 0, dropped: 1, sent: 0, received: 0 }
const report = madeReport({
  seconds: steady(20, 100, 1, 1),
  lost: 2,
  options: { failIf },
  errors: ['</script><b>'],
  server: { ...server, perConnection },
  badPeers: { halfOpen: { connections: 2, counts, closeCodes: { 1011: 1 } } },
  octets: 24,
})
const earlier = madeReport({ seconds: steady(20, 100, 0.5, 0.5), server: { ...server, pid: 6 } })
const before = { ...earlier, interrupted: true }

const mix = [
  { share: 1, workload: 'echo', name: 'small' },
  { share: 1, workload: 'echo', name: 'large' },
] as const
/** A mixed load, each stage timed by itself, and two phases. */
const parted = madeReport({
  seconds: steady(10, 100, 1, 1),
  classes: ['small', 'large'],
  options: { workload: 'mixed', mix, failIf: ['received > 9', 'received < 9999'] },
  fallen: new Map([['received > 9', 10]]),
  stages: { dns: [1], tcp: [2, 3], tls: [4], upgrade: [5], firstMessage: [6], ping: [7, 8], close: [9] },
})
const { counts: counted, times, errors } = parted
const phases = ['morning', 'rush'].map(name => ({ name, duration: 5000, counts: counted, times, errors }))

t.test('the page has the figures, and nothing in them can end the script', async t => {
  const html = htmlReport(report, before)
  const [, json] = /<script id="data" type="application\/json">(.*)<\/script>\n<script>/.exec(html)!
  type Drawn = LoadReport & { curves: { rtt: [number, number][] }; bars: [number, number][] }
  const data = JSON.parse(json!) as { report: Drawn; compared: { name: string }[]; caveats: string[] }
  t.equal(data.report.counts.received, 2000)
  t.notOk('histogram' in data.report.times.rtt!)
  t.match(data.compared[0], { name: 'rtt.p50', verdict: 'worse' })
  t.same(data.caveats, ['a run before was ended before its time'])
  // The curve, beside the round trips themselves: 1 to 100 ms, each as often.
  for (const [x, time] of data.report.curves.rtt) {
    const exact = Math.max(1, Math.ceil(100 - 100 / x - 1e-9))
    t.ok(Math.abs(time - exact) <= exact / 1000 + 1e-9, `${x}: ${time}`)
  }
  t.equal(data.report.curves.rtt.at(-1)![0], 2000)
  // The histogram, beside them as well: so many are below each bar, to the thousandth to which a time is known.
  const took = Array.from({ length: 2000 }, (_, i) => 1 + (i % 100))
  let below = 0
  for (const [from, count] of data.report.bars) {
    const [least, most] = [0.999, 1.001].map(share => took.filter(time => time < from * share).length)
    t.ok(below >= least! && below <= most!, `${below} below ${from} ms`)
    below += count
  }
  t.equal(below, 2000)
  t.same(data.report.bars.at(-1)![1], 0, 'nothing is behind the longest')
  t.equal(html.match(/<\/script/g)!.length, 2)
  t.match(htmlReport(madeReport({ seconds: [] })), /"main":"rtt","curves":\{\},"bars":\[\]/)
})

t.test('parts have figures of their own, second by second too', async t => {
  const [, json] = /<script id="data" type="application\/json">(.*)<\/script>\n<script>/.exec(htmlReport(parted))!
  const { classes } = JSON.parse(json!).report
  t.same(
    classes.map(({ name, main }: { name: string; main: string }) => [name, main]),
    [
      ['small', 'rtt'],
      ['large', 'rtt'],
    ],
  )
  const [small, large] = classes
  // Odd milliseconds and even ones: 1, 3 … 99 and 2, 4 … 100.
  t.match([small.times.rtt.max, large.times.rtt.max], [99, 100])
  t.match([small.times.rtt.min, large.times.rtt.min], [1, 2])
  t.same(large.seconds[3], { received: 50, p99: 100 })
  t.equal(small.curve.at(-1)[0], 500)
  const empty = madeReport({ seconds: [[]], options: { workload: 'mixed', mix } })
  t.match(htmlReport({ ...empty, classes: { small: { counts: counted, times: {}, errors: [] } } }), /"curve":\[\]/)
})

t.test('the warm-up is in what is drawn over time, and in nothing else', async t => {
  const warm = madeReport({
    seconds: [[1, 2, 3], [4], [5]],
    warmUp: 1,
    classes: ['small', 'large'],
    options: { workload: 'mixed', mix },
  })
  const [, json] = /<script id="data" type="application\/json">(.*)<\/script>\n<script>/.exec(htmlReport(warm))!
  const drawn = JSON.parse(json!).report
  t.same([drawn.counts.received, drawn.times.rtt.max, drawn.curves.rtt.at(-1)[0]], [2, 5, 2])
  t.match(
    drawn.perSecond.map(({ warmUp, counts, times }: LoadReport['perSecond'][0]) => [warmUp, counts.received, times]),
    [
      [true, 3, { rtt: { max: 3 } }],
      [false, 1, { rtt: { max: 4 } }],
      [false, 1, { rtt: { max: 5 } }],
    ],
  )
  const [small] = drawn.classes
  t.same([small.counts.received, small.seconds[0]], [2, { received: 2, p99: 3 }])
  t.notMatch(json!, /ofWarmUp|histogram/)
})

t.test('what had not come at the end is drawn there', async t => {
  const seconds = steady(3, 2, 1, 1)
  const made = madeReport({ seconds })
  const drawn = (report: LoadReport) => {
    const [, json] = /<script id="data" type="application\/json">(.*)<\/script>\n<script>/.exec(htmlReport(report))!
    return (JSON.parse(json!).report as LoadReport).perSecond.map(({ counts }) => counts.unanswered)
  }
  t.same(drawn(made), [0, 0, 0])
  t.same(drawn({ ...made, counts: { ...made.counts, unanswered: 7 } }), [0, 0, 7])
  const [first, ...others] = made.perSecond
  const perSecond = [{ ...first!, counts: { ...first!.counts, unanswered: 3 } }, ...others]
  t.same(drawn({ ...made, counts: { ...made.counts, unanswered: 7 }, perSecond }), [3, 0, 4], 'each is drawn once')
})

/** How many colours a chart has: one that was not drawn has one. */
function coloursOf(page: Page, id: string): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('#${id} canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return new Set(new Uint32Array(data.buffer)).size
  })()`)
}

/** How much of the width of a chart is grey, from the left: up to the last pixel that has the colour of a fifth of grey. */
function greyOf(page: Page, id: string): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvas = document.querySelector('#${id} canvas')
    const over = document.querySelector('#${id} .u-over')
    const [left, width] = [over.offsetLeft, over.offsetWidth].map(length => length * devicePixelRatio)
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    const grey = [...new Uint32Array(data.buffer)].flatMap((colour, i) => colour === 0x33828282 ? [i % canvas.width] : [])
    return grey.length === 0 ? 0 : (Math.max(...grey) + 1 - left) / width
  })()`)
}

void testWith(t, [chromium], 'in Chromium: charts are drawn, tables are filled', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'report-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const browser = await launchChromium()
  t.teardown(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1100, height: 1600 } })
  const complaints: string[] = []
  const requests: string[] = []
  page.on('console', message => complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  page.on('request', request => requests.push(request.url()))
  const open = async (name: string, html: string) => {
    const file = join(folder, name)
    writeFileSync(file, html)
    const { href } = pathToFileURL(file)
    await page.goto(href)
    return href
  }
  const text = (id: string) => page.locator(`#${id}`).innerText()
  /** The charts are drawn, with these lines in each. */
  const areDrawn = async (charts: Readonly<Record<string, readonly string[]>>) => {
    for (const [id, lines] of Object.entries(charts)) {
      t.ok((await coloursOf(page, id)) > 3, id)
      const [, ...labels] = await page.locator(`#${id} .u-legend .u-label`).allInnerTexts()
      t.same(labels, lines, id)
    }
  }

  const colourOf = (id: string) => page.evaluate<string>(`getComputedStyle(document.querySelector('#${id}')).color`)
  const [green, red] = ['rgb(11, 122, 85)', 'rgb(179, 38, 30)']

  await t.test('one run beside another', async t => {
    const verdict = { ...report.verdict, caveat: 'one of a hundred was so' }
    const href = await open('compared.html', htmlReport({ ...report, verdict }, before))
    await page.locator('#compared td').first().waitFor()
    await areDrawn({
      latency: ['p50', 'p90', 'p99', 'p99.9', 'max'],
      distribution: ['round trip, from when it left (closed model)'],
      histogram: ['round trip, from when it left (closed model)'],
      stages: ['round trip, from when it left (closed model)'],
      'stages-time': ['round trip, from when it left (closed model), p99'],
      rates: ['planned', 'sent', 'received'],
      octets: [
        ...['octets of payload sent', 'octets of payload received'],
        ...['octets sent on the wire', 'octets received on the wire'],
      ],
      troubles: ['missed', 'lost', 'unanswered at the end', 'wrong', 'failed', 'dropped'],
      cores: ['cores'],
      memory: ['MiB'],
      threads: ['threads'],
      'compared-distribution': [
        'round trip, from when it left (closed model), now',
        'round trip, from when it left (closed model), before',
      ],
      'compared-latency': ['p50 now', 'p99 now', 'p50 before', 'p99 before'],
      'compared-rates': ['received now', 'received before'],
      'compared-cores': ['cores now', 'cores before'],
      'compared-memory': ['MiB now', 'MiB before'],
    })
    // Of 2,000 round trips of 1 to 100 ms the first bar has those of 1; 100, which is kept as 99.968, is in the last but one.
    const plot = page.locator('#histogram .u-over')
    const { width, height } = (await plot.boundingBox())!
    for (const [x, ...values] of [
      [1, '1', '20'],
      [width - 1, '100', '0'],
    ] as const) {
      await plot.hover({ position: { x, y: height / 2 } })
      t.same(await page.locator('#histogram .u-legend .u-value').allInnerTexts(), values)
    }
    t.match(
      await text('about'),
      /1:1\/ · echo, closed model, 1 under .*; 10 connections, 1 thread, .* · measured for 20 s from 1970-01-01/,
    )
    t.equal(await text('doubts'), '')
    t.equal(await colourOf('verdict'), green)
    t.match(
      await text('verdict'),
      /^the generator kept up: the figures are those of the server, but for the longest times: one of a/,
    )
    t.equal(
      await text('absent'),
      'in none of these: 40 without a reply, or with a wrong one (1.96 % of 2,040 expected)',
    )
    t.equal(await text('careful'), 'careful: a run before was ended before its time')
    t.equal(
      await text('process'),
      'process 7 · 0.5 cores on average · memory 1 MiB before the first connection, 16 MiB at most · ' +
        '4,097 ± 1,200 octets for each connection (by regression over 9 samples)',
    )
    t.match(
      await text('times'),
      /ms\s+p50[\s\S]*\nround trip, from when it left \(closed model\)\s+50\s+90\s+99\s+100\s+100\s+50\.5\s+2,000/,
    )
    t.match(await text('counts'), /received\s+2,000/)
    t.notMatch(await text('counts'), /Octets/, 'words, and not the names of the report')
    t.match(await text('codes'), /1000\s+2/)
    t.match(
      await text('conditions'),
      /rtt\.p50 > 1ms\s+it was 50 ms\s+FAILED[\s\S]*lost > 1000\s+it was 40\s+ok[\s\S]*ping\.max > 1s\s+it was never measured\s+FAILED/,
    )
    t.match(
      await text('apart'),
      /half-open, counted apart\s+connections 2\s+opened 2\s.*ended by the server 1\s+1011 \(1\)/,
    )
    t.match(await text('errors'), /<\/script><b>\s+1/)
    t.match(await text('compared'), /rtt\.p50, ms\s+25\s+50\s+\+100\.0 %/)
    // It is worse for certain: its interval lies right of the line in the middle.
    const bar = page.locator('#compared .interval.worse').first()
    const [whole, part] = [await bar.boundingBox(), await bar.locator('i').boundingBox()]
    t.ok(part!.x > whole!.x + whole!.width / 2)
    for (const id of ['phases', 'classes']) t.notOk(await page.locator(`#${id}`).isVisible(), id)
    t.same(requests.splice(0), [href], 'nothing from elsewhere')
  })

  await t.test('parts and phases, and each stage', async t => {
    await open('parts.html', htmlReport({ ...parted, phases }))
    await page.locator('#classes-table td').first().waitFor()
    await areDrawn({
      stages: [
        ...['DNS', 'TCP', 'TLS', 'request to 101', 'first round trip of each connection'],
        ...['round trip, from when it left (closed model)', 'Ping to Pong', 'Closing Handshake and end of TCP'],
      ],
      'phases-distribution': ['morning', 'rush'],
      'classes-distribution': ['small', 'large'],
      'classes-p99': ['small, p99', 'large, p99'],
      'classes-received': ['small', 'large'],
    })
    // Sent, received, missed, lost, unanswered, wrong; p50, p99, p99.9, the longest; errors.
    t.match(await text('classes-table'), /small\s+500\s+500\s+0\s+0\s+0\s+0\s+49\s+99\s+99\s+99\s+0/)
    t.match(await text('classes-table'), /large\s+500\s+500\s+0\s+0\s+0\s+0\s+50\s+100\s+100\s+100\s+0/)
    t.match(await text('phases-table'), /morning\s+1,000\s[\s\S]*rush\s+1,000\s/)
    t.match(
      await text('conditions'),
      /received > 9\s+it was 10, and ended the run\s+FAILED\s+received < 9999\s+not judged: .*; it was 1,000\s+–$/,
    )
    for (const id of ['comparison', 'server', 'carried']) t.notOk(await page.locator(`#${id}`).isVisible(), id)
  })

  await t.test('the warm-up is grey', async t => {
    const seconds = steady(4, 100, 1, 1)
    const shades: number[] = []
    for (const warmUp of [0, 2]) {
      await open('warm.html', htmlReport(madeReport({ seconds, warmUp, options: { startAt: 500 }, startedAt: 750 })))
      await page.locator('#times td').first().waitFor()
      t.equal(await page.locator('#warm').isVisible(), warmUp > 0)
      t.equal(await text('verdict'), 'the generator kept up: the figures are those of the server')
      t.match(await text('about'), /s from 1970-01-01T00:00:00\.750Z · CPU/)
      t.equal(await text('doubts'), 'began 250 ms after it was to')
      shades.push(await coloursOf(page, 'latency'))
    }
    t.ok(shades[1]! > shades[0]!, `${shades}`)
  })

  await t.test(
    'of a run that was over at once it is said why nothing is drawn over time, and counts are exact',
    async t => {
      const brief = madeReport({ seconds: [] })
      const counts = { ...brief.counts, received: Number.MAX_SAFE_INTEGER, sentOctets: 12_345_678_901 }
      await open('brief.html', htmlReport({ ...brief, counts }, brief))
      await page.locator('#counts td').first().waitFor()
      for (const id of ['latency', 'rates', 'octets', 'troubles', 'compared-latency', 'compared-rates']) {
        t.equal(await text(id), 'nothing to draw: the run did not last one whole second', id)
      }
      t.match(await text('counts'), /received\s+9,007,199,254,740,991\n/)
      t.match(await text('counts'), /octets of payload sent\s+12,345,678,901\n/)
    },
  )

  await t.test('runs are beside each other from the end of their warm-ups', async t => {
    // The third second of what is measured has three times as many, however long the warm-up was.
    const spike = (warmUp: number, options: Made['options'] = {}) => {
      const seconds = steady(warmUp, 10, 1, 1).concat([10, 10, 30, 10].flatMap(count => steady(1, count, 1, 1)))
      return madeReport({ seconds, warmUp, options })
    }
    const same = [
      ['2', '10', '10'],
      ['3', '30', '30'],
    ]
    type Read = readonly string[]
    const rows: [now: LoadReport, before: LoadReport, from: number, to: number, ...read: Read[]][] = [
      [spike(1), spike(3), -2, 4, ...same],
      [spike(3), spike(1), -2, 4, ...same],
      [spike(2), spike(0), -1, 4, ...same],
      [spike(0), spike(2), -1, 4, ...same],
      [spike(0), spike(0), 1, 4, ...same],
      // Half of its second second was measured, which is half of a second less than its seconds say.
      [spike(1), spike(2, { warmUp: 1500 }), -0.5, 4.5, ['3', '30', '10'], ['3.5', '30', '30']],
    ]
    for (const [now, before, from, to, ...read] of rows) {
      await open('aligned.html', htmlReport(now, before))
      const row = `warm-ups of ${now.settings.warmUp} and ${before.settings.warmUp} ms`
      const plot = page.locator('#compared-rates .u-over')
      const { width, height } = (await plot.boundingBox())!
      for (const values of read) {
        const x = (width * (Number(values[0]) - from)) / (to - from)
        await plot.hover({ position: { x, y: height / 2 } })
        t.same(await page.locator('#compared-rates .u-legend .u-value').allInnerTexts(), values, row)
      }
      const warmUp = from < 1 ? (0.5 - from) / (to - from) : 0
      for (const id of ['compared-latency', 'compared-rates']) {
        const grey = await greyOf(page, id)
        t.ok(Math.abs(grey - warmUp) < 0.01, `${row}, ${id}: grey is ${grey} of it, and not ${warmUp}`)
      }
      t.equal(await page.locator('#warm').isVisible(), from < 1, row)
    }
  })

  await t.test('what a server tells of itself', async t => {
    const perSecond = parted.perSecond.map((second, i) => ({
      ...second,
      server: { eventLoopDelay: { p99: i + 1, max: 2 * i + 1 }, metrics: { queue: i, 'jobs{a="b"}': 7 } },
    }))
    const scrapes = { answered: 10, failed: 1 }
    const perConnection = { unknown: 'for a reason', samples: 9 }
    await open(
      'server.html',
      htmlReport({
        ...parted,
        perSecond,
        server: { cgroup: '/a', memoryMax: 2 ** 24, perConnection, scrapes, endedAfter: 3, restarts: 1 },
      }),
    )
    t.match(
      await text('ended'),
      /^its CPU was seen to begin anew 1 time .*; it was last seen 3 s into the measured time, and ended/,
    )
    await page.locator('#metric-1 canvas').waitFor()
    await areDrawn({ 'event-loop': ['p99', 'max'], 'metric-0': ['queue'], 'metric-1': ['jobs{a="b"}'] })
    t.equal(
      await text('process'),
      '/a · memory 16 MiB at most · what each connection takes of it cannot be told: for a reason · its metrics could not be had 1 of 11 times',
    )
    for (const id of ['cores', 'memory', 'threads']) t.notOk(await page.locator(`#${id}`).isVisible(), id)
  })

  await t.test('different times are not drawn over each other', async t => {
    const rate = madeReport({ seconds: steady(5, 10, 2, 1), options: { rate: 10 } })
    await open('models.html', htmlReport(rate, before))
    await areDrawn({
      'compared-distribution': [
        'round trip, from when it was due, now',
        'round trip, from when it left (closed model), before',
      ],
    })
    const silent = madeReport({ seconds: steady(5, 0, 1, 1), lost: 10, stages: { upgrade: [5, 6] } })
    await open('silent.html', htmlReport(silent, before))
    await areDrawn({ 'compared-distribution': ['round trip, from when it left (closed model), before'] })
    t.equal(await text('differing'), '')
    const connect = madeReport({ seconds: steady(5, 10, 2, 1), timed: 'connect', options: { workload: 'connect' } })
    await open('different.html', htmlReport(connect, before))
    t.equal(
      await text('differing'),
      'no time is drawn, for these are about different ones: connection, from when it was begun (closed model), now; ' +
        'round trip, from when it left (closed model), before',
    )
    t.notOk(await page.locator('#compared-times').isVisible())
  })

  await t.test('what was hardly measured is left out', async t => {
    const [one] = parted.perSecond
    await open('short.html', htmlReport({ ...parted, classes: {}, perSecond: [{ ...one!, times: {} }] }, before))
    await page.locator('#compared td').first().waitFor()
    t.notOk(await page.locator('#stages-time').isVisible())
    t.match(await text('compared'), /too short to say/)
    await areDrawn({ 'compared-latency': ['p50 now', 'p99 now', 'p50 before', 'p99 before'] })
  })

  await t.test(
    'what the summary says, in its words: of shards that are missing, of what ended it, of the verdict',
    async t => {
      const shard = (index: number) =>
        madeReport({ seconds: [[1]], options: { connections: 9, shard: { index, count: 3 } } })
      const shards = mergeReports([shard(0), shard(1)])
      const reasons = ['a thread was late', 'a thread was crowded']
      const rows: [LoadReport, doubts: string, verdict: RegExp][] = [
        [{ ...shards, interruptedBy: 'signal' }, 'ended before its time', /^the generator kept up: the figures/],
        [
          { ...shards, interruptedBy: 'failIf' },
          'ended by a condition that it was not to come to',
          /^the generator kept up: the figures/,
        ],
        [
          {
            ...shards,
            verdict: { measured: false, generatorBound: false, reasons: [] },
            interruptedBy: 'disconnected',
          },
          'ended before its time: not one connection was open, and none was to come',
          /^nothing was measured$/,
        ],
        [
          { ...shards, verdict: { measured: true, generatorBound: true, reasons } },
          '',
          /^generator-bound: do not trust these figures · a thread was late · a thread was crowded$/,
        ],
        [
          { ...shards, backlog: { replies: 900, time: 1500 } },
          '',
          /^the generator kept up, and the server did not: 900 /,
        ],
      ]
      for (const [told, doubts, verdict] of rows) {
        await open('told.html', htmlReport(told))
        t.match(await text('about'), /; 6 connections, 2 threads, .*, 2 of 3 shards · measured for 1 s /)
        t.equal(await text('doubts'), doubts)
        t.match(await text('verdict'), verdict)
        t.equal(await colourOf('verdict'), verdict.source.includes('the figures') ? green : red)
        const [, asked, measured] = textReport(told).split('\n')
        t.ok((await text('about')).includes(`${asked} · ${measured!.split(',')[0]} from `))
      }
    },
  )

  t.same(complaints, [])
})
