/** The clock by which silence is measured. */

const ticksOfSilence = 10

/**
 * Calls when so much time has passed. Only time counts in which we could have seen something: while our own process is busy, or
 * asleep with the whole machine, the clock stands still. What waits to be read in the end is read first.
 *
 * @param within - in ms.
 * @returns stops it.
 */
export function afterSilence(within: number, call: () => void): () => void {
  let ticks = 0
  let last: NodeJS.Immediate | undefined
  const tick = () => {
    if (++ticks < ticksOfSilence) return
    clearInterval(timer)
    last = setImmediate(call)
  }
  const timer = setInterval(tick, within / ticksOfSilence)
  return () => {
    clearInterval(timer)
    clearImmediate(last)
  }
}
