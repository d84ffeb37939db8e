/**
 * Measures what a process, or one of its threads, runs of src/, and leaves it where tap has the coverage of its tests: for
 * NODE_OPTIONS. Of what tap's own hooks do it is this alone: they send the text of each module from thread to thread and read
 * all source maps, most of a second of CPU in each.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'
import { fileURLToPath } from 'node:url'
import { threadId } from 'node:worker_threads'

const source = new URL('../../src/', import.meta.url).href
const folder = fileURLToPath(new URL('../../../.tap/coverage/', import.meta.url))

const session = new Session()
session.connect()
session.post('Profiler.enable')
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })

process.once('exit', () => {
  session.post('Profiler.takePreciseCoverage', (error, coverage) => {
    if (error !== null) throw error
    const result = coverage.result.filter(({ url }) => url.startsWith(source) && !isBundle(fileURLToPath(url)))
    mkdirSync(folder, { recursive: true })
    writeFileSync(`${folder}${Date.now()}-${process.pid}-${threadId}.json`, JSON.stringify({ result }))
  })
})

/** Into these files the build has put packages, whose coverage is nobody's question. */
function isBundle(path: string): boolean {
  return readFileSync(`${path}.map`, 'utf8').includes('/node_modules/')
}
