/** What the API says of its options, in the names that they have on the command line. */
import type { OptionTable } from '../arguments.js'

/** Those whose names are others there. */
const others: Readonly<Record<string, string>> = {
  request: '--message',
  toSender: '--others',
  cutAll: '--wait-for-cut',
  badPeers: '--slow-readers, --slow-writers, --half-open and --resetting',
  randomness: '--random',
  socketPath: '--socket',
  maxMessageSize: '--max-message',
}

/**
 * Translates a message.
 *
 * @param message - of the API: an option stands in it at the beginning, or in backticks.
 * @param options - of the command: an option has the name of the API, with hyphens.
 */
export function inOptions(message: string, options: OptionTable): string {
  return message.replace(/^\w+(?= )|`(\w+)`/g, (whole, quoted?: string) => {
    const name = quoted ?? whole
    const hyphened = name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
    if (Object.hasOwn(others, name)) return others[name]!
    return Object.hasOwn(options, hyphened) ? `--${hyphened}` : name
  })
}
