/** What one thread does of a load of several classes. */
import t from 'tap'
import { Generators } from '../../src/load/generators.js'
import { scenarioSettings } from '../../src/load/scenario/parse-scenario.js'
import { echo, serve } from './known-servers.js'

t.test('how many connections are open is told of all classes together', async t => {
  const server = await serve(t, echo)
  const steps = [{ send: 'x' }, { receive: {} }]
  const classes = { few: { connections: 2, steps }, more: { connections: 3, steps } }
  const settings = scenarioSettings({ phases: [{ duration: 1000 }], classes }, {}, server.url)
  const generators = new Generators(settings, { index: 0, count: 1 })
  const told: number[] = []
  await generators.open(open => told.push(open))
  t.same(told, [1, 2, 3, 4, 5])
  await generators.close()
})
