/** The gate before a release: npm run bench:gate -- --help. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { canReadUsage } from '../generator/process-usage.js'
import { installCommand } from '../load-ws.js'
import { checkOutput } from '../output.js'
import { type Rounds, readRounds } from '../rounds.js'
import { type Cell, cellsOf } from '../servers/cell.js'
import { Contest } from '../servers/contest.js'
import type { Peer } from '../servers/peer.js'
import { peers } from '../servers/peers.js'
import { type Point, takesPart } from '../servers/point.js'
import { choosePoints, gatePoints } from '../servers/points.js'
import { Progress } from '../servers/progress.js'
import { busyNotes } from '../servers/report.js'
import { resultsOf } from '../servers/results.js'
import { readAccepted, strangerNote } from './accepted.js'
import { type AcceptedRatios, accepting, judge, ours, type Verdict } from './ratios.js'
import { verdictLine } from './report.js'

const committed = fileURLToPath(new URL('../../../bench/ratios.json', import.meta.url))

const help = `npm run bench:gate -- [--points TEXTS] [--rounds N] [--seconds S] [--accept] [--file FILE]

Measures framewright beside ws, as npm run bench:peers does, and compares the ratios with those that were accepted
last, in bench/ratios.json: a ratio may be 15 % less (30 % from 16 KiB in flight on). What has fallen is measured once
more, with twice as many rounds, by new processes (from 16 KiB on by new ones in each round), before that is said. npm
run bench:docs accepts what it writes into the page. Run it by hand, on a quiet machine, before a release; where that is
another class of machine or version of Node than the ratios were accepted with, a warning says so.

  --points TEXTS   only the points with one of these names, or with one of these texts in their names; unless told all
                   but 'deflate idle', which takes minutes
  --rounds N       5 unless told
  --seconds S      measured in each turn; 0.3 unless told
  --accept         measure, and write what was measured to the file instead of comparing
  --file FILE      another file of ratios
  --help           this text

Examples:
  npm run bench:gate
  npm run bench:gate -- --points p16 --rounds 9
  npm run bench:gate -- --accept

Exit codes: 0 pass, 1 fall, 2 the command line or the file is wrong, ws is not installed, or this is not Linux.`

interface Command extends Rounds {
  readonly points: readonly Point[]
  readonly accept: boolean
  readonly file: string
  /** What there is to compare with. */
  readonly accepted: AcceptedRatios | undefined
}

const ws = peers.find(({ name }) => name === 'ws')!

function readCommand(args: readonly string[]): Command | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      points: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.3' },
      accept: { type: 'boolean', default: false },
      file: { type: 'string', default: committed },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  if (!canReadUsage) throw new Error('CPU of other processes is read from /proc, which only Linux has')
  if (ws.version() === undefined) throw new Error(`ws is not installed: ${installCommand}`)
  const { accept, file } = values
  if (accept) checkOutput('--file', file)
  const accepted = readAccepted(file)
  const points = values.points === undefined ? gatePoints : choosePoints(values.points)
  if (!accept && !points.some(point => hasRatio(accepted, point))) {
    throw new Error(`nothing to compare with in ${file}: write it with --accept`)
  }
  return { points, ...readRounds(values), accept, file, accepted }
}

function hasRatio(accepted: AcceptedRatios | undefined, { name }: Point): boolean {
  return Object.values(accepted?.ratios ?? {}).some(ratios => ratios[name] !== undefined)
}

async function measurePoint(contest: Contest, who: readonly Peer[], point: Point): Promise<Cell[]> {
  const taking = who.filter(peer => takesPart(peer, point))
  return cellsOf(point, await contest.measure(taking, point)).map(cell => {
    if ('error' in cell) throw new Error(`${cell.peer}, ${point.name}: ${cell.error}`)
    return cell
  })
}

/** Takes the ratios of today for those to be compared with. */
async function accept({ points, file, accepted, ...rounds }: Command): Promise<void> {
  const progress = new Progress(points.length)
  const contest = await Contest.start(rounds, text => progress.tell(text))
  const cells: Cell[] = []
  try {
    for (const point of points) {
      progress.begin(point.name)
      cells.push(...(await measurePoint(contest, [...ours, ws], point)))
    }
  } finally {
    progress.clear()
    await contest.end()
  }
  writeFileSync(file, `${JSON.stringify(accepting(accepted, resultsOf([...ours, ws], rounds, cells)), null, 2)}\n`)
  for (const note of busyNotes(cells)) console.log(note)
  console.log(`${cells.filter(({ peer }) => peer !== 'ws').length} ratios written to ${file}`)
}

/** Returns whether everything passes. */
async function compare({ points, accepted, ...rounds }: Command): Promise<boolean> {
  const { ratios } = accepted!
  const progress = new Progress(points.length)
  const cells: Cell[] = []
  const verdicts: Verdict[] = []
  const once = await Contest.start(rounds, text => progress.tell(text))
  const twice = await Contest.start({ ...rounds, rounds: rounds.rounds * 2, anew: true }, text =>
    progress.tell(`again, ${text}`),
  )
  try {
    for (const point of points) {
      progress.begin(point.name)
      const who = [...ours.filter(({ name }) => ratios[name]?.[point.name] !== undefined), ws]
      if (who.length === 1) {
        progress.clear()
        console.log(`new   ${point.name}: nothing accepted to compare with`)
        continue
      }
      let found = await measurePoint(once, who, point)
      if (judge(point, ratios, found).some(({ passes }) => !passes)) {
        found = await measurePoint(twice, who, point)
      }
      cells.push(...found)
      const judged = judge(point, ratios, found)
      verdicts.push(...judged)
      progress.clear()
      for (const verdict of judged) console.log(verdictLine(verdict))
    }
  } finally {
    await Promise.all([once.end(), twice.end()])
  }
  for (const note of busyNotes(cells)) console.log(note)
  const fallen = verdicts.filter(({ passes }) => !passes)
  console.log(
    fallen.length === 0 ? `pass: ${verdicts.length} ratios` : `FALL: ${fallen.length} of ${verdicts.length} ratios`,
  )
  return fallen.length === 0
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let command: Command | undefined
  try {
    command = readCommand(args)
  } catch (error) {
    console.error(`bench:gate: ${(error as Error).message}`)
    return 2
  }
  if (command === undefined) {
    console.log(help)
    return 0
  }
  const note = command.accepted && strangerNote(command.accepted)
  if (note !== undefined) console.error(note)
  if (!command.accept) return (await compare(command)) ? 0 : 1
  await accept(command)
  return 0
}

process.exitCode = await main(process.argv.slice(2))
