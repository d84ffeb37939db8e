/** Text from elsewhere in one line. */
import { visibleText } from './visible-text.js'

/** White space of any kind becomes one space, none at the ends (OpenSSL ends its messages with a line feed). */
export function oneLine(text: string): string {
  return visibleText(text.trim().replace(/\s+/g, ' '))
}
