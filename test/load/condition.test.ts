/** Conditions: what they read, in which unit, and what is no condition. */
import t from 'tap'
import {
  conditionText,
  forbid,
  hasCome,
  type Measured,
  measuredText,
  parseCondition,
} from '../../src/load/condition.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { scenarioSettings } from '../../src/load/scenario/parse-scenario.js'
import type { ScenarioStep } from '../../src/load/scenario/scenario.js'
import { Tally } from '../../src/load/tally.js'

/** A run of two seconds, of 1000 messages with round trips of 1 to 1000 ms; each sent one was to reach four. */
function run(): Measured {
  const tally = new Tally()
  Object.assign(tally.counts, { opened: 48, failed: 2, unopened: 30, planned: 1000, sent: 990, missed: 10 })
  Object.assign(tally.counts, {
    expected: 3960,
    received: 990,
    plannedInTime: 1000,
    sentInTime: 990,
    receivedInTime: 990,
    lost: 99,
    unanswered: 2851,
    wrong: 20,
  })
  for (let i = 1; i <= 1000; i++) tally.times('rtt').record(i)
  tally.error('closed with 1006', '', 3)
  tally.error('wrong reply', '', 4)
  const server = {
    cores: 0.75,
    memoryMax: 300 * 2 ** 20,
    perConnection: { octets: 5000, error: 1, samples: 9 },
    threads: 7,
    eventLoopDelay: { p99: 60, mean: 2 },
    metrics: { 'jobs:rate{path="a.b"}': { min: 1, mean: 2, max: 3, counter: true } },
  }
  return { tally, seconds: 2, server }
}

// What a figure is, counted by hand: a thousandth is what a bucket may be off.
const readings: [text: string, value: number, failed: boolean][] = [
  ['rtt.p99 > 20ms', 990, true],
  ['rtt.p99 > 991ms', 990, false],
  ['  rtt.p50>=0.5s ', 500, true],
  ['rtt.min > 0', 1, true],
  ['rtt.p99.9 < 2000000us', 999, true],
  ['rtt.p100 > 1s', 1000, false],
  ['rtt.min < 1.5ms', 1, true],
  ['rtt.max <= 999µs', 1000, false],
  ['rtt.mean > 500ms', 500.5, true],
  ['rtt.count < 1000', 1000, false],
  ['lost > 0', 99, true],
  ['lost > 2.5%', 2.5, false],
  ['lost >= 2.5%', 2.5, true],
  ['unanswered > 71%', 71.995, true],
  ['wrong > 1%', 0.505, false],
  ['expected < 100%', 100, false],
  ['missed > 0.5%', 1, true],
  ['sent < 99%', 99, false],
  ['planned < 100%', 100, false],
  ['received < 99%', 25, true],
  ['reach < 99%', 25, true],
  ['reach >= 25.1%', 25, false],
  ['dropped > 0%', 0, false],
  ['failed > 3%', 4, true],
  ['unopened > 37%', 37.5, true],
  ['opened < 50', 48, true],
  ['rate.received < 496/s', 495, true],
  ['rate.sent > 495', 495, false],
  ['errors > 6', 7, true],
  ['server.cores > 0.9', 0.75, false],
  ['server.memory > 250MiB', 314_572_800, true],
  ['server.memory > 400000000', 314_572_800, false],
  ['server.memoryPerConnection >= 4KiB', 5000, true],
  ['server.threads > 6', 7, true],
  ['server.eventLoopDelay.p99 > 50ms', 60, true],
  ['server.eventLoopDelay.mean > 0.01s', 2, false],
  ['server.jobs:rate{path="a.b"}.max > 2', 3, true],
  ['server.jobs:rate{path="a.b"}.mean > 2', 2, false],
  ['server.jobs:rate{path="a.b"}.min < 2', 1, true],
]
for (const [text, value, failed] of readings) {
  t.test(text, async t => {
    const judged = forbid(parseCondition(text), run())
    t.equal(judged.text, text.trim())
    t.equal(judged.failed, failed)
    t.ok(Math.abs(judged.value! - value) <= value / 1000, `${judged.value}`)
  })
}

t.test('what was never measured fails, whatever was asked', async t => {
  for (const [text, unit] of [
    ['tls.p99 > 1s', 'ms'],
    ['dns.max < 1s', 'ms'],
    ['rate.sent > 1', '/s'],
    ['lost > 1%', '%'],
    ['reach < 1%', '%'],
  ] as const) {
    const nothing = { tally: new Tally(), seconds: 0 }
    t.same(forbid(parseCondition(text), nothing), { text, value: undefined, unit, failed: true })
  }
  t.same(parseCondition('rtt.count < 1').value({ ...run(), tally: new Tally() }), 0)
})

t.test('what has ended the run has fallen, whatever came behind it', async t => {
  const fallen = new Map([['rtt.p50 > 600ms', 601]])
  const judged = forbid(parseCondition(' rtt.p50 > 600ms'), run(), fallen)
  t.same(judged, { text: 'rtt.p50 > 600ms', value: 601, unit: 'ms', failed: true, endedRun: true })
  t.equal(conditionText(judged), 'it was 601 ms, and ended the run')
  const other = forbid(parseCondition('lost > 99'), run(), fallen)
  t.same(other, { text: 'lost > 99', value: 99, unit: '', failed: false })
  t.equal(conditionText(other), 'it was 99')
  t.equal(conditionText({ ...other, value: undefined }), 'it was never measured')
})

t.test('where another condition ended the run, only what has come to be is judged', async t => {
  const fallen = new Map([['rtt.p50 > 600ms', 601]])
  for (const [text, failed, notJudged] of [
    ['lost > 98', true, false],
    ['lost > 99', false, false],
    ['received < 991', false, true],
    ['received < 990', false, false],
    ['reach <= 25%', false, true],
    ['rate.received < 500/s', false, true],
    ['tls.p99 > 1s', false, true],
  ] as const) {
    const judged = forbid(parseCondition(text), run(), fallen)
    t.equal(judged.failed, failed, text)
    t.equal(judged.notJudged, notJudged || undefined, text)
  }
  const said = (text: string) => conditionText(forbid(parseCondition(text), run(), fallen))
  t.equal(said('received < 991'), 'not judged: the run was cut short; it was 990')
  t.equal(said('tls.p99 > 1s'), 'not judged: the run was cut short; it was never measured')
})

t.test('what the end of the run left unsent is no failure of another condition', async t => {
  const fallen = new Map([['rtt.p50 > 600ms', 601]])
  const behind = run()
  behind.tally.error('not sent: the generator was too slow', '', 7)
  for (const text of ['missed > 0', 'missed > 0.5%', 'errors > 0']) {
    const condition = parseCondition(text)
    t.match(forbid(condition, behind, fallen), { failed: false, notJudged: true }, text)
    t.match(forbid(condition, behind), { failed: true, notJudged: undefined }, `${text}: nothing ended it`)
    t.match(forbid(condition, run(), fallen), { failed: true, notJudged: undefined }, `${text}: for another reason`)
  }
  t.equal(forbid(parseCondition('missed > 99'), behind, fallen).notJudged, undefined)
  t.equal(forbid(parseCondition('lost > 98'), behind, fallen).failed, true)
})

t.test('what was measured, with its unit', async t => {
  const rows = [
    ['rtt.p99 > 1s', 333.567, '333.6 ms'],
    ['rtt.count > 1', 12_345, '12,345'],
    ['lost > 1%', 1.23456, '1.235 %'],
    ['rate.sent > 1/s', 500, '500/s'],
    ['lost > 1', undefined, undefined],
    ['server.memory > 1MiB', 2 ** 20, '1,048,576 octets'],
    ['server.eventLoopDelay.p99 > 1s', 5, '5 ms'],
  ] as const
  for (const [text, value, said] of rows) t.equal(measuredText({ value, unit: parseCondition(text).unit }), said)
})

t.test('a run that is not over has come to what holds now and cannot be made good', async t => {
  for (const [text, come] of [
    ['lost > 9', true],
    ['rtt.p99 >= 980ms', true],
    ['rtt.p99 > 2s', false],
    // What is still to be measured may stay below.
    ['close.p99 > 4s', false],
    // It holds of every run that has only begun.
    ['received < 2000', false],
    ['received <= 99%', false],
    ['reach < 99%', false],
    ['rtt.count < 2000', false],
    ['rate.received < 491/s', false],
    ['rtt.p99 < 2s', false],
  ] as const) {
    t.equal(hasCome(parseCondition(text), run()), come, text)
  }
})

const mistakes: [text: string, message: RegExp][] = [
  ['', /no condition such as/],
  ['rtt.p99', /no condition such as/],
  ['rtt.p99 == 1', /no condition such as/],
  ['rtt.p99 > -1', /no condition such as/],
  ['rtt.p99 > 1h', /no condition such as/],
  ['rtt > 1ms', /rtt needs a figure: rtt\.p99/],
  ['rtt.p99x > 1ms', /\.p99x is no figure/],
  ['rtt.p0 > 1ms', /\.p0 is no figure/],
  ['rtt.p101 > 1ms', /\.p101 is no figure/],
  ['rtt.p99 > 1%', /% is no unit of that/],
  ['rtt.p99 > 20', /20 has no unit: 20ms, 20s or 20us\?/],
  ['server.eventLoopDelay.p99 > 0.5', /0\.5 has no unit: 0\.5ms, /],
  ['rtt.count > 1ms', /ms is no unit of that/],
  ['rate.lost > 1', /there are rate\.planned, rate\.sent, rate\.received/],
  ['rate > 1', /there are rate\.planned/],
  ['rate.sent > 1ms', /ms is no unit of that/],
  ['lost.p99 > 1', /lost has no \.p99/],
  ['lost > 1ms', /ms is no unit of that/],
  ['errors > 1%', /% is no unit of that/],
  ['sentOctets > 1%', /% is no unit of that/],
  ['other > 1%', /% is no unit of that/],
  ['reach < 0.99', /reach is a share, in per cent: reach < 99%/],
  ['reach.p99 < 9%', /reach has no \.p99/],
  ['los > 1', /there is no los; did you mean lost\?/],
  ['nonsense > 1', /there is no nonsense; there are dns, tcp, .*, rate, errors, server/],
  ['server > 1', /there are server\.cores, server\.memory, .*, and server\.METRIC\.mean/],
  ['server.cpu > 1', /there are server\.cores/],
  ['server.a{b}.max > 1', /there are server\.cores/],
  ['server.eventLoopDelay > 1', /there are server\.cores/],
  ['server.cores > 1ms', /ms is no unit of that/],
  ['server.memory > 1ms', /ms is no unit of that/],
  ['server.eventLoopDelay.p99 > 1MiB', /MiB is no unit of that/],
]
for (const [text, message] of mistakes) {
  t.test(`mistake: ${text}`, async t => {
    t.throws(() => parseCondition(text), { name: 'UsageError', code: 'WS_INVALID_OPTION', message })
  })
}

t.test('of a class that a part of the load has not, as that of another thread, nothing was measured', async t => {
  t.equal(parseCondition('others: sent > 0').value(run()), undefined)
})

t.test('of a server of which nothing is known, nothing was measured', async t => {
  const { tally, seconds } = run()
  for (const text of ['server.cores > 1', 'server.queue.max > 1', 'server.eventLoopDelay.p99 > 1ms']) {
    t.equal(parseCondition(text).value({ tally, seconds }), undefined, text)
    t.equal(parseCondition(text).value({ tally, seconds, server: {} }), undefined, text)
  }
})

t.test('a load that only holds connections reaches nobody', async t => {
  const failIf = ['reach < 99%']
  t.throws(() => loadSettings('ws://a', { workload: 'idle', failIf }), { message: /nothing is to reach anybody/ })
  t.same(loadSettings('ws://a', { workload: 'connect', failIf }).failIf, failIf)
})

t.test('of a server that ended during the run nothing was held that ended with it', async t => {
  const { server, ...measured } = run()
  const ended = { ...measured, server: { ...server, endedAfter: 1 } }
  const said = (text: string) => {
    const { failed, ...condition } = forbid(parseCondition(text), ended)
    return [failed, conditionText({ ...condition, failed })]
  }
  t.same(said('server.cores > 5'), [true, 'it was 0.75, and the server ended before the run did'])
  t.same(said('server.memory > 1GiB'), [true, 'it was 314,572,800 octets, and the server ended before the run did'])
  t.same(said('server.threads > 9'), [true, 'it was 7, and the server ended before the run did'])
  t.same(said('server.cores < 0.1'), [true, 'it was 0.75, and the server ended before the run did'])
  t.same(said('server.memoryPerConnection > 1MiB'), [false, 'it was 5,000 octets'])
  t.same(said('server.eventLoopDelay.p99 > 1s'), [false, 'it was 60 ms'])
  t.same(said('lost > 1000'), [false, 'it was 99'])
})

t.test('a server that has ended ends a run, too: nothing that comes makes that good', async t => {
  const { server, ...measured } = run()
  const ended = { ...measured, server: { ...server, cores: undefined, endedAfter: 0 } }
  for (const [text, come] of [
    ['server.cores > 5', true],
    ['server.memory < 1GiB', true],
    ['server.memoryPerConnection > 1MiB', false],
    ['server.eventLoopDelay.p99 > 1s', false],
    ['lost > 1000', false],
  ] as const) {
    t.equal(hasCome(parseCondition(text), ended), come, text)
    t.equal(hasCome(parseCondition(text), { ...measured, server }), false, text)
  }
  const text = 'server.cores > 5'
  const judged = forbid(parseCondition(text), ended, new Map([[text, undefined]]))
  t.same(judged, { text, value: undefined, unit: '', failed: true, endedRun: true, serverEnded: true })
  t.equal(conditionText(judged), 'it was never measured, and ended the run, for the server had ended')
})

t.test('of a server that was restarted it is judged, and said', async t => {
  const { server, ...measured } = run()
  const restarted = { ...measured, server: { ...server, restarts: 1 } }
  const said = (text: string) => {
    const condition = forbid(parseCondition(text), restarted)
    return [condition.failed, conditionText(condition)]
  }
  t.same(said('server.cores > 5'), [false, 'it was 0.75, and the server was restarted meanwhile'])
  t.same(said('server.cores > 0.7'), [true, 'it was 0.75, and the server was restarted meanwhile'])
  t.same(said('server.eventLoopDelay.p99 > 1s'), [false, 'it was 60 ms'])
})

t.test('a condition on a server at which nobody looks is refused before it runs', async t => {
  const metrics = { serverMetrics: { url: 'http://a', metrics: ['jobs_*{path="/"}'] } }
  const rows: [text: string, options: LoadOptions, missing: RegExp | undefined][] = [
    ['server.cores > 1', {}, /say `serverPid`, `serverCgroup` or `serverMetrics`/],
    ['server.cores > 1', metrics, undefined],
    ['server.threads > 1', metrics, /say `serverPid` or `serverCgroup`/],
    ['server.threads > 1', { serverPid: process.pid }, undefined],
    ['server.eventLoopDelay.p99 > 1ms', {}, /say `serverMetrics`/],
    ['server.eventLoopDelay.p99 > 1ms', metrics, undefined],
    ['server.jobs_total{path="/"}.max > 1', metrics, undefined],
    ['server.jobs_total.max > 1', metrics, /say `serverMetrics` with jobs_total among its metrics/],
    ['server.queue.max > 1', {}, /say `serverMetrics` with queue among its metrics/],
    ['server.memoryPerConnection > 1', metrics, undefined],
    [
      'server.memoryPerConnection > 1',
      { ...metrics, shard: { index: 0, count: 2 } },
      /a shard does not know how many connections the others have/,
    ],
    ['server.memory > 1', { ...metrics, shard: { index: 0, count: 2 } }, undefined],
    ['all: server.cores > 1', metrics, /there is one server, whatever the class/],
  ]
  for (const [text, options, missing] of rows) {
    const settings = () => loadSettings('ws://a', { ...options, failIf: [text] })
    if (missing === undefined) t.same(settings().failIf, [text])
    else t.throws(settings, { message: missing })
  }
})

t.test('the first of several replies is timed only where there are several', async t => {
  const failIf = ['firstReply.p99 > 1s']
  const rows: [options: LoadOptions, has: boolean][] = [
    [{}, false],
    [{ workload: 'request', request: { message: '' } }, false],
    [{ workload: 'request', request: { message: '', replies: 1 } }, false],
    [{ workload: 'request', request: { message: '', replies: 2 } }, true],
    [{ workload: 'download', request: { message: '', replies: 2 } }, true],
  ]
  for (const [options, has] of rows) {
    const settings = () => loadSettings('ws://a', { ...options, failIf })
    if (has) t.same(settings().failIf, failIf)
    else t.throws(settings, { message: /this load never measures firstReply; it measures / })
  }
  const several = { receive: { count: 2 } }
  const scripts: [steps: ScenarioStep[], has: boolean][] = [
    [[{ send: 'a' }, { receive: {} }], false],
    [[{ send: 'a' }, several], true],
    // One reply each, and what is not timed.
    [[{ send: 'a' }, { send: 'b' }, several], false],
    [[{ send: 'a' }, { receive: {} }, several], false],
  ]
  for (const [steps, has] of scripts) {
    const scenario = {
      url: 'ws://a',
      phases: [{ duration: 1000 }],
      classes: { all: { connections: 1, steps } },
      failIf,
    }
    const settings = () => scenarioSettings(scenario, {})
    if (has) t.same(settings().failIf, failIf)
    else t.throws(settings, { message: /this load never measures firstReply/ })
  }
})

t.test(
  'round trips are timed only where something is received; a Ping is no matter of connections that are closed at once',
  async t => {
    const times = ['rtt', 'firstMessage', 'rttFromSend']
    const think: ScenarioStep = { think: 1 }
    const scripts: [steps: ScenarioStep[], has: boolean][] = [
      [[{ send: 'a' }, think], false],
      [[{ send: 'a' }, { send: 'b' }], false],
      [[{ send: 'a' }, think, { receive: {} }], true],
    ]
    for (const [steps, has] of scripts) {
      for (const time of times) {
        const scenario = {
          url: 'ws://a',
          phases: [{ duration: 1000, rate: 1 }],
          classes: {
            talks: { steps, failIf: [`${time}.p99 > 1s`] },
            asks: { steps: [{ send: 'a' }, { receive: {} }] },
          },
        }
        const settings = () => scenarioSettings(scenario, {})
        if (has) t.same(settings().failIf, [`talks: ${time}.p99 > 1s`])
        else {
          const measured = 'dns, tcp, upgrade, lateness, ping, close, iteration'
          t.throws(settings, { message: new RegExp(`this load never measures ${time}; it measures ${measured}$`) })
        }
        // Of all classes together it is known.
        t.same(
          scenarioSettings(
            { ...scenario, classes: { ...scenario.classes, talks: { steps } }, failIf: [`${time}.max > 1s`] },
            {},
          ).failIf,
          [`${time}.max > 1s`],
        )
      }
    }
    const failIf = ['ping.p99 > 1s']
    t.throws(() => loadSettings('ws://a', { workload: 'connect', failIf }), {
      message: /this load never measures ping; /,
    })
    t.same(loadSettings('ws://a', { workload: 'idle', failIf }).failIf, failIf)
  },
)

t.test('shares of what there is none of, and names that are not looked up, are refused before it runs', async t => {
  for (const text of ['lost > 1%', 'missed > 1%', 'reach < 99%', 'receivedInTime < 1%']) {
    t.throws(() => loadSettings('ws://a', { workload: 'idle', failIf: [text] }), {
      message: /nothing is sent, and nothing/,
    })
  }
  for (const text of ['lost > 1', 'failed > 1%']) {
    t.same(loadSettings('ws://a', { workload: 'idle', failIf: [text] }).failIf, [text])
  }
  for (const workload of ['storm', 'connect'] as const) {
    t.same(loadSettings('ws://a', { workload, failIf: ['reach < 99%'] }).failIf, ['reach < 99%'])
  }
  const settings = (...failIf: string[]) => {
    const classes = { all: { steps: [{ send: 'a' }] } }
    return scenarioSettings({ url: 'ws://a', phases: [{ duration: 1, rate: 1 }], classes, failIf }, {})
  }
  t.same(settings('missed > 1%').failIf, ['missed > 1%'])
  t.throws(() => settings('lost > 1%'), { message: /no step that receives, so no reply is expected/ })
  const failIf = ['dns.p99 > 1s']
  for (const url of ['ws://127.1', 'ws://[::1]:9001/a']) {
    t.throws(() => loadSettings(url, { failIf }), { message: /this load never measures dns; it measures tcp, / })
  }
  t.throws(() => loadSettings('ws://a', { failIf, connect: { socketPath: '/a' } }), { message: /never measures dns/ })
  t.same(loadSettings('wss://1a.example', { failIf }).failIf, failIf)
  for (const url of ['wss://a', 'HTTPS://a']) {
    const options = { failIf: ['tls.p99 > 1s'], connect: { http: true } }
    t.same(loadSettings(url, options).failIf, options.failIf, url)
  }
  t.throws(() => loadSettings('http://a', { failIf: ['tls.p99 > 1s'], connect: { http: true } }), {
    message: /this load never measures tls; /,
  })
})
