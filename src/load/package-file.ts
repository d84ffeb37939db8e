/**
 * Files of the package that stand beside its code: pages, their scripts, package.json. This is the only place that looks for
 * them, so that a command in one single file, which has them within it, needs another in place of this one alone.
 */
import { readFileSync } from 'node:fs'

const root = new URL('../../../', import.meta.url)

/**
 * Reads a file of the package.
 *
 * @param path - below the root of the package, such as `src/load/page/report.html`.
 */
export function packageFile(path: string): Buffer {
  return readFileSync(new URL(path, root))
}
