/** The version of the package. */
import { packageFile } from './package-file.js'

/** `0.1.0`. */
export function packageVersion(): string {
  return (JSON.parse(packageFile('package.json').toString()) as { version: string }).version
}
