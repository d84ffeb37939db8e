/** A rate of each connection: what comes of it at a server that knows who has sent what. */
import t, { type Test } from 'tap'
import type { WebSocketConnection } from '../../src/index.js'
import { load } from '../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { serve } from './known-servers.js'

/** How many messages each of 10 connections sends in a second, at 20 a second each. */
async function sentBy(t: Test, options: LoadOptions): Promise<readonly number[]> {
  const seen = new Map<WebSocketConnection, number>()
  const server = await serve(t, (connection, data) => {
    seen.set(connection, (seen.get(connection) ?? 0) + 1)
    connection.send(data)
  })
  const { counts } = await load(server.url, {
    ...{ rate: 20, perConnection: true, connections: 10, duration: 1000, warmUp: 0, size: 20 },
    ...options,
  })
  const all = [...seen.values()].reduce((sum, number) => sum + number, 0)
  t.same([counts.planned, counts.received, counts.missed], [all, all, 0])
  return [...seen.values()]
}

t.test('constant: each sends at that rate', async t => {
  t.same(await sentBy(t, {}), new Array(10).fill(20))
  t.same(
    await sentBy(t, { threads: 2, rate: [{ from: 0, to: 40, duration: 1000 }], duration: undefined }),
    new Array(10).fill(20),
  )
})

t.test('Poisson: each by itself, so that some send more than others', async t => {
  const numbers = await sentBy(t, { arrival: 'poisson', seed: 4 })
  const mean = numbers.reduce((sum, number) => sum + number) / numbers.length
  const variance = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0) / (numbers.length - 1)
  t.equal(numbers.length, 10)
  t.ok(mean > 15 && mean < 25, `${mean}`)
  // That of a Poisson distribution is its mean; if they took turns it would be 0.
  t.ok(variance / mean > 0.3 && variance / mean < 3, `${variance / mean}`)
  const turns = await sentBy(t, { arrival: 'poisson', rate: 200, perConnection: false })
  t.ok(Math.max(...turns) - Math.min(...turns) <= 1, 'else they take turns')
})

t.test('in a mixture each part has it', async t => {
  const mix = [
    { share: 3, workload: 'echo' },
    { share: 1, workload: 'upload' },
  ] as const
  const { segments, classes } = loadSettings('ws://a', {
    workload: 'mixed',
    mix,
    rate: 2,
    perConnection: true,
    connections: 8,
  })
  t.same(segments?.at(-1)?.from, 16)
  t.same(
    classes.map(({ settings }) => [settings.connections, settings.segments?.at(-1)?.from]),
    [
      [6, 12],
      [2, 4],
    ],
  )
})

t.test('refused', async t => {
  t.throws(() => loadSettings('ws://a', { perConnection: true }), {
    message: /`perConnection` is for loads with a `rate`/,
  })
  t.throws(() => loadSettings('ws://a', { workload: 'connect', rate: 1, perConnection: true }), {
    message: /the `rate` of the workload connect is of connections/,
  })
})
