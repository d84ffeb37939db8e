/** The version of the package. */
import { packageFile } from '../load/package-file.js'

/** `0.1.0`. */
export function version(): string {
  return (JSON.parse(packageFile('package.json').toString()) as { version: string }).version
}

/** `framewright 0.1.0`. */
export function toolName(): string {
  return `framewright ${version()}`
}
