/**
 * The fuzzer's command line: what is asked for, told in lines. `main.ts` gives it the process's own.
 */
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { keepVector, linesOf, readVectors } from './corpus.js'
import { type Finding, runInput, runTarget } from './runner.js'
import type { Target } from './target.js'
import { targets } from './targets.js'

/** Where the lines go. */
export interface Terminal {
  out(line: string): void
  error(line: string): void
  /** Told what is being done, now and then; undefined: done. */
  progress(state: string | undefined): void
}

const help = `npm run fuzz -- [--target NAME]… [--runs N] [--seed S]

Feeds every parser and machine of framewright with inputs made from a seed, and checks what must hold for
all of them (fuzz/violation.ts lists the properties). Each target's corpus is replayed first.

  --target NAME   a target, may be repeated; all of them unless told
  --runs N        how many inputs for each target; 10000 unless told
  --seed S        from 0 to 2147483647; a fresh one unless told, and it is printed
  --input LINES   check this one input: its lines, with ";" between them (needs one --target)
  --vector FILE   check the input in this file (needs one --target)
  --no-keep       do not write what is found into fuzz/corpus
  --list          name the targets
  --help          this text

Examples:
  npm run fuzz                                           all targets, a fresh seed
  npm run fuzz -- --target utf8 --runs 1000000           one target, for long
  npm run fuzz -- --target frames-server --seed 42       the same inputs as the last time with 42
  npm run fuzz -- --target frames-server --input '8100'  one input

Exit codes: 0 nothing was found, 1 something was found, 2 the command line is wrong.`

interface Command {
  readonly chosen: readonly Target[]
  readonly runs: number
  readonly seed: number
  readonly keep: boolean
  /** One input, instead of many. */
  readonly lines: readonly string[] | undefined
}

/** What the command line asks for; or what to print, and the exit code. */
function readCommand(args: readonly string[]): Command | { text: string; exitCode: number } {
  const { values } = parseArgs({
    args: [...args],
    options: {
      target: { type: 'string', multiple: true },
      runs: { type: 'string', default: '10000' },
      seed: { type: 'string' },
      input: { type: 'string' },
      vector: { type: 'string' },
      'no-keep': { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return { text: help, exitCode: 0 }
  if (values.list)
    return { text: targets.map(({ name, about }) => `${name.padEnd(20)}${about}`).join('\n'), exitCode: 0 }
  const chosen = (values.target ?? targets.map(({ name }) => name)).map(findTarget)
  const lines = values.input?.split(/\s*;\s*/) ?? (values.vector && linesOf(readFileSync(values.vector, 'utf8')))
  if (lines && chosen.length !== 1) throw new Error('--input and --vector need one --target')
  if (lines) chosen[0]!.parse(lines)
  return {
    chosen,
    runs: integer('--runs', values.runs, 1),
    seed: values.seed === undefined ? randomInt(2 ** 31) : integer('--seed', values.seed, 0),
    keep: !values['no-keep'],
    lines: lines || undefined,
  }
}

function findTarget(name: string): Target {
  const target = targets.find(one => one.name === name)
  if (target === undefined) throw new Error(`no target is called ${name}: see --list`)
  return target
}

function integer(option: string, text: string, lowest: number): number {
  const number = Number(text)
  if (!/^-?\d+$/.test(text) || number < lowest || number >= 2 ** 31)
    throw new Error(`${option} ${text} is not possible`)
  return number
}

/** Longer inputs are not printed: they are in a file, or come again with the same seed. */
const longestInput = 1500

/** Returns whether nothing was found. */
function fuzz(target: Target, { runs, seed, keep }: Command, terminal: Terminal): boolean {
  const before = process.cpuUsage()
  for (const { name, lines } of readVectors(target.name)) {
    const finding = runInput(target, lines)
    if (finding !== undefined) return report(target, finding, `--vector fuzz/corpus/${name}.txt`, false, terminal)
  }
  const { finding } = runTarget(target, {
    runs,
    seed,
    onProgress: done => terminal.progress(done < runs ? `${target.name.padEnd(20)}${done} of ${runs}` : undefined),
  })
  if (finding !== undefined) return report(target, finding, `--seed ${seed} --runs ${runs}`, keep, terminal)
  const { user, system } = process.cpuUsage(before)
  const seconds = (user + system) / 1e6
  terminal.out(`${target.name.padEnd(20)}${runs} runs, ${seconds.toFixed(1)} s of CPU, nothing found`)
  return true
}

function report(target: Target, finding: Finding, again: string, keep: boolean, terminal: Terminal): false {
  const { property, message, lines } = finding
  terminal.out(`${target.name.padEnd(20)}FOUND a violation of "${property}": ${message}`)
  const file = keep ? keepVector(target.name, property, message, lines) : undefined
  if (file !== undefined) terminal.out(`  kept as ${file}`)
  const input = lines.join(';')
  const short = input.length <= longestInput ? `--input='${input}'` : undefined
  terminal.out(
    `  npm run fuzz -- --target ${target.name} ${short ?? (file === undefined ? again : `--vector ${file}`)}`,
  )
  return false
}

function runOne(target: Target, lines: readonly string[], terminal: Terminal): boolean {
  const finding = runInput(target, lines)
  if (finding !== undefined) return report(target, finding, '(the same again)', false, terminal)
  terminal.out(`${target.name.padEnd(20)}1 run, nothing found`)
  return true
}

/** Does what the arguments say; returns the exit code. */
export function fuzzCommand(args: readonly string[], terminal: Terminal): number {
  let command: ReturnType<typeof readCommand>
  try {
    command = readCommand(args)
  } catch (error) {
    terminal.error(`fuzz: ${(error as Error).message}`)
    return 2
  }
  if ('text' in command) {
    terminal.out(command.text)
    return command.exitCode
  }
  const { chosen, seed, lines } = command
  if (lines !== undefined) return runOne(chosen[0]!, lines, terminal) ? 0 : 1
  terminal.out(`seed ${seed}`)
  const clean = chosen.filter(target => fuzz(target, command, terminal))
  return clean.length === chosen.length ? 0 : 1
}
