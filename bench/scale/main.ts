/** How the cost of a server grows: npm run bench:scale -- --help. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { canReadUsage } from '../generator/process-usage.js'
import { checkOutput } from '../output.js'
import { type Rounds, readRounds } from '../rounds.js'
import type { Cell } from '../servers/cell.js'
import { Contest } from '../servers/contest.js'
import type { Peer } from '../servers/peer.js'
import { peers } from '../servers/peers.js'
import { Progress } from '../servers/progress.js'
import { busyNotes } from '../servers/report.js'
import { machine } from '../servers/results.js'
import { boundsOf, isHeld } from './bound.js'
import { measureCrowd } from './crowd.js'
import type { ScaleFigures } from './figures.js'
import { type GrowthStep, growthOf, type Item, measureSteps, stepsOf } from './growth.js'
import { boundLine, crowdLines, growthTable } from './report.js'

const eligible = peers.filter(({ abilities }) => abilities.includes('echo') && abilities.includes('idle'))

const help = `npm run bench:scale -- [--peer NAME] [--most N] [--rounds N] [--seconds S] [--json FILE]

How the cost of a server grows with the size of messages (1 octet to 64 MiB), with the number of connections (1 to
10,000) and with the number of fragments (1 to 100,000): CPU time for one item, and how many times as much that is as
at the cheapest step before; where cost is linear it is never far above 1. Then 10,000 connections that are idle, and
that say 100 messages a second in all: CPU, and the delay of the server's event loop. All of it is held to bounds: growth with octets to twice that of
net-whole, growth with fragments to 2. It takes about five minutes.

  --peer NAME      framewright unless told; of the others of bench:peers those that echo and can be left idle:
                   ${eligible.map(({ name }) => name).join(', ')}
  --most N         no more octets, connections or fragments than this
  --rounds N       5 unless told
  --seconds S      measured in each turn; 0.3 unless told (a crowd of connections: 70 times as long)
  --json FILE      all figures, too
  --help           this text

Examples:
  npm run bench:scale
  npm run bench:scale -- --peer ws --most 100000 --json scale.json

Exit codes: 0 the bounds are held, 1 one is not, 2 the command line is wrong, the peer fails, or this is not Linux.`

interface Command extends Rounds {
  readonly peer: Peer
  readonly most: number
  readonly json: string | undefined
}

function readCommand(args: readonly string[]): Command | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peer: { type: 'string', default: 'framewright' },
      most: { type: 'string', default: '67108864' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.3' },
      json: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  if (!canReadUsage) throw new Error('CPU of other processes is read from /proc, which only Linux has')
  const peer = peers.find(({ name }) => name === values.peer)
  if (peer === undefined) throw new Error(`no peer is called ${values.peer}: see npm run bench:peers -- --help`)
  if (!eligible.includes(peer)) {
    throw new Error(
      `${peer.name} does not echo, or cannot be left idle: there are ${eligible.map(({ name }) => name).join(', ')}`,
    )
  }
  if (peer.version() === undefined) throw new Error(`${peer.name} is not installed: ${peer.install}`)
  const most = Number(values.most)
  if (!Number.isInteger(most) || most < 1) throw new Error(`--most ${values.most} is not possible`)
  checkOutput('--json', values.json)
  return { peer, most, ...readRounds(values), json: values.json }
}

const items: readonly Item[] = ['octet', 'connection', 'fragment']

/** Who is measured beside it: what does the least with node:net, and grows for reasons that are none of ours. */
const floors: Readonly<Record<Exclude<Item, 'fragment'>, Peer>> = {
  octet: named('net-whole'),
  connection: named('net'),
}

function named(name: string): Peer {
  return peers.find(peer => peer.name === name)!
}

/** Returns whether all bounds are held. */
async function measure({ peer, most, json, ...rounds }: Command): Promise<boolean> {
  const progress = new Progress(items.length + 1)
  const cells: Cell[] = []
  const growth = {} as Record<Item, GrowthStep[]>
  const floor = {} as Record<keyof typeof floors, GrowthStep[]>
  const contest = await Contest.start(rounds, text => progress.tell(text))
  try {
    for (const item of items) {
      progress.begin(`growth by the ${item}`)
      const steps = stepsOf(item, most)
      const who = item === 'fragment' ? [peer] : [peer, floors[item]]
      const [found, bare] = await measureSteps(contest, who, steps)
      cells.push(...found!)
      growth[item] = growthOf(steps, found!)
      if (item !== 'fragment') floor[item] = growthOf(steps, bare!)
      progress.clear()
      console.log(`${growthTable(item, growth[item])}\n`)
    }
  } finally {
    await contest.end()
  }
  const connections = Math.min(most, 10_000)
  progress.begin(`${connections.toLocaleString('en')} open connections`)
  const crowd = await measureCrowd(peer, { connections, messagesPerSecond: 100, seconds: rounds.seconds * 70 })
  const bounds = boundsOf(growth, floor, crowd)
  console.log(`${crowdLines(crowd)}\n`)
  for (const line of [...bounds.map(boundLine), ...busyNotes(cells)]) console.log(line)
  if (json !== undefined) {
    const figures: ScaleFigures = {
      machine: machine(),
      node: process.versions.node,
      peer: peer.name,
      growth,
      crowd,
      bounds,
    }
    writeFileSync(json, `${JSON.stringify(figures, null, 2)}\n`)
  }
  return bounds.every(isHeld)
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let command: Command | undefined
  try {
    command = readCommand(args)
  } catch (error) {
    console.error(`bench:scale: ${(error as Error).message}`)
    return 2
  }
  if (command === undefined) {
    console.log(help)
    return 0
  }
  try {
    return (await measure(command)) ? 0 : 1
  } catch (error) {
    console.error(`bench:scale: ${(error as Error).message}`)
    return 2
  }
}

process.exitCode = await main(process.argv.slice(2))
