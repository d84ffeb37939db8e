/** Takes the figures of docs/performance.md anew: npm run bench:docs -- --help. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readAccepted } from '../gate/accepted.js'
import { accepting } from '../gate/ratios.js'
import type { ScaleFigures } from '../scale/figures.js'
import { peers } from '../servers/peers.js'
import type { Results } from '../servers/results.js'
import { replaceSection } from './section.js'
import { compressionTables, type PartAnswer, partTable, scaleTables, serverTables } from './tables.js'

const docs = fileURLToPath(new URL('../../../docs/', import.meta.url))
const committedRatios = fileURLToPath(new URL('../../../bench/ratios.json', import.meta.url))

const help = `npm run bench:docs -- [SECTION]… [--brief] [--folder FOLDER]

Takes the figures of docs/performance.md and its chart anew, and writes them there: run it on a quiet machine. It takes
about 20 minutes. Sections: servers (npm run bench:peers), compression (the same, its points with deflate), parts
(npm run bench -- decode), scale (npm run bench:scale); all of them unless told. The ratios of the first two are accepted, too:
npm run bench:gate compares with them from then on.

  --brief           as little as possible of everything, to see that it works
  --folder FOLDER   where performance.md is, and the chart and ratios.json go; unless told docs, and bench for the ratios
  --help            this text

Exit codes: 0 written, 1 something could not be measured, 2 the command line is wrong.`

const usual = peers.filter(({ unusual }) => unusual === undefined).map(({ name }) => name)

/** What says where the floors are; they stand beside the others on the page only. */
const floors = ['floor', 'floor-reused', 'net-checked']

/** How each section is measured: arguments for a brief look, and what is written of what was found. */
const sections = {
  servers: {
    brief: ['--peers', 'framewright,ws', '--points', '64c 20 B p16', '--rounds', '1', '--seconds', '0.02'],
    content(folder: string, brief: readonly string[]) {
      const chart = ['--chart', join(folder, 'performance.svg')]
      const all = brief.length > 0 ? brief : ['--peers', [...usual, ...floors].join(',')]
      return serverTables(accepted(folder, measured<Results>('servers', [...all, ...chart])))
    },
  },
  compression: {
    brief: ['--points', 'deflate 64c 149 B p16', '--rounds', '1', '--seconds', '0.02'],
    content(folder: string, brief: readonly string[]) {
      const all = ['--peers', 'framewright,deflate-floor,ws', ...(brief.length > 0 ? brief : ['--points', 'deflate'])]
      return compressionTables(accepted(folder, measured<Results>('servers', all)))
    },
  },
  parts: {
    brief: ['--rounds', '1', '--seconds', '0.001'],
    content(_: string, brief: readonly string[]) {
      const args = ['decode', '--only', '16 a chunk', '--json', ...brief]
      const { status, stdout } = spawnSync(process.execPath, [program('../main.js'), ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      if (status !== 0) throw new Error('npm run bench has failed')
      return partTable((JSON.parse(stdout) as { answers: PartAnswer[] }).answers)
    },
  },
  scale: {
    brief: ['--most', '10', '--rounds', '1', '--seconds', '0.01'],
    content: (_: string, brief: readonly string[]) => scaleTables(measured<ScaleFigures>('scale', brief)),
  },
} as const

type Section = keyof typeof sections

function program(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

/** Runs a benchmark that writes JSON to a file; what it says is seen. A peer that fails is no reason to leave it all. */
function measured<Figures>(name: 'servers' | 'scale', args: readonly string[]): Figures {
  const folder = mkdtempSync(join(tmpdir(), 'framewright-bench-'))
  try {
    const file = join(folder, 'figures.json')
    const { status } = spawnSync(process.execPath, [program(`../${name}/main.js`), ...args, '--json', file], {
      stdio: 'inherit',
    })
    if (status !== 0 && status !== 1) throw new Error(`the measuring of ${name} has failed`)
    return JSON.parse(readFileSync(file, 'utf8')) as Figures
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Has the gate compare with what the page says. */
function accepted(folder: string, results: Results): Results {
  const file = folder === docs ? committedRatios : join(folder, 'ratios.json')
  const before = readAccepted(file)
  writeFileSync(file, `${JSON.stringify(accepting(before, results), null, 2)}\n`)
  return results
}

interface Command {
  readonly chosen: readonly Section[]
  readonly brief: boolean
  readonly folder: string
}

function readCommand(args: readonly string[]): Command | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      brief: { type: 'boolean', default: false },
      folder: { type: 'string', default: docs },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  const all = Object.keys(sections) as Section[]
  for (const name of positionals) {
    if (!Object.hasOwn(sections, name)) throw new Error(`there is no section ${name}: see --help`)
  }
  const chosen = positionals.length === 0 ? all : all.filter(name => positionals.includes(name))
  return { chosen, brief: values.brief, folder: values.folder }
}

function write({ chosen, brief, folder }: Command): void {
  const file = join(folder, 'performance.md')
  for (const name of chosen) {
    const section = sections[name]
    const content = section.content(folder, brief ? section.brief : [])
    writeFileSync(file, replaceSection(readFileSync(file, 'utf8'), name, content))
  }
}

/** Returns the exit code. */
function main(args: readonly string[]): number {
  let command: Command | undefined
  try {
    command = readCommand(args)
  } catch (error) {
    console.error(`bench:docs: ${(error as Error).message}`)
    return 2
  }
  if (command === undefined) {
    console.log(help)
    return 0
  }
  try {
    write(command)
    return 0
  } catch (error) {
    console.error(`bench:docs: ${(error as Error).message}`)
    return 1
  }
}

process.exitCode = main(process.argv.slice(2))
