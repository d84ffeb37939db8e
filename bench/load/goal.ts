/** What the load generator is held to. Each benchmark of it ends with its goals, and exits with 1 where one is not held. */

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

/** By so much more than what nobody comes to less than. */
const besideFloor = 1.15

/** The value may be no more than that; or, where the least program that could come to it comes to more, little more than that one. */
export function atMostOrFloor(name: string, value: number, most: number, floor: number, unit: string): Goal {
  const least = floor * besideFloor
  if (least <= most) return atMost(name, value, most, unit)
  const { was, held } = atMost(name, value, least, unit)
  const goal = `at most ${round(most)}, or ${round(least)} ${unit}, for the floor is ${round(floor)}`
  return { name, was, goal, held }
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
