/** The version of the package. */
import { readFileSync } from 'node:fs'

/** `0.1.0`. */
export function version(): string {
  const file = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(file) as { version: string }).version
}

/** `framewright 0.1.0`. */
export function toolName(): string {
  return `framewright ${version()}`
}
