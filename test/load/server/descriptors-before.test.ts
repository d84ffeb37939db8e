/** Descriptors that a process had open before: a new one, which has had few, and this one, which has had many. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import t from 'tap'
import { load } from '../../../src/load/load.js'
import { descriptorsBefore } from '../../../src/load/server/descriptors-before.js'
import { echo, serve } from '../known-servers.js'

const skip = process.platform !== 'linux' && 'of Linux'

void t.test('what a process has had, it has had', { skip }, async t => {
  const fresh = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' })
  t.teardown(() => fresh.kill())
  await once(fresh, 'spawn')
  t.equal(descriptorsBefore([fresh.pid!, 2 ** 30]), 0)
  const server = await serve(t, echo)
  const group = { 'cpu.stat': 'usage_usec 1\n', 'memory.current': '5000\n' }
  const options = { connections: 20, warmUp: 0, duration: 50, rate: 100 } as const
  const before = await load(server.url, { ...options, serverCgroup: t.testdir(group) })
  t.match(before.server?.perConnection, { unknown: /^its memory did not grow evenly / })

  const opened = Array.from({ length: 600 }, () => openSync('/dev/null', 'r'))
  for (const descriptor of opened) closeSync(descriptor)
  const had = descriptorsBefore([process.pid])
  t.ok(had >= 512, `${had}`)
  const folder = t.testdir({ ...group, 'cgroup.procs': `${process.pid}\n` })
  for (const watched of [{ serverPid: process.pid }, { serverCgroup: folder }]) {
    const { server: told } = await load(server.url, { ...options, ...watched })
    t.match(told?.perConnection, {
      unknown: /^it had [\d,]+ descriptors open at a time before, or more, /,
      samples: 21,
    })
  }
})
