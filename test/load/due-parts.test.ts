/** Whatever becomes of a message is of the phase in which it was due, whichever second is counted when that happens. */
import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { DueParts } from '../../src/load/due-parts.js'
import { Generator } from '../../src/load/generator.js'
import { scenarioSettings } from '../../src/load/scenario/parse-scenario.js'
import { Phases } from '../../src/load/scenario/phase-report.js'
import type { Scenario } from '../../src/load/scenario/scenario.js'
import { Tally } from '../../src/load/tally.js'
import { serve } from './known-servers.js'

const step = [{ send: 'x' }, { receive: {} }]

/** Of one class, whose users have two messages each. */
function settingsOf(warmUp: number, phases: Scenario['phases'], url = 'ws://127.0.0.1:1/') {
  const scenario: Scenario = { warmUp, phases, classes: { all: { connections: 10, steps: [...step, ...step] } } }
  return scenarioSettings(scenario, {}, url).classes[0]!.settings
}

t.test('it is counted with the second only where that is of its phase', async t => {
  const tally = new Tally()
  const phases = [700, 100, 1000].map(duration => ({ duration, rate: 1 }))
  const parts = new DueParts(settingsOf(1500, phases), tally)
  t.equal(parts.of(0).tally, tally.warmUp, 'before it begins')
  parts.begin(10_000)
  // The first phase is measured from 11,500 on, the second has no second, the third begins with that of 13,000.
  const dues = [10_000, 10_999, 11_499, 11_500, 12_999, 13_000, 14_500]
  const phaseOf = [-1, -1, -1, 0, 0, 2, 2]
  for (const [second, present] of [-1, 0, 0, 2, 2].entries()) {
    if (second > 0) parts.second(second)
    for (const [i, due] of dues.entries()) {
      const phase = phaseOf[i]!
      const expected = phase < 0 ? tally.warmUp : phase === present ? tally : tally.ofPhase(phase)
      t.equal(parts.of(due).tally, expected, `${due} in second ${second}`)
    }
  }
})

t.test('what users send in the next phase, before the last second of theirs is ended, is of the next', async t => {
  const held: (() => void)[] = []
  const server = await serve(t, (connection, data, number) => {
    const reply = () => void connection.send(data)
    if (number < 10) reply()
    else held.push(reply)
  })
  const phases = [
    { name: 'a', duration: 1000, rate: 10 },
    { name: 'b', duration: 1e6, rate: 0 },
  ]
  const generator = new Generator(settingsOf(0, phases, server.url), { index: 0, count: 1 })
  await generator.open()
  generator.takeAll()
  // All users of the first phase are overdue; what they do next is due in the second one.
  const running = generator.run(performance.now() - 1000)
  while (held.length < 10) await setImmediate()
  const told = new Phases(phases, 0)
  told.add(0, generator.takeSecond())
  for (const reply of held) reply()
  while (generator.tally.counts.received < 10) await setImmediate()
  generator.stop()
  await running
  await generator.close()
  told.add(1, generator.takeAll())
  for (const { name, counts, times } of told.reports) {
    t.match(counts, { planned: 10, sent: 10, sentOctets: 10, expected: 10, received: 10 }, name)
    t.equal(times.rtt?.count, 10, name)
  }
})
