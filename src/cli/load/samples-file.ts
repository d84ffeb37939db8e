/** `--samples FILE`: each single time of a load, as a line of a file. */
import { createWriteStream, fstatSync, openSync } from 'node:fs'
import { Socket } from 'node:net'
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
 * @throws CommandError
 */
export function samplesFile(given: Arguments): LoadSamples | undefined {
  const path = given.get('samples')
  if (path === undefined) return undefined
  const [, name, gz] = /\.(csv|ndjson|jsonl)(\.gz)?$/i.exec(path) ?? []
  if (name === undefined) {
    throw new CommandError(
      `--samples ${path}: the name says the form: run.csv, run.ndjson, run.csv.gz or run.ndjson.gz`,
    )
  }
  const to = opened(path)
  return { to: gz === undefined ? to : compressed(to), format: name.toLowerCase() === 'csv' ? 'csv' : 'ndjson' }
}

/** A file, or a pipe that somebody may have stopped reading: a thread that waits in it would keep the process from its end. */
function opened(path: string): Writable {
  try {
    const fd = openSync(path, 'w')
    return fstatSync(fd).isFIFO() ? new Socket({ fd, readable: false }) : createWriteStream(path, { fd })
  } catch (error) {
    throw new CommandError(`--samples: cannot write ${path}: ${systemReason(error)}`)
  }
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
    destroy(error, next) {
      gzip.destroy()
      next(error)
    },
  })
  over.catch(error => to.destroy(error))
  return to
}
