/** What the load generator is held to. Each benchmark of it ends with its goals, and exits with 1 where one is not held. */
import type { Verdict } from '../../src/load/verdict.js'

export interface Goal {
  readonly name: string
  /** What was measured, with its unit. */
  readonly was: string
  /** What it should be. */
  readonly goal: string
  readonly held: boolean
}

/** The value may be no more than that. What was not measured is not held. */
export function atMost(name: string, value: number, most: number, unit: string): Goal {
  return { name, was: figure(value, unit), goal: `at most ${round(most)} ${unit}`.trim(), held: value <= most }
}

/** The value may be no less than that. */
export function atLeast(name: string, value: number, least: number, unit: string): Goal {
  return { name, was: figure(value, unit), goal: `at least ${round(least)} ${unit}`.trim(), held: value >= least }
}

/** The value may be off that by no more than a share of it. */
export function within(name: string, value: number, expected: number, share: number, unit: string): Goal {
  const goal = `${expected} ${unit}`.trim().concat(`, within ${(share * 100).toFixed(1)} %`)
  return { name, was: figure(value, unit), goal, held: Math.abs(value - expected) <= expected * share }
}

/** Where it did not, the figures are its own, and no other goal can be judged. */
export function keptUp(name: string, { generatorBound, reasons }: Verdict): Goal {
  const was = generatorBound ? `generator-bound (${reasons.join('; ')})` : 'sound'
  return { name: `verdict of ${name}`, was, goal: 'sound', held: !generatorBound }
}

export function goalLine({ name, was, goal, held }: Goal): string {
  return `${held ? 'held    ' : 'NOT HELD'}: ${name}: ${was}, goal ${goal}`
}

/** Prints them, behind the figures of a benchmark, and sets what this process exits with. */
export function judge(goals: readonly Goal[]): void {
  console.log('')
  for (const goal of goals) console.log(goalLine(goal))
  if (goals.length === 0 || goals.some(({ held }) => !held)) process.exitCode = 1
}

/** Four digits tell all of a goal. */
function round(value: number): number {
  return Number(value.toPrecision(4))
}

function figure(value: number, unit: string): string {
  return `${value.toFixed(Math.abs(value) < 100 ? 3 : 0)} ${unit}`.trim()
}
