/** How long a client under test is waited for, once something has not come often; and that a result says so. */
import t from 'tap'
import type { Case } from '../../src/conformance/case.js'
import { LearnedPatience } from '../../src/conformance/learned-patience.js'
import { defaultPatience, scaled } from '../../src/conformance/patience.js'
import { type CaseResult, notRun } from '../../src/conformance/run-case.js'
import { judge, type Verdict, worst } from '../../src/conformance/verdict.js'

const quick = { silences: 0, slowest: 2 }
const silent = { silences: 1, slowest: 2 }

function after(silences: number, whole = defaultPatience): LearnedPatience {
  const learned = new LearnedPatience(whole)
  for (let i = 0; i < silences; i++) learned.learn(silent)
  return learned
}

t.test('who answers is waited for with all patience, however long the run', async t => {
  const learned = new LearnedPatience(defaultPatience)
  for (let i = 0; i < 100; i++) learned.learn(quick)
  t.same(learned.patience, defaultPatience)
})

t.test('after ten silences a fifth of the patience will do, or twenty times the slowest answer of late', async t => {
  t.same(after(9).patience, defaultPatience)
  const learned = after(10)
  t.same(learned.patience, { ...defaultPatience, silence: 1000 })
  learned.learn({ silences: 0, slowest: 100 })
  t.same(learned.patience, { ...defaultPatience, silence: 2000 })
  learned.learn({ silences: 0, slowest: 60_000 })
  t.same(learned.patience, defaultPatience, 'and never more than at first')
  for (let i = 0; i < 100; i++) learned.learn(quick)
  t.equal(learned.patience.silence, 1000, 'one slow moment is forgotten')
})

t.test('the fifth is one of what --timeout-scale makes of the patience', async t => {
  for (const [scale, silence] of [
    [0.2, 200],
    [3, 3000],
    [100, 100_000],
    [Number.POSITIVE_INFINITY, (2 ** 31 - 1) / 5],
  ] as const) {
    const whole = scaled(defaultPatience, scale)
    t.same(after(9, whole).patience, whole)
    t.same(after(10, whole).patience, { ...whole, silence }, `${scale}`)
  }
})

function resultOf(behaviour: Verdict, closing: Verdict, profile: Case['profile'] = 'core'): CaseResult {
  const one: Case = { id: '6455/5.5.2/x', title: 'x', requirement: '…', level: 'MUST', profile, steps: () => [] }
  const finding = (verdict: Verdict) => judge(verdict === 'PASS' ? [] : [{ verdict, reason: 'nothing came' }])
  const judged = { behaviour: finding(behaviour), closing: finding(closing) }
  return {
    ...notRun({ id: one.id, case: one, segmentation: 'whole' }, ''),
    ...judged,
    verdict: worst([behaviour, closing]),
  }
}

/** [behaviour, closing, silences, silence, profile, what is added to the one, to the other] */
const rows: [Verdict, Verdict, number, number, Case['profile'], ...told: (string | undefined)[]][] = [
  ['FAIL', 'SKIP', 1, 1000, 'core', 'waited 1.0 s instead of 5.0 s, after ten silences before'],
  ['WARN', 'FAIL', 2, 1540, 'core', 'waited 1.5 s instead of 5.0 s, after ten silences before'],
  ['PASS', 'FAIL', 1, 1000, 'core', undefined, 'waited 1.0 s instead of 5.0 s, after ten silences before'],
  ['FAIL', 'SKIP', 1, 4000, 'limits', 'waited 4.0 s instead of 20.0 s, after ten silences before'],
  ['PASS', 'PASS', 1, 1000, 'core'],
  ['FAIL', 'PASS', 0, 1000, 'core'],
  ['FAIL', 'SKIP', 1, 5000, 'core'],
  ['FAIL', 'SKIP', 1, 20_000, 'limits'],
]

for (const [behaviour, closing, silences, silence, profile, ...told] of rows) {
  t.test(`${behaviour} and ${closing} after ${silences} silences of ${silence} ms in ${profile}`, async t => {
    const before = resultOf(behaviour, closing, profile)
    const { verdict, ...sides } = after(10).told(before, { silences }, { ...defaultPatience, silence })
    t.equal(verdict, before.verdict)
    for (const [i, side] of (['behaviour', 'closing'] as const).entries()) {
      const more = told[i] === undefined ? [] : [{ verdict: 'INFO', reason: told[i] }]
      t.same(sides[side], { verdict: before[side].verdict, findings: [...before[side].findings, ...more] })
    }
  })
}
