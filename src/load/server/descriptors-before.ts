/**
 * How many descriptors a server has had open at a time, as the kernel tells: each connection is one, and what memory a server has kept
 * of earlier ones the next ones use again. Linux only.
 */
import { readFileSync } from 'node:fs'

/** Tables of so many slots are there from the start. */
const fromTheStart = 512

/**
 * So many at least, of all processes together; each had its own at its time. A table has twice as many slots when it is full, and never
 * less again.
 */
export function descriptorsBefore(pids: readonly number[]): number {
  return pids
    .map(slotsOf)
    .filter(slots => slots > fromTheStart)
    .reduce((sum, slots) => sum + slots / 2, 0)
}

/** 0 where nobody tells. */
function slotsOf(pid: number): number {
  try {
    return Number(/^FDSize:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1])
  } catch {
    return 0
  }
}
