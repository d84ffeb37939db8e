/**
 * How exactly this machine lets anybody keep a plan: the floor of the generator's lateness. A process waits for times that are due,
 * spinning with setImmediate as the generator does for its last milliseconds, and does nothing else: alone, and beside another
 * that spins as a busy server does. `npm run bench:load:floor -- --rounds 5 --seconds 2 --rate 1000`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Histogram } from '../../src/load/histogram.js'
import { readRounds } from '../rounds.js'
import { median } from '../statistics.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    rate: { type: 'string', default: '1000' },
  },
})
const { rounds, seconds } = readRounds(values)
const rate = Number(values.rate)

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** How late each of the times of a plan was seen, in milliseconds. */
async function lateness(): Promise<Histogram> {
  const histogram = new Histogram()
  const began = performance.now()
  for (let number = 0; number < rate * seconds; number++) {
    const due = began + (number * 1000) / rate
    while (performance.now() < due) await turn()
    histogram.record(performance.now() - due)
  }
  return histogram
}

const percents = [50, 99, 99.9] as const

for (const beside of [false, true]) {
  const other = beside
    ? spawn(process.execPath, ['-e', 'const spin = () => setImmediate(spin); spin()'], { stdio: 'ignore' })
    : undefined
  const found: number[][] = []
  for (let round = 0; round < rounds; round++) {
    const histogram = await lateness()
    found.push(percents.map(percent => histogram.percentile(percent)))
  }
  const told = percents.map((percent, i) => `p${percent} ${median(found.map(of => of[i]!)).toFixed(3)}`).join(', ')
  console.log(`${beside ? 'beside another' : 'alone         '}  late by ${told} ms`)
  if (other !== undefined) {
    other.kill()
    await once(other, 'exit')
  }
}
