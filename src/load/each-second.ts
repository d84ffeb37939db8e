/** The seconds of a run, one after the other, each told of when all that was due in it is done; the last one with the run. */
import { eventLoop, type PacerWorld } from './pacer.js'

/** Milliseconds that what was due in a second may take longer; then the second is told of without the rest. */
const mostLate = 500

/**
 * Calls back at the end of each second from a time on, with its number, from 0.
 *
 * @param isDone - whether all is done that was due before a time; else it is asked again in the next turn.
 */
export function eachSecond(
  start: number,
  isDone: (time: number) => boolean,
  call: (number: number) => void,
  world: PacerWorld = eventLoop,
): { stop(): void } {
  let number = 0
  let stopped = false
  let cancel!: () => void
  const end = () => start + (number + 1) * 1000
  const wait = () => {
    cancel = world.after(Math.max(0, end() - world.now()), look)
  }
  const look = () => {
    if (stopped) return
    if (isDone(end()) || world.now() >= end() + mostLate) {
      call(number++)
      wait()
    } else world.soon(look)
  }
  wait()
  return {
    /** All is done: what is over is told of now, whichever timer came first. */
    stop() {
      stopped = true
      cancel()
      while (world.now() >= end()) call(number++)
    },
  }
}
