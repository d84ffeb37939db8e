/** The benchmarks' command line: npm run bench -- --help. */
import { parseArgs } from 'node:util'
import { decodeQuestion } from './decode.bench.js'
import { deflateQuestion } from './deflate.bench.js'
import { encodeQuestion } from './encode.bench.js'
import { handshakeQuestion } from './handshake.bench.js'
import { installCommand, loadWs } from './load-ws.js'
import { maskQuestion } from './mask.bench.js'
import { type Figure, measure } from './measure.js'
import type { Question } from './question.js'
import { type Rounds, readRounds } from './rounds.js'
import { tableHead, tableLine } from './table.js'
import { utf8Question } from './utf8.bench.js'

const questions: readonly Question[] = [
  decodeQuestion,
  encodeQuestion,
  maskQuestion,
  utf8Question,
  handshakeQuestion,
  deflateQuestion,
]

const help = `npm run bench -- [QUESTION]… [--only TEXT] [--rounds N] [--seconds S] [--json]

Measures parts of framewright beside those of ws 8.23.0, without sockets, in CPU time of this process. Whole servers
are compared by npm run bench:peers. Each round runs all contestants in turn;
figures are medians of the rounds, "noise" is (slowest - fastest) / median, "ws / it" says how many times as
much CPU ws takes. Without ws (${installCommand}) framewright is measured alone.

Questions: ${questions.map(({ name }) => name).join(', ')}; all of them unless told.

  --only TEXT    only the points whose name has this text in it
  --rounds N     5 unless told
  --seconds S    how long each contestant runs in each round; 0.1 unless told
  --json         one object of JSON instead of tables
  --help         this text

Examples:
  npm run bench
  npm run bench -- decode mask
  npm run bench -- utf8 --only cjk --rounds 9

Exit codes: 0 measured, 2 the command line is wrong.`

interface Command extends Rounds {
  readonly chosen: readonly Question[]
  readonly only: string
  readonly json: boolean
}

function readCommand(args: readonly string[]): Command | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const chosen = positionals.length === 0 ? questions : positionals.map(findQuestion)
  return { chosen, only: values.only, ...readRounds(values), json: values.json }
}

function findQuestion(name: string): Question {
  const question = questions.find(one => one.name === name)
  if (question === undefined) throw new Error(`no question is called ${name}: see --help`)
  return question
}

interface Answer {
  readonly question: string
  readonly point: string
  readonly figures: readonly Figure[]
}

async function answer({ chosen, only, json, ...options }: Command): Promise<void> {
  const ws = loadWs()
  const wsNative = loadWs(true)
  if (ws === undefined) console.error(`ws is not installed, framewright is measured alone: ${installCommand}`)
  const answers: Answer[] = []
  for (const question of chosen) {
    if (!json) console.log(`\n${question.name}: ${question.about}\n${tableHead}`)
    for (const point of question.points(ws, wsNative).filter(({ name }) => name.includes(only))) {
      const { name } = point
      const figures = await measure(point, options)
      answers.push({ question: question.name, point: name, figures })
      if (!json) for (const figure of figures) console.log(tableLine(name, figure))
    }
  }
  if (json) console.log(JSON.stringify({ node: process.version, ...options, answers }, null, 2))
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let command: Command | undefined
  try {
    command = readCommand(args)
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`)
    return 2
  }
  if (command === undefined) console.log(help)
  else await answer(command)
  return 0
}

process.exitCode = await main(process.argv.slice(2))
