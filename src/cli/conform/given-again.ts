/** The line that runs a case again, as far as it repeats the command line. */
import type { Arguments, OptionTable } from '../arguments.js'
import { quoted } from './quoted.js'

/** Those of these options that were given, each with a space before it. */
export function givenAgain(given: Arguments, table: OptionTable): string {
  const options = Object.entries(table).flatMap(([name, { value }]) =>
    given.all(name).map(text => (value === undefined ? ` --${name}` : ` --${name} ${quoted(text)}`)),
  )
  return options.join('')
}
