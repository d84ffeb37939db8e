/**
 * Runs one target: inputs from a seed, in batches, each batch under a time limit that ends an endless loop too. The same
 * target, seed and number of runs give the same inputs.
 */
import { runInThisContext } from 'node:vm'
import fc from 'fast-check'
import type { Target } from './target.js'
import { type Property, Violation } from './violation.js'

export interface Finding {
  readonly property: Property
  readonly message: string
  /** The input, made as small as it gets. */
  readonly lines: readonly string[]
}

export interface Outcome {
  readonly runs: number
  readonly finding: Finding | undefined
}

export interface RunOptions {
  readonly runs: number
  readonly seed: number
  /** How many milliseconds a batch may take before it counts as hanging; 120 s unless told. */
  readonly timeout?: number | undefined
  /** Make what is found as small as it gets; true unless told. */
  readonly shrink?: boolean | undefined
  /** Told how many runs are done, after each batch. */
  readonly onProgress?: ((done: number) => void) | undefined
}

// Small, because the first runs of each batch are biased towards small and extreme values.
const batchSize = 500

/** No input may take longer than this, in milliseconds of CPU. */
const longestCheck = 1000

/** A batch takes well under a second; one that takes this long hangs in the input it was given last. */
const longestBatch = 120_000

export function runTarget(target: Target, options: RunOptions): Outcome {
  const { runs, seed, timeout = longestBatch, shrink = true, onProgress } = options
  for (let done = 0; done < runs; done += batchSize) {
    const size = Math.min(batchSize, runs - done)
    const finding = runBatch(
      target,
      { numRuns: size, seed: batchSeed(seed, done / batchSize), endOnFailure: !shrink },
      timeout,
    )
    if (finding !== undefined) return { runs: done + size, finding }
    onProgress?.(done + size)
  }
  return { runs, finding: undefined }
}

/** Checks one input. */
export function runInput(target: Target, lines: readonly string[]): Finding | undefined {
  const input = target.parse(lines)
  const error = limited(() => attempt(target, input), longestBatch)
  return error === undefined ? undefined : found(target, input, error)
}

interface BatchParameters {
  readonly numRuns: number
  readonly seed: number
  readonly endOnFailure: boolean
}

function runBatch(target: Target, parameters: BatchParameters, timeout: number): Finding | undefined {
  let current: unknown
  const property = fc.property(target.inputs, input => {
    current = input
    const error = attempt(target, input)
    if (error !== undefined) throw error
  })
  const result = limited(() => fc.check(property, parameters), timeout)
  if (result instanceof Error) return found(target, current, result)
  if (!result.failed) return undefined
  const input = result.counterexample === null ? current : result.counterexample[0]
  return found(target, input, attempt(target, input) ?? new Violation('ending', 'it fails, but not always'))
}

/** What `work` returns; or the error of a time limit, also when it is in an endless loop. */
function limited<Result>(work: () => Result, timeout: number): Result | Violation {
  const context = globalThis as { fuzzed?: (() => Result) | undefined }
  context.fuzzed = work
  try {
    return runInThisContext('fuzzed()', { timeout }) as Result
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
    return new Violation('ending', `no end after ${timeout / 1000} s`)
  } finally {
    context.fuzzed = undefined
  }
}

/** Checks an input; a slow one is checked again by CPU time, for the machine may be busy elsewhere. */
function attempt(target: Target, input: unknown): Error | undefined {
  const before = performance.now()
  try {
    target.check(input)
    if (performance.now() - before <= longestCheck) return undefined
    const cpu = process.cpuUsage()
    target.check(input)
    const { user, system } = process.cpuUsage(cpu)
    const milliseconds = (user + system) / 1000
    return milliseconds <= longestCheck ? undefined : new Violation('ending', `it took ${milliseconds} ms of CPU`)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

function found(target: Target, input: unknown, error: Error): Finding {
  const lines = target.format(input)
  if (error instanceof Violation) return { property: error.property, message: error.message, lines }
  const place = error.stack?.split('\n').find(line => line.includes('/src/')) ?? ''
  return { property: 'ending', message: `${error.name}: ${error.message}${place}`, lines }
}

/** A seed for each batch: different for neighbours, the same every time. */
function batchSeed(seed: number, batch: number): number {
  return (Math.imul(seed, 0x9e3779b1) + Math.imul(batch + 1, 0x85ebca6b)) | 0
}
