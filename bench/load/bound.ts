/**
 * Whether the load generator says so when it is what limits a run: against an echo of node:net that checks nothing, which takes
 * less for a message than anybody who counts it; and whether it is silent where the server is what limits it. Each as often as
 * told, with the server watched and not. npm run bench:load:bound -- --help.
 */
import { load } from '../../src/load.js'
import { type Given, runBench, turns } from './bench.js'
import type { Goal } from './goal.js'
import { withServer } from './named-server.js'

const servers = [
  { name: 'floor', bound: true },
  { name: 'busy', bound: false },
] as const
const points = [
  { name: 'one under way', pipeline: 1, burst: false },
  { name: '16 under way', pipeline: 16, burst: false },
  { name: '16 in bursts', pipeline: 16, burst: true },
] as const

async function measure(given: Given): Promise<Goal[]> {
  const { rounds, seconds } = given.rounds
  const goals: Goal[] = []
  for (const { name: server, bound } of servers) {
    await withServer(server, async ({ url, pid }) => {
      for (const { name, pipeline, burst } of points) {
        for (const serverPid of [undefined, pid]) {
          const watched = serverPid === undefined ? 'not watched' : 'watched'
          let right = 0
          for (let round = 0; round < rounds; round++) {
            const asked = { connections: 64, size: 20, pipeline, burst, serverPid, duration: seconds * 1000 }
            const { verdict, generator, rate, server: seen } = await load(url, asked)
            const { busy, cpu = 0, waited = 0, seconds: looked, delayP99 } = generator.threads[0]!
            const share = (part: number) => part.toFixed(3)
            if (verdict.generatorBound === bound) right++
            console.log(
              `${server}, ${name}: ${Math.round(rate.received)}/s; busy ${share(busy)}, ran ${share(cpu / looked)}, ` +
                `waited ${share(waited)}, event loop ${delayP99.toFixed(2)} ms late at p99; ` +
                `server ${seen?.cores === undefined ? watched : `${share(seen.cores)} cores`}; ` +
                `${verdict.generatorBound ? verdict.reasons.join('; ') : 'it kept up'}`,
            )
          }
          goals.push({
            name: `${server}, ${name}, ${watched}`,
            was: `${right} of ${rounds} called ${bound ? 'generator-bound' : 'sound'}`,
            goal: 'all',
            held: right === rounds,
          })
        }
      }
    })
  }
  return goals
}

await runBench({
  name: 'bench:load:bound',
  about: [
    'Whether the load generator says so when it is what limits a run, and only then: against an echo of node:net that\n' +
      'checks nothing, and against a server that takes 30 µs for each message; each with the server watched and not. It\n' +
      'takes four minutes.',
  ],
  options: { ...turns, rounds: { ...turns.rounds, default: '3' } },
  examples: ['', '--rounds 1 --seconds 2'],
  run: measure,
})
