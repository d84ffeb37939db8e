/**
 * What an idle connection takes of the generator's memory, and how many it opens a second. The server is a process of its
 * own; so is the generator: this one, which does nothing else. npm run bench:load:idle -- --help.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Generator } from '../../src/load/generator.js'
import { loadSettings } from '../../src/load/load-options.js'
import { shortages, thisMachine } from '../../src/load/shortages.js'
import { type Given, runBench } from './bench.js'
import { withEcho } from './echo-process.js'
import { atLeast, atMost, type Goal } from './goal.js'

const collect = (globalThis as { gc?: () => void }).gc

/** Octets that are resident when all garbage is gone. */
async function resident(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    if (collect === undefined) throw new Error('run it with node --expose-gc, as the script does')
    collect()
    await sleep(100)
  }
  return process.memoryUsage.rss()
}

async function measure(given: Given): Promise<Goal[]> {
  const connections = given.number('connections')
  return await withEcho(async ({ url }) => {
    const sourceAddresses = given.text('from') === 'any' ? [] : given.list('from')
    const options = {
      workload: 'idle',
      opening: given.number('opening'),
      sourceAddresses,
      duration: 3000,
      warmUp: 0,
    } as const
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
    return [
      atMost('connections that failed or were dropped', failed + dropped, 0, ''),
      atLeast('connections opened', opened / seconds, 5000, 'a second'),
      atMost('memory of an idle connection', each / 1024, 6, 'KiB'),
    ]
  })
}

await runBench({
  name: 'bench:load:idle',
  about: [
    "What an idle connection takes of the generator's memory, and how many of them it opens a second. It takes ten\n" +
      'seconds.',
  ],
  options: {
    connections: { value: 'N', help: 'how many; descriptors and ports have to last', default: '15000' },
    opening: { value: 'N', help: 'so many are opened at a time', default: '50' },
    from: {
      value: 'ADDRESS,…',
      help: 'any: from where the system has it',
      default: '127.0.0.2,127.0.0.3,127.0.0.4,127.0.0.5',
    },
  },
  examples: ['', '--connections 14000 --from any'],
  run: measure,
})
