/** How long is waited for what does not come, once it has not come often. */
import t from 'tap'
import { LearnedPatience } from '../../src/conformance/learned-patience.js'
import { defaultPatience, scaled } from '../../src/conformance/patience.js'

const quick = { silences: 0, slowest: 2 }
const silent = { silences: 1, slowest: 2 }

t.test('what answers is waited for with all patience, however long the run', async t => {
  const learned = new LearnedPatience(defaultPatience)
  for (let i = 0; i < 100; i++) learned.note(quick)
  t.same(learned.patience, defaultPatience)
})

t.test('after ten silences twenty times the slowest answer will do, and never less than 250 ms', async t => {
  const learned = new LearnedPatience(defaultPatience)
  for (let i = 0; i < 9; i++) learned.note(silent)
  t.same(learned.patience, defaultPatience)
  learned.note(silent)
  t.same(learned.patience, { ...defaultPatience, silence: 250, asking: 250 })
  learned.note({ silences: 0, slowest: 100 })
  t.same(learned.patience, { ...defaultPatience, silence: 2000, asking: 400 })
  learned.note({ silences: 0, slowest: 60_000 })
  t.same(learned.patience, defaultPatience, 'and never more than at first')
  for (let i = 0; i < 100; i++) learned.note(quick)
  t.equal(learned.patience.silence, 250, 'one slow moment is forgotten')
})

t.test('however large the scale, Node has timers for it', async t => {
  t.same(scaled(defaultPatience, Number.POSITIVE_INFINITY), {
    silence: 2 ** 31 - 1,
    asking: 2 ** 31 - 1,
    prompt: 2 ** 31 - 1,
    endless: 2 ** 31 - 1,
  })
})
