/**
 * npm run test:matrix: the quick suite on every major version of Node that we run on, reading both ways; by hand and before
 * releases, for it takes minutes for each run.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs, styleText } from 'node:util'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const folder = join(root, 'test/matrix')
const modes = ['plain', 'reused']

const usage = `Usage: npm run test:matrix -- [options]

Runs the quick suite (all tests but those with other programs, without coverage) on Node ${versions().join(', ')}, which are
installed into test/matrix, with reads: 'plain' and with reads: 'reused'.

Options:
  --node N      only this version; may be repeated
  --reads HOW   only this way of reading, plain or reused
  -h, --help    this text

Exit codes:
  0  all of it passed
  1  something failed; the whole output of each run is in a file, which is named
  2  the command line is wrong, or the versions of Node cannot be installed

Examples:
  npm run test:matrix
  npm run test:matrix -- --node 26 --reads reused
`

/** What one run came to. */
interface Run {
  readonly name: string
  readonly passed: boolean
  readonly line: string
}

/** The versions there are, as the package names them, and what each is pinned to: npm:node@20.20.2. */
function pins(): ReadonlyMap<string, string> {
  const { devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  return new Map(Object.entries(devDependencies).map(([name, pin]) => [name.replace('node-', ''), pin]))
}

function versions(): string[] {
  return [...pins().keys()]
}

function nodeOf(version: string): string {
  return join(folder, `node_modules/node-${version}/bin/node`)
}

/** Whether the version is there, and is what it is pinned to now. */
function isInstalled(version: string, pin: string): boolean {
  const file = join(folder, `node_modules/node-${version}/package.json`)
  if (!existsSync(nodeOf(version)) || !existsSync(file)) return false
  return pin === `npm:node@${(JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version}`
}

function install(): boolean {
  if ([...pins()].every(([version, pin]) => isInstalled(version, pin))) return true
  console.log('installing the versions of Node into test/matrix')
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--prefix', folder], { stdio: 'inherit' })
  return npm.status === 0
}

/** A line that is written over, on a terminal only. */
function progress(text: string): void {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`)
}

async function run(version: string, reads: string, log: string): Promise<Run> {
  const name = `Node ${version}, reads ${reads}`
  const began = performance.now()
  const file = createWriteStream(log)
  const child = spawn(nodeOf(version), [join(root, 'build/test/all.js')], {
    cwd: root,
    env: { ...process.env, FRAMEWRIGHT_READS: reads, FORCE_COLOR: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let tests = 0
  let rest = ''
  const failed: string[] = []
  child.stderr.on('data', chunk => file.write(chunk))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    file.write(text)
    const lines = (rest + text).split('\n')
    rest = lines.pop()!
    for (const line of lines) {
      const point = /^(not )?ok \d+ - (.*?)( # time=.*)?$/.exec(line)
      if (point === null) continue
      tests++
      if (point[1] !== undefined) failed.push(point[2]!)
    }
    progress(`${name}: ${tests} tests, ${failed.length} failed`)
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  file.end()
  await finished(file)
  progress('')
  const seconds = Math.round((performance.now() - began) / 1000)
  const passed = code === 0
  const line = `${tests} tests, ${failed.length} failed, ${seconds} s`
  console.log(`${styleText(passed ? 'green' : 'red', passed ? 'ok  ' : 'FAIL')} ${name}: ${line}`)
  for (const what of failed) console.log(`     ${what}`)
  if (!passed) console.log(`     exit ${code ?? signal}; all of its output: ${log}`)
  return { name, passed, line }
}

/** What the command line asks for; undefined: it cannot be. */
function asked(): { readonly nodes: readonly string[]; readonly reads: readonly string[]; readonly help: boolean } {
  const { values } = parseArgs({
    options: {
      node: { type: 'string', multiple: true },
      reads: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const { node = versions(), reads, help } = values
  const strange = node.find(version => !versions().includes(version))
  if (strange !== undefined) throw new Error(`--node ${strange}: there are ${versions().join(', ')}`)
  if (reads !== undefined && !modes.includes(reads)) throw new Error(`--reads ${reads}: there are ${modes.join(', ')}`)
  return { nodes: node, reads: reads === undefined ? modes : [reads], help }
}

async function main(): Promise<number> {
  let wanted: ReturnType<typeof asked>
  try {
    wanted = asked()
  } catch (error) {
    console.error(`test:matrix: ${(error as Error).message}; see npm run test:matrix -- --help`)
    return 2
  }
  if (wanted.help) {
    console.log(usage)
    return 0
  }
  if (!install()) {
    console.error('test:matrix: the versions of Node cannot be installed')
    return 2
  }
  const logs = mkdtempSync(join(tmpdir(), 'framewright-matrix-'))
  const runs: Run[] = []
  for (const version of wanted.nodes) {
    for (const reads of wanted.reads) runs.push(await run(version, reads, join(logs, `node-${version}-${reads}.tap`)))
  }
  const failed = runs.filter(({ passed }) => !passed).length
  console.log(`${runs.length - failed} runs passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main()
