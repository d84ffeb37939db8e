/** The comparison of whole servers, its command line: npm run bench:peers -- --help. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { canReadUsage } from '../generator/process-usage.js'
import { installCommand } from '../load-ws.js'
import { checkOutput } from '../output.js'
import { type Rounds, readRounds } from '../rounds.js'
import { type Cell, cellsOf, type Failure } from './cell.js'
import { canDraw, chartOf } from './chart.js'
import { Contest } from './contest.js'
import type { Peer } from './peer.js'
import { peers } from './peers.js'
import { type Point, takesPart } from './point.js'
import { choosePoints, points } from './points.js'
import { Progress } from './progress.js'
import { blockOf, busyNotes, generatorBoundNote, summaryOf } from './report.js'
import { resultsOf } from './results.js'

const help = `npm run bench:peers -- [--peers NAMES] [--points TEXTS] [--rounds N] [--seconds S] [--json FILE] [--chart FILE]

Measures whole servers side by side over loopback, and our client beside that of ws: CPU time for one message, as
the kernel counts it for the whole process; "ws / it" says how many times as much ws takes, "noise" is (largest -
smallest) / median of the rounds, "core" how much of one core the server had. In each round every peer has its
turn. The first messages of each point are compared octet by octet. Points at a rate are loads of framewright load: p50
and p99 are from when messages were due. All of it takes less than 10 minutes; the points with deflate in their names,
which are measured only where they are named, take some more.

Peers (those that are not installed are left out, and what installs them is said):
${peers.map(({ name, about }) => `  ${name.padEnd(27)}${about}`).join('\n')}

  --peers NAMES    only these, separated by commas
  --points TEXTS   only the points with one of these names, or with one of these texts in their names
  --rounds N       5 unless told
  --seconds S      measured in each turn; 0.2 unless told
  --json FILE      all figures, too
  --chart FILE     the ratios as a chart, SVG
  --list           the names of the points
  --help           this text

Examples:
  npm run bench:peers
  npm run bench:peers -- --peers framewright,ws,bun --points 'p16,1 MiB' --rounds 9
  npm run bench:peers -- --json figures.json --chart figures.svg

Exit codes: 0 measured, 1 a peer failed, 2 the command line is wrong, or this is not Linux.`

interface Command extends Rounds {
  readonly peers: readonly Peer[]
  readonly points: readonly Point[]
  readonly json: string | undefined
  readonly chart: string | undefined
}

function readCommand(args: readonly string[]): Command | 'help' | 'list' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peers: { type: 'string' },
      points: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.2' },
      json: { type: 'string' },
      chart: { type: 'string' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  if (values.list) return 'list'
  if (!canReadUsage)
    throw new Error('CPU of other processes is read from /proc, which only Linux has: try npm run bench')
  if (values.chart !== undefined && !canDraw())
    throw new Error(`--chart needs what is not installed: ${installCommand}`)
  checkOutput('--json', values.json)
  checkOutput('--chart', values.chart)
  const chosen = { peers: choosePeers(values.peers), points: choosePoints(values.points) }
  return { ...chosen, ...readRounds(values), json: values.json, chart: values.chart }
}

function choosePeers(names: string | undefined): readonly Peer[] {
  if (names === undefined) return peers.filter(({ unusual }) => unusual === undefined)
  return names.split(',').map(name => {
    const peer = peers.find(one => one.name === name)
    if (peer === undefined) throw new Error(`no peer is called ${name}: see --help`)
    return peer
  })
}

/** Leaves out who is not here, and says so. */
function installed(chosen: readonly Peer[]): readonly Peer[] {
  return chosen.filter(peer => {
    const here = peer.version() !== undefined
    if (!here) console.error(`${peer.name} is not installed, and left out: ${peer.install}`)
    return here
  })
}

/** Returns whether all peers have stood it. */
async function compare(command: Command): Promise<boolean> {
  const present = installed(command.peers)
  const progress = new Progress(command.points.length)
  const contest = await Contest.start(command, text => progress.tell(text))
  const cells: (Cell | Failure)[] = []
  try {
    for (const point of command.points) {
      progress.begin(point.name)
      const found = cellsOf(
        point,
        await contest.measure(
          present.filter(peer => takesPart(peer, point)),
          point,
        ),
      )
      cells.push(...found)
      progress.clear()
      console.log(`${blockOf(point, found)}\n`)
    }
  } finally {
    await contest.end()
  }
  console.log(summaryOf(cells))
  const results = resultsOf(present, command, cells)
  if (results.cells.some(cell => cell.generatorBound)) console.log(generatorBoundNote)
  for (const note of busyNotes(results.cells)) console.log(note)
  if (command.json !== undefined) writeFileSync(command.json, `${JSON.stringify(results, null, 2)}\n`)
  if (command.chart !== undefined) writeFileSync(command.chart, chartOf(results))
  return results.failures.length === 0
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let command: Command | 'help' | 'list'
  try {
    command = readCommand(args)
  } catch (error) {
    console.error(`bench:peers: ${(error as Error).message}`)
    return 2
  }
  if (command === 'help') console.log(help)
  else if (command === 'list') console.log(points.map(({ name }) => name).join('\n'))
  else return (await compare(command)) ? 0 : 1
  return 0
}

process.exitCode = await main(process.argv.slice(2))
