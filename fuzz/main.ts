/** npm run fuzz: see command-line.ts, or npm run fuzz -- --help. */
import { fuzzCommand } from './command-line.js'

/** A line that is written over, on a terminal only. */
function progress(state: string | undefined): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${state ?? ''}`)
}

process.exitCode = fuzzCommand(process.argv.slice(2), { out: console.log, error: console.error, progress })
