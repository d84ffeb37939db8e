/**
 * A benchmark as a command, in a process of its own. None of what our process passes on by its environment comes with it: the
 * coverage of benchmarks is nobody's question, and the hooks that measure it took a second of CPU in each process.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { withoutHooks } from '../coverage/child-environment.js'

export interface BenchRun {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a main file below bench/ to its end. */
export function benchCommand(file: string): (...args: string[]) => BenchRun {
  const main = fileURLToPath(new URL(`../../bench/${file}`, import.meta.url))
  return (...args) => spawnSync('/usr/bin/env', [...withoutHooks, main, ...args], { encoding: 'utf8' })
}
