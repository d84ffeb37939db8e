/** `--samples FILE`: each single time of a load, as a line of a file. */
import { open } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { LoadSamples } from '../../load/sample-writer.js'
import type { Arguments, OptionTable } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { systemReason } from '../system-reason.js'

export const samplesOption: OptionTable = {
  samples: {
    value: 'FILE',
    help: 'write each single time there while it runs, in the form that its name ends with:\n.csv or .ndjson; .csv.gz or .ndjson.gz is compressed',
  },
}

/**
 * Opens the file, before a run of which it is to tell.
 *
 * @throws CommandError (as a rejection)
 */
export async function samplesFile(given: Arguments): Promise<LoadSamples | undefined> {
  const path = given.get('samples')
  if (path === undefined) return undefined
  const [, name, gz] = /\.(csv|ndjson|jsonl)(\.gz)?$/i.exec(path) ?? []
  if (name === undefined) {
    throw new CommandError(
      `--samples ${path}: the name says the form: run.csv, run.ndjson, run.csv.gz or run.ndjson.gz`,
    )
  }
  const file = await open(path, 'w').catch(error => {
    throw new CommandError(`--samples: cannot write ${path}: ${systemReason(error)}`)
  })
  const to = file.createWriteStream()
  return { to: gz === undefined ? to : compressed(to), format: name.toLowerCase() === 'csv' ? 'csv' : 'ndjson' }
}

/** What is written to it goes there compressed; it has finished when the file has. */
function compressed(file: Writable): Writable {
  const gzip = createGzip({ level: 1 })
  const over = pipeline(gzip, file)
  const to = new Writable({
    // Where that fails, the pipeline says why.
    write: (chunk, _, next) => gzip.write(chunk, error => error ?? next()),
    final(next) {
      gzip.end()
      over.then(() => next(), next)
    },
  })
  over.catch(error => to.destroy(error))
  return to
}
