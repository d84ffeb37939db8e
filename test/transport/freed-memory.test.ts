import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)

/** Only glibc gives memory back as soon as it is freed. */
const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header
const skip = glibcVersionRuntime === undefined && 'this is not glibc'

/**
 * Page faults of the second 12 MiB, the first of which were freed before. A second collection waits until what the first one found
 * is freed.
 */
const program = `
  const { keepFreedMemory } = await import(process.argv[1])
  for (let read = 0; read < 3; read += 1) keepFreedMemory(Number(process.argv[2]))
  gc(), gc()
  const fill = () => Buffer.allocUnsafeSlow(12 * 1024 * 1024).fill(1).length
  fill()
  gc(), gc()
  const before = process.resourceUsage().minorPageFault
  fill()
  console.log(process.resourceUsage().minorPageFault - before)`

async function faults(read: number, env = {}): Promise<number> {
  const module = new URL('../../src/transport/freed-memory.js', import.meta.url).href
  const args = ['--expose-gc', '--input-type=module', '--eval', program, module, `${read}`]
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, ...env } })
  return Number(stdout)
}

t.test('memory that was freed is not fetched from the kernel again', { skip }, async t => {
  const [kept, small, overruled] = await Promise.all([
    faults(16_384),
    faults(16_383),
    faults(16_384, { MALLOC_TRIM_THRESHOLD_: '131072' }),
  ])
  // 12 MiB are 3,072 pages.
  t.ok(small > 2800, `nothing of it where reads are small: ${small}`)
  t.ok(kept < 300, `kept: ${kept}`)
  t.ok(overruled > 2800, `whoever sets the threshold has the last word: ${overruled}`)
})
