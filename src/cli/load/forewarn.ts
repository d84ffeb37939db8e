/** What is known before a load begins: what this machine is short of for it, and what cannot be done as it was asked for. */
import { count, several } from '../../load/figures.js'
import { undivided } from '../../load/mix.js'
import { shortages, thisMachine } from '../../load/shortages.js'
import type { ThreadSettings } from '../../load/thread-settings.js'
import type { Arguments } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { type Terminal, tell } from '../terminal.js'

/**
 * Tells it; what cannot be at all ends the command, for it would fail ten minutes later.
 *
 * @throws CommandError
 */
export function forewarn(settings: ThreadSettings, given: Arguments, terminal: Terminal): void {
  for (const { message, prevents } of shortages(settings, thisMachine())) {
    if (prevents) throw new CommandError(`not enough: ${message}`)
    tell(terminal, `not enough: ${message}`)
  }
  for (const message of [fewerThreads(settings, given), undivided(settings)]) {
    if (message !== undefined) tell(terminal, message)
  }
}

/** Threads without connections of their own would have nothing to do. */
function fewerThreads({ threads, connections, classes, shard }: ThreadSettings, given: Arguments): string | undefined {
  const asked = Number(given.get('threads') ?? threads)
  if (asked === threads) return undefined
  // Each class is divided by itself: the smallest has one connection for each thread of each shard.
  const smallest = classes.find(({ settings }) => Math.floor(settings.connections / shard.count) === threads)
  const shared =
    smallest === undefined
      ? several(connections, 'connection')
      : `the ${several(smallest.settings.connections, 'connection')} of ${smallest.name}`
  const among = shard.count === 1 ? '' : ` in ${shard.count} shards`
  return `${several(threads, 'thread')} instead of ${count(asked)}: no more can share ${shared}${among}`
}
