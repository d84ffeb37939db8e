/** Silence is only what could have been broken. */
import t from 'tap'
import { afterSilence } from '../../src/conformance/silence-clock.js'

t.test('while the process is busy, the clock stands still', async t => {
  let silent = false
  const ended = new Promise<void>(resolve => {
    afterSilence(20, () => {
      silent = true
      resolve()
    })
  })
  const busyUntil = performance.now() + 60
  while (performance.now() < busyUntil);
  for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate)
  t.equal(silent, false, 'three times as long has passed, but nothing could have been read')
  await ended
})

t.test('a clock that is stopped does not call', async t => {
  let calls = 0
  afterSilence(10, () => calls++)()
  await new Promise<void>(resolve => {
    afterSilence(20, resolve)
  })
  t.equal(calls, 0)
})
