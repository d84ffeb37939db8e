/** The version of the package. */
import { packageVersion } from '../load/package-version.js'

/** `framewright 0.1.0`. */
export function toolName(): string {
  return `framewright ${packageVersion()}`
}
