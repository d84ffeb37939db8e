/** Plans for tests: any rate that changes with time, and how many messages are due before a time, counted another way. */
import fc from 'fast-check'
import type { RateSegment } from '../../src/load/rate-plan.js'

export const segments = fc.array(
  fc
    .record({
      from: fc.integer({ min: 0, max: 2000 }),
      to: fc.integer({ min: 0, max: 2000 }),
      duration: fc.integer({ min: 1, max: 2000 }),
    })
    .filter(({ from, to }) => from + to > 0),
  { minLength: 1, maxLength: 4 },
)

/** Trapezia: the rate goes evenly, so they are exact. */
export function messagesBefore(plan: readonly RateSegment[], time: number): number {
  let count = 0
  let start = 0
  for (const { from, to, duration } of plan) {
    const part = Math.min(duration, Math.max(0, time - start))
    const rateThen = from + ((to - from) * part) / duration
    count += (((from + rateThen) / 2) * part) / 1000
    start += duration
  }
  return count
}
