/** What the kernel has to give anew, as it counts itself: in processes of their own, for the first large read decides. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import t from 'tap'
import { withCoverage } from '../coverage/child-environment.js'

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

/** The number that a program of its own prints, in which nothing large was read before. */
async function printed(program: string): Promise<number> {
  const module = source('transport/freed-memory.js')
  const whole = `const { keepFreedMemory } = await import('${module}')\n${program}`
  const { stdout } = await run(
    '/usr/bin/env',
    [...withCoverage, '--expose-gc', '--input-type=module', '--eval', whole],
    {
      env: environment,
    },
  )
  return Number(stdout)
}

/** `before`, and then the page faults of the second 12 MiB, the first of which were freed. */
function faults(before: string): Promise<number> {
  // A second collection waits until what the first one found is freed.
  return printed(`
    ${before}
    gc(), gc()
    const fill = () => Buffer.allocUnsafeSlow(12 * 1024 * 1024).fill(1).length
    fill()
    gc(), gc()
    const earlier = process.resourceUsage().minorPageFault
    fill()
    console.log(process.resourceUsage().minorPageFault - earlier)`)
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
  const program = `
    let calls = 0
    Buffer.allocUnsafeSlow = () => {
      calls += 1
      throw new RangeError('Array buffer allocation failed')
    }
    keepFreedMemory(16_384)
    keepFreedMemory(65_536)
    console.log(calls)`
  t.equal(await printed(program), 1)
})
