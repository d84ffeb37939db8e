/**
 * Whether a rate is kept, and memory stays flat, over a long run: messages sent beside those that were planned, and the
 * growth of this process over the second half. `npm run bench:load:steady -- --seconds 600 --rates 10000`.
 */
import { parseArgs } from 'node:util'
import { load } from '../../src/load.js'
import { withEcho } from './echo-process.js'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rates: { type: 'string', default: '1000,10000,30000' },
    connections: { type: 'string', default: '64' },
  },
})
const seconds = Number(values.seconds)

/** Octets a second: the slope of a line through the samples, one a second. */
function growth(samples: readonly number[]): number {
  const middle = (samples.length - 1) / 2
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length
  const spread = samples.reduce((sum, _, i) => sum + (i - middle) ** 2, 0)
  return samples.reduce((sum, sample, i) => sum + (i - middle) * (sample - mean), 0) / spread
}

for (const rate of values.rates.split(',').map(Number)) {
  const resident: number[] = []
  const { counts, verdict, times, perSecond } = await withEcho(({ url }) =>
    load(url, {
      rate,
      connections: Number(values.connections),
      duration: seconds * 1000,
      onSecond: () => resident.push(process.memoryUsage.rss()),
    }),
  )
  const off = (counts.sent / (rate * seconds) - 1) * 100
  const half = resident.slice(resident.length / 2)
  console.log(
    `${rate}/s: ${counts.sent} sent in ${seconds} s, ${off.toFixed(3)} % off (limit 0.5); lateness p99 ` +
      `${times.lateness?.p99.toFixed(3)} ms; memory ${(half.at(-1)! / 2 ** 20).toFixed(1)} MiB, ` +
      `${((growth(half) * 60) / 1024).toFixed(0)} KiB a minute ` +
      `(of them the report itself ${(((JSON.stringify(perSecond).length / perSecond.length) * 60) / 1024).toFixed(0)}); ${verdict.reasons.join('; ') || 'sound'}`,
  )
}
