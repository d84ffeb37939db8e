/** The clock of what comes in: looked at once for all that was read together. */
import t from 'tap'
import { TurnClock } from '../../src/load/turn-clock.js'

t.test('the same time for all that is told at once, another one for what is read later', async t => {
  let looked = 0
  const clock = new TurnClock(() => ++looked)
  t.same([clock.now(), clock.now(), clock.now()], [1, 1, 1])
  await new Promise<void>(resolve => process.nextTick(resolve))
  t.same([clock.now(), clock.now()], [2, 2])
  t.equal(looked, 2)
})
