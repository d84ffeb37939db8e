/** How the cost of a server grows: npm run bench:scale -- --help. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { canReadUsage } from '../generator/process-usage.js'
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

const help = `npm run bench:scale -- [--peer NAME] [--most N] [--rounds N] [--seconds S] [--json FILE]

How the cost of a server grows with the size of messages (1 octet to 64 MiB), with the number of connections (1 to
10,000) and with the number of fragments (1 to 100,000): CPU time for one item, and how many times as much that is as
at the cheapest step before; where cost is linear it is never far above 1. Then 10,000 connections that are idle, and
that say 100 messages a second in all: CPU, and the delay of the server's event loop. It takes about four minutes.

  --peer NAME      framewright unless told; another one of bench:peers that runs in Node
  --most N         no more octets, connections or fragments than this
  --rounds N       5 unless told
  --seconds S      measured in each turn; 0.3 unless told (a crowd of connections: 70 times as long)
  --json FILE      all figures, too
  --help           this text

Examples:
  npm run bench:scale
  npm run bench:scale -- --peer ws --most 100000 --json scale.json

Exit codes: 0 the bounds are held, 1 one is not, 2 the command line is wrong, or this is not Linux.`

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
  if (peer.version() === undefined) throw new Error(`${peer.name} is not installed: ${peer.install}`)
  const most = Number(values.most)
  if (!Number.isInteger(most) || most < 1) throw new Error(`--most ${values.most} is not possible`)
  return { peer, most, ...readRounds(values), json: values.json }
}

const net = peers.find(({ name }) => name === 'net')!
const items: readonly Item[] = ['octet', 'connection', 'fragment']

/** Returns whether all bounds are held. */
async function measure({ peer, most, json, ...rounds }: Command): Promise<boolean> {
  const progress = new Progress(items.length + 1)
  const cells: Cell[] = []
  const growth = {} as Record<Item, GrowthStep[]>
  let floor: GrowthStep[] = []
  const contest = await Contest.start(rounds, text => progress.tell(text))
  try {
    for (const item of items) {
      progress.begin(`growth by the ${item}`)
      const steps = stepsOf(item, most)
      const [found, bare] = await measureSteps(contest, item === 'connection' ? [peer, net] : [peer], steps)
      cells.push(...found!)
      growth[item] = growthOf(steps, found!)
      if (bare !== undefined) floor = growthOf(steps, bare)
      progress.clear()
      console.log(`${growthTable(item, growth[item])}\n`)
    }
  } finally {
    await contest.end()
  }
  const connections = Math.min(most, 10_000)
  progress.begin(`${connections.toLocaleString('en')} open connections`)
  const crowd = await measureCrowd(peer, { connections, messagesPerSecond: 100, seconds: rounds.seconds * 70 })
  const bounds = boundsOf(growth.connection, floor, crowd)
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
  if (command !== undefined) return (await measure(command)) ? 0 : 1
  console.log(help)
  return 0
}

process.exitCode = await main(process.argv.slice(2))
