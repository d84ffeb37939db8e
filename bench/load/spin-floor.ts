/**
 * How exactly this machine lets anybody keep a plan: the floor of the generator's lateness. A process waits for times that are due,
 * spinning with setImmediate as the generator does for its last milliseconds, and does nothing else: alone, and beside another
 * that spins as a busy server does. npm run bench:load:floor -- --help.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Histogram } from '../../src/load/histogram.js'
import { median } from '../statistics.js'
import { type Given, runBench, turns } from './bench.js'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** How late each of the times of a plan was seen, in milliseconds. */
async function lateness(rate: number, seconds: number): Promise<Histogram> {
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

async function measure(given: Given): Promise<undefined> {
  const { rounds, seconds } = given.rounds
  const rate = given.number('rate')
  for (const beside of [false, true]) {
    const other = beside
      ? spawn(process.execPath, ['-e', 'const spin = () => setImmediate(spin); spin()'], { stdio: 'ignore' })
      : undefined
    const found: number[][] = []
    for (let round = 0; round < rounds; round++) {
      const histogram = await lateness(rate, seconds)
      found.push(percents.map(percent => histogram.percentile(percent)))
    }
    const told = percents.map((percent, i) => `p${percent} ${median(found.map(of => of[i]!)).toFixed(3)}`).join(', ')
    console.log(`${beside ? 'beside another' : 'alone         '}  late by ${told} ms`)
    if (other !== undefined) {
      other.kill()
      await once(other, 'exit')
    }
  }
  return undefined
}

await runBench({
  name: 'bench:load:floor',
  about: [
    'How exactly this machine lets anybody keep a plan: how late a loop comes that waits for times and does nothing\n' +
      'else, alone and beside another process that spins. Nothing is held to it: it says what the lateness of a load\n' +
      'can be. It takes 20 seconds.',
  ],
  options: {
    ...turns,
    seconds: { ...turns.seconds, default: '2' },
    rate: { value: 'N', help: 'times a second', default: '1000' },
  },
  examples: ['', '--rate 10000 --rounds 9'],
  run: measure,
})
