/** What compression comes to: npm run bench:compression -- --help. */
import { parseArgs } from 'node:util'
import { canReadUsage } from '../generator/process-usage.js'
import { type Rounds, readRounds } from '../rounds.js'
import { bold, number } from '../servers/report.js'
import { measureContexts } from './contexts.js'
import { corpora } from './corpora.js'
import { measureIdle } from './idle.js'
import { measureNeighbours } from './neighbours.js'
import { contents, measureSlices, steps } from './slices.js'
import { measureWindows, settings } from './windows.js'
import { measureWire } from './wire.js'

const help = `npm run bench:compression -- [PART]… [--size OCTETS] [--rounds N] [--seconds S]

What permessage-deflate comes to, in this process and without sockets. CPU time; npm run bench:peers -- --points deflate
measures whole servers, npm run bench -- deflate the ways to drive zlib.

Parts, all of them unless told:
  windows   resident memory of a deflater and of an inflater, and what is counted for it (Linux only)
  idle      what an idle connection holds: with windows kept, with windows empty, uncompressed
  contexts  zlib alone, with 1 to 64 windows that are kept and used in turn: the floor below a server
  wire      octets on the wire, beside what a stream of node:zlib makes of the same messages
  slices    the longest turn of the event loop while a message of 64 MiB is compressed, sent, read and inflated
  neighbours  what one connection whose messages grow a thousandfold does to another

  --size OCTETS  of the message in slices; 67,108,864 unless told
  --rounds N     5 unless told
  --seconds S    how long each figure of contexts is measured in each round; 0.2 unless told (of neighbours: 20 times)
  --help         this text

Examples:
  npm run bench:compression
  npm run bench:compression -- slices --size 16777216 --rounds 3

Exit codes: 0 measured, 2 the command line is wrong.`

interface Command extends Rounds {
  readonly chosen: readonly Part[]
  readonly size: number
}

type Part = keyof typeof parts

// Memory first: what others have had and given back would be taken again.
const parts = { windows, idle, contexts, wire, slices, neighbours }
const names = Object.keys(parts) as Part[]

function slices({ size, rounds }: Command): void {
  title(`slices: milliseconds of CPU in the longest turn, one message of ${size.toLocaleString('en')} octets`)
  line('', steps)
  for (const content of contents) {
    const found = measureSlices(content, size, rounds)
    line(
      content,
      steps.map(step => number(found[step])),
    )
  }
}

async function wire(): Promise<void> {
  title("wire: octets of a message on the wire, and of zlib's stream")
  line('', ['octets', 'window', 'ours', 'stream', 'ours / it'])
  for (const corpus of corpora) {
    for (const size of [149, 1024, 1024 * 1024]) {
      for (const window of ['15 bits', '12 bits', 'empty'] as const) {
        if (size > 1024 && window !== '15 bits') continue
        const { octets, streamed } = await measureWire(corpus, size, window !== 'empty', window === '12 bits' ? 12 : 15)
        line(corpus, [
          size.toLocaleString('en'),
          window,
          number(octets),
          number(streamed),
          (octets / streamed).toFixed(4),
        ])
      }
    }
  }
}

function windows(): void {
  title('windows: KiB that are resident, and that are counted as pinned')
  if (!canReadUsage) {
    console.log('only Linux tells what is resident')
    return
  }
  line('windowBits, memLevel', ['deflater', 'counted', 'inflater', 'counted'])
  for (const one of settings) {
    const { deflater, deflaterPinned, inflater, inflaterPinned } = measureWindows(one)
    line(
      `${one.windowBits}, ${one.memLevel}`,
      [deflater, deflaterPinned, inflater, inflaterPinned].map(octets => (octets / 1024).toFixed(1)),
    )
  }
}

async function idle(): Promise<void> {
  title('idle: octets that V8 counts for each of 2,000 idle connections, both ends, after 10 messages of 149 octets')
  for (const window of ['none', 'empty', 'kept'] as const) {
    const { held } = await measureIdle(window, 2000)
    line(window === 'none' ? 'uncompressed' : `windows ${window}`, [number(held)])
  }
}

function contexts(command: Command): void {
  title('contexts: microseconds of CPU that zlib takes for a message of JSON, windows kept')
  line('', ['contexts', 'in a row', 'inflate', 'compress', 'both'])
  const rows = [
    [149, 1, 15],
    [149, 8, 15],
    [149, 64, 15],
    [149, 64, 12],
    [1024, 1, 15],
    [1024, 64, 15],
  ] as const
  for (const [size, count, windowBits] of rows) {
    const { inflate, deflate, pipeline } = measureContexts(size, count, 16, command, windowBits)
    const figures = [inflate, deflate, inflate + deflate].map(number)
    line(`${size} octets, ${windowBits} bits`, [String(count), String(pipeline), ...figures])
  }
}

async function neighbours({ seconds }: Command): Promise<void> {
  title('neighbours: milliseconds until an echo, beside messages of 1 MiB that have 1 KiB on the wire')
  line('', ['p50', 'p99', 'most delay'])
  for (const rate of [0, 100, 500]) {
    const { p50, p99, delay } = await measureNeighbours(rate, seconds * 20)
    line(`${rate} a second`, [p50, p99, delay].map(number))
  }
}

function title(text: string): void {
  console.log(`\n${bold(text)}`)
}

function line(name: string, values: readonly string[]): void {
  console.log(name.padEnd(22) + values.map(value => value.padStart(12)).join(''))
}

function readCommand(args: readonly string[]): Command | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      size: { type: 'string', default: '67108864' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.2' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const size = Number(values.size)
  if (!Number.isInteger(size) || size < 1) throw new Error(`--size ${values.size} is not possible`)
  return { chosen: positionals.length === 0 ? names : positionals.map(findPart), size, ...readRounds(values) }
}

function findPart(name: string): Part {
  const part = names.find(one => one === name)
  if (part === undefined) throw new Error(`no part is called ${name}: see --help`)
  return part
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  let command: Command | undefined
  try {
    command = readCommand(args)
  } catch (error) {
    console.error(`bench:compression: ${(error as Error).message}`)
    return 2
  }
  if (command === undefined) console.log(help)
  else for (const part of command.chosen) await parts[part](command)
  return 0
}

process.exitCode = await main(process.argv.slice(2))
