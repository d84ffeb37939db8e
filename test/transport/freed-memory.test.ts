import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { keepFreedMemory } from '../../src/transport/freed-memory.js'

const run = promisify(execFile)

/** Only glibc gives memory back as soon as it is freed, and a huge page is one fault for 512. */
const { glibcVersionRuntime } = (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header
const huge = '/sys/kernel/mm/transparent_hugepage/enabled'
const skip = (glibcVersionRuntime === undefined && 'this is not glibc') || (hasHugePages() && 'pages are huge')

function hasHugePages(): boolean {
  try {
    return readFileSync(huge, 'utf8').includes('[always]')
  } catch {
    return false
  }
}

/** The environment without what tells glibc otherwise. */
const { MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_, GLIBC_TUNABLES, ...environment } = process.env

const source = (path: string) => new URL(`../../src/${path}`, import.meta.url).href

/** `before`, and then the page faults of the second 12 MiB, the first of which were freed. */
async function faults(before: string): Promise<number> {
  // A second collection waits until what the first one found is freed.
  const program = `
    const { keepFreedMemory } = await import('${source('transport/freed-memory.js')}')
    ${before}
    gc(), gc()
    const fill = () => Buffer.allocUnsafeSlow(12 * 1024 * 1024).fill(1).length
    fill()
    gc(), gc()
    const earlier = process.resourceUsage().minorPageFault
    fill()
    console.log(process.resourceUsage().minorPageFault - earlier)`
  const args = ['--expose-gc', '--input-type=module', '--eval', program]
  const { stdout } = await run(process.execPath, args, { env: environment })
  return Number(stdout)
}

/** An echo of one message, by a server and a client. */
const echo = (size: number) => `
  const { connect, createServer } = await import('${source('index.js')}')
  const server = createServer({}, { message: (connection, data) => connection.send(data) })
  await server.listen({ host: '127.0.0.1', port: 0 })
  const client = await connect('ws://127.0.0.1:' + server.address().port)
  client.send(new Uint8Array(${size}))
  for await (const { length } of client) if (length === ${size}) break
  await server.close()`

t.test('memory that was freed is not fetched from the kernel again', { skip }, async t => {
  const [untold, small, large, served] = await Promise.all([
    faults(''),
    faults('keepFreedMemory(16_383)'),
    faults('for (let read = 0; read < 3; read += 1) keepFreedMemory(16_384)'),
    faults(echo(60_000)),
  ])
  // 12 MiB are 3,072 pages.
  t.ok(untold > 2800, `as glibc has it: ${untold}`)
  t.ok(small > 2800, `nothing of it where reads are small: ${small}`)
  t.ok(large < 300, `kept: ${large}`)
  t.ok(served < 300, `kept where a message came: ${served}`)
})

t.test('where there is no room for that, nothing is lost', async t => {
  const { allocUnsafeSlow } = Buffer
  let calls = 0
  Buffer.allocUnsafeSlow = () => {
    calls += 1
    throw new RangeError('Array buffer allocation failed')
  }
  t.teardown(() => {
    Buffer.allocUnsafeSlow = allocUnsafeSlow
  })
  keepFreedMemory(16_384)
  keepFreedMemory(65_536)
  t.equal(calls, 1)
})
