/** `--subprotocol`: what commands that shake hands offer, or choose. */
import { isToken } from '../http/grammar.js'
import type { Arguments, OptionDescription, OptionTable } from './arguments.js'
import { CommandError } from './command-error.js'

/** @param help - what is done with them. */
export function subprotocolArgument(help: string): OptionTable {
  const option: OptionDescription = { short: 's', value: 'NAME', multiple: true, help }
  return { subprotocol: option }
}

/**
 * In the order in which they were given.
 *
 * @throws CommandError
 */
export function parseSubprotocols(given: Arguments): string[] {
  return given.all('subprotocol').map(subprotocolOf)
}

function subprotocolOf(text: string, index: number, all: readonly string[]): string {
  if (!isToken(text)) {
    throw new CommandError(
      `--subprotocol ${JSON.stringify(text)} is not one name, such as chat.v2; for several, repeat --subprotocol`,
    )
  }
  if (all.indexOf(text) < index) throw new CommandError(`--subprotocol ${text} was given twice`)
  return text
}
