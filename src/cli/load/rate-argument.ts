/** `--rate`: one rate, or pieces that follow each other: `1000/s`, `0..5000/s:30s,5000/s:1min`. */
import type { RateSegment } from '../../load/rate-plan.js'
import { CommandError } from '../command-error.js'
import { parseLoadTime } from './time-argument.js'

const piece = /^(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?(?:\/s)?(?::(\d+[a-z]*))?$/i

/**
 * Understands it.
 *
 * @returns a number where it is one rate that lasts as long as the run.
 * @throws CommandError
 */
export function parseRate(text: string): number | readonly RateSegment[] {
  const pieces = text.split(',').map(part => {
    const [, from, to = from, time] = piece.exec(part.trim()) ?? []
    if (from === undefined) wrong(text)
    return {
      from: Number(from),
      to: Number(to),
      duration: time === undefined ? undefined : parseLoadTime('--rate', time),
    }
  })
  const [first, ...more] = pieces
  if (more.length === 0 && first!.duration === undefined && first!.from === first!.to) return first!.from
  return pieces.map(({ from, to, duration = wrong(text) }) => ({ from, to, duration }))
}

function wrong(text: string): never {
  throw new CommandError(
    `--rate ${JSON.stringify(text)} is neither a rate (1000/s) nor pieces with their times (0..5000/s:30s,5000/s:1min)`,
  )
}
