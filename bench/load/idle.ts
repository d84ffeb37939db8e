/**
 * What an idle connection takes of the generator's memory, and how many it opens a second. The server is a process of its
 * own; so is the generator: this one, which does nothing else. Exits with 1 where a goal is not held. `npm run bench:load:idle -- --connections 15000`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Generator } from '../../src/load/generator.js'
import { loadSettings } from '../../src/load/load-options.js'
import { shortages, thisMachine } from '../../src/load/shortages.js'
import { withEcho } from './echo-process.js'
import { atLeast, atMost, judge } from './goal.js'

const { values } = parseArgs({
  options: { connections: { type: 'string', default: '15000' }, opening: { type: 'string', default: '50' } },
})
const connections = Number(values.connections)
const collect = (globalThis as { gc?: () => void }).gc
if (collect === undefined) throw new Error('run it with node --expose-gc, as the script does')

/** Octets that are resident when all garbage is gone. */
async function resident(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect!()
    await sleep(100)
  }
  return process.memoryUsage.rss()
}

await withEcho(async ({ url }) => {
  const options = { workload: 'idle', opening: Number(values.opening), duration: 3000, warmUp: 0 } as const
  for (const { message } of shortages(loadSettings(url, { ...options, connections }), thisMachine())) {
    console.log(`not enough: ${message}`)
  }
  // The first third bring code, pools, and a young generation that has grown: there are those once. The others tell.
  const settings = loadSettings(url, { ...options, connections: Math.ceil(connections / 3) })
  const first = new Generator(settings, { index: 0, count: 1 })
  await first.open()
  const others = { ...settings, connections: connections - settings.connections }
  const generator = new Generator(others, { index: 0, count: 1 })
  const before = await resident()
  const began = performance.now()
  const cpuBefore = process.cpuUsage()
  await generator.open()
  const seconds = (performance.now() - began) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  const { opened, failed } = generator.tally.counts
  const each = ((await resident()) - before) / opened
  await generator.run(performance.now())
  const { dropped } = generator.tally.counts
  await Promise.all([first.close(), generator.close()])
  console.log(
    `${connections}, the last ${opened} of them (${failed} failed, ${dropped} dropped) opened in ${seconds.toFixed(2)} s: ` +
      `${Math.round(opened / seconds)}/s, own CPU ${((user + system) / opened).toFixed(0)} µs each; ` +
      `${(each / 1024).toFixed(2)} KiB of memory each`,
  )
  judge([
    atMost('connections that failed or were dropped', failed + dropped, 0, ''),
    atLeast('connections opened', opened / seconds, 5000, 'a second'),
    atMost('memory of an idle connection', each / 1024, 6, 'KiB'),
  ])
})
