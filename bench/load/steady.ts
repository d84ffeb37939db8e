/**
 * Whether a rate is kept, and memory stays flat, over a long run: messages sent beside those that were planned, and the
 * growth of this process over the second half, which is judged from five minutes on. Exits with 1 where a goal is not held. `npm run bench:load:steady -- --seconds 600 --rates 10000`.
 */
import { parseArgs } from 'node:util'
import { load } from '../../src/load.js'
import { withEcho } from './echo-process.js'
import { atMost, type Goal, judge, keptUp, within } from './goal.js'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '20' },
    rates: { type: 'string', default: '1000,10000,30000' },
    connections: { type: 'string', default: '64' },
  },
})
const seconds = Number(values.seconds)
/** Seconds: before, what V8 keeps in store is more than what grows. */
const longEnough = 300
const goals: Goal[] = []

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
  const report = JSON.stringify(perSecond).length / perSecond.length
  console.log(
    `${rate}/s: ${counts.sent} sent in ${seconds} s, ${off.toFixed(3)} % off; lateness p99 ` +
      `${times.lateness?.p99.toFixed(3)} ms; memory ${(half.at(-1)! / 2 ** 20).toFixed(1)} MiB, ` +
      `${((growth(half) * 60) / 1024).toFixed(0)} KiB a minute ` +
      `(of them the report itself ${((report * 60) / 1024).toFixed(0)}); ${verdict.reasons.join('; ') || 'sound'}`,
  )
  goals.push(keptUp(`${rate}/s`, verdict), within(`sent at ${rate}/s`, counts.sent / seconds, rate, 0.005, '/s'))
  if (seconds >= longEnough) {
    // A run keeps its seconds: they are what is asked for.
    const share = (((growth(half) - report) * 60) / half.at(-1)!) * 100
    goals.push(atMost(`growth of memory at ${rate}/s, without the report`, share, 1, '% a minute'))
  }
}
judge(goals)
