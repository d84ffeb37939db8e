/** How long is waited for what does not come. */
import t from 'tap'
import { defaultPatience, scaled } from '../../src/conformance/patience.js'

t.test('all times are scaled', async t => {
  t.same(scaled(defaultPatience, 3), { silence: 15_000, asking: 1200, prompt: 3000, endless: 360_000 })
})

t.test('however large the scale, Node has timers for it', async t => {
  t.same(scaled(defaultPatience, Number.POSITIVE_INFINITY), {
    silence: 2 ** 31 - 1,
    asking: 2 ** 31 - 1,
    prompt: 2 ** 31 - 1,
    endless: 2 ** 31 - 1,
  })
})
