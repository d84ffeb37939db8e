/**
 * Whether the load generator says so when it is what limits a run: against an echo of node:net that checks nothing, which takes
 * less for a message than anybody who counts it; and whether it is silent where the server is what limits it. Each as often as
 * told, with the server watched and not. Ends with 1 where a verdict is wrong. `npm run bench:load:bound -- --rounds 3 --seconds 3`.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { load } from '../../src/load.js'
import { readRounds } from '../rounds.js'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '3' } },
})
const { rounds, seconds } = readRounds(values)

const servers = [
  { name: 'node:net', program: '../../../bench/peers/floor-server.mjs', bound: true },
  { name: '30 µs a message', program: './busy-echo.js', bound: false },
] as const
const points = [
  { name: 'one under way', pipeline: 1, burst: false },
  { name: '16 under way', pipeline: 16, burst: false },
  { name: '16 in bursts', pipeline: 16, burst: true },
] as const

let wrong = 0
for (const { name: server, program, bound } of servers) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(program, import.meta.url)), '{}'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { port } = JSON.parse(line.toString()) as { port: number }
    for (let round = 0; round < rounds; round++) {
      for (const { name, pipeline, burst } of points) {
        for (const serverPid of [undefined, child.pid!]) {
          const options = { connections: 64, size: 20, pipeline, burst, serverPid, duration: seconds * 1000 }
          const { verdict, generator, rate, server: seen } = await load(`ws://127.0.0.1:${port}`, options)
          const { busy, cpu = 0, waited = 0, seconds: looked, delayP99 } = generator.threads[0]!
          const share = (part: number) => part.toFixed(3)
          const right = verdict.generatorBound === bound
          if (!right) wrong++
          console.log(
            `${right ? 'right' : 'WRONG'}  ${server}, ${name}: ${Math.round(rate.received)}/s; busy ${share(busy)}, ` +
              `ran ${share(cpu / looked)}, waited ${share(waited)}, event loop ${delayP99.toFixed(2)} ms late at p99; ` +
              `server ${seen?.cores === undefined ? 'not watched' : `${share(seen.cores)} cores`}; ` +
              `${verdict.generatorBound ? verdict.reasons.join('; ') : 'it kept up'}`,
          )
        }
      }
    }
  } finally {
    child.kill()
  }
}
process.exitCode = wrong > 0 ? 1 : 0
