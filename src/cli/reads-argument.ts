/** `--reads`: how octets are read, of every command that has it. */
import type { Reads } from '../transport/reused-reads.js'
import type { Arguments, OptionTable } from './arguments.js'
import { parseWord } from './quantity.js'
import { type Terminal, tell } from './terminal.js'

export const readsArgument: OptionTable = {
  reads: {
    value: 'HOW',
    help: "'plain' (default), or 'reused': TCP is read into the same memory each time, where Node\nallows it, which is less work, above all with large messages",
  },
}

/** @throws CommandError for anything else. */
export function parseReads(given: Arguments): Reads {
  return parseWord<Reads>('--reads', given.get('reads') ?? 'plain', ['plain', 'reused'])
}

/** Says so, where the reads are not those that were asked for. */
export function tellReads(terminal: Terminal, asked: Reads, reads: Reads, secure: boolean): void {
  if (asked === 'plain' || reads === 'reused') return
  tell(
    terminal,
    `--reads reused is without effect: ${secure ? 'TLS is always read plainly' : 'it does not work with this Node'}`,
  )
}
