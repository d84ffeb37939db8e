/** Conditions: what they read, in which unit, and what is no condition. */
import t from 'tap'
import { forbid, hasCome, type Measured, measuredText, parseCondition } from '../../src/load/condition.js'
import { Tally } from '../../src/load/tally.js'

/** A run of two seconds, of 1000 messages with round trips of 1 to 1000 ms. */
function run(): Measured {
  const tally = new Tally()
  Object.assign(tally.counts, { opened: 48, failed: 2, planned: 1000, sent: 990, received: 980, lost: 10 })
  for (let i = 1; i <= 1000; i++) tally.times('rtt').record(i)
  tally.error('closed with 1006', '', 3)
  tally.error('wrong reply', '', 4)
  return { tally, seconds: 2 }
}

// What a figure is, counted by hand: a thousandth is what a bucket may be off.
const readings: [text: string, value: number, failed: boolean][] = [
  ['rtt.p99 > 20ms', 990, true],
  ['rtt.p99 > 991', 990, false],
  ['  rtt.p50>=0.5s ', 500, true],
  ['rtt.p99.9 < 2000000us', 999, true],
  ['rtt.p100 > 1s', 1000, false],
  ['rtt.min < 1.5ms', 1, true],
  ['rtt.max <= 999µs', 1000, false],
  ['rtt.mean > 500ms', 500.5, true],
  ['rtt.count < 1000', 1000, false],
  ['lost > 0', 10, true],
  ['lost > 1%', 1, false],
  ['lost >= 1%', 1, true],
  ['failed > 3%', 4, true],
  ['opened < 50', 48, true],
  ['received < 98%', 98, false],
  ['rate.received < 491/s', 490, true],
  ['rate.sent > 495', 495, false],
  ['errors > 6', 7, true],
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
    ['dns.max < 1', 'ms'],
    ['rate.sent > 1', '/s'],
    ['lost > 1%', '%'],
  ] as const) {
    const nothing = { tally: new Tally(), seconds: 0 }
    t.same(forbid(parseCondition(text), nothing), { text, value: undefined, unit, failed: true })
  }
  t.same(parseCondition('rtt.count < 1').value({ ...run(), tally: new Tally() }), 0)
})

t.test('what was measured, with its unit', async t => {
  const rows = [
    ['rtt.p99 > 1s', 333.567, '333.6 ms'],
    ['rtt.count > 1', 12_345, '12,345'],
    ['lost > 1%', 1.23456, '1.235 %'],
    ['rate.sent > 1/s', 500, '500/s'],
    ['lost > 1', undefined, undefined],
  ] as const
  for (const [text, value, said] of rows) t.equal(measuredText({ value, unit: parseCondition(text).unit }), said)
})

t.test('a run that is not over has come to what holds now and cannot be made good', async t => {
  for (const [text, come] of [
    ['lost > 9', true],
    ['rtt.p99 >= 980', true],
    ['rtt.p99 > 2s', false],
    // What is still to be measured may stay below.
    ['close.p99 > 4s', false],
    // It holds of every run that has only begun.
    ['received < 2000', false],
    ['received <= 99%', false],
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
  ['rtt.count > 1ms', /ms is no unit of that/],
  ['rate.lost > 1', /there are rate\.planned, rate\.sent, rate\.received/],
  ['rate > 1', /there are rate\.planned/],
  ['rate.sent > 1ms', /ms is no unit of that/],
  ['lost.p99 > 1', /lost has no \.p99/],
  ['lost > 1ms', /ms is no unit of that/],
  ['errors > 1%', /% is no unit of that/],
  ['los > 1', /there is no los; did you mean lost\?/],
  ['nonsense > 1', /there is no nonsense; there are dns, tcp, .*, rate, errors/],
]
for (const [text, message] of mistakes) {
  t.test(`mistake: ${text}`, async t => {
    t.throws(() => parseCondition(text), { name: 'UsageError', code: 'WS_INVALID_OPTION', message })
  })
}

t.test('of a class that a part of the load has not, as that of another thread, nothing was measured', async t => {
  t.equal(parseCondition('others: sent > 0').value(run()), undefined)
})
