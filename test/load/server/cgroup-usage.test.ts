/** A control group, as the kernel writes it: a made folder, for few machines of a test have one. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { load } from '../../../src/load/load.js'
import { loadSettings } from '../../../src/load/load-options.js'
import { usageOfCgroup } from '../../../src/load/server/cgroup-usage.js'
import { serve } from '../known-servers.js'

const cpuStat = 'usage_usec 2500000\nuser_usec 2000000\nsystem_usec 500000\nnr_periods 0\n'

t.test('CPU, memory and threads of all its processes', async t => {
  const folder = t.testdir({ 'cpu.stat': cpuStat, 'memory.current': '123456789\n', 'pids.current': '12\n' })
  t.same(usageOfCgroup(folder), { cpu: 2.5, memory: 123_456_789, threads: 12 })
})

t.test('a group that does not count processes; or not memory; or is none', async t => {
  t.same(usageOfCgroup(t.testdir({ 'cpu.stat': cpuStat, 'memory.current': '5\n' })), {
    cpu: 2.5,
    memory: 5,
    threads: 0,
  })
  const none = t.testdir({ some: { 'cpu.stat': cpuStat }, other: { 'memory.current': '5\n' } })
  for (const folder of ['some', 'other', 'nowhere']) t.equal(usageOfCgroup(join(none, folder)), undefined)
})

t.test('watched while a server is loaded', async t => {
  const folder = t.testdir({ 'cpu.stat': cpuStat, 'memory.current': '5000\n' })
  const server = await serve(t, async (connection, data, number) => {
    if (number === 0) await writeFile(join(folder, 'memory.current'), '7000\n')
    connection.send(data)
  })
  const report = await load(server.url, { rate: 100, connections: 2, warmUp: 0, duration: 100, serverCgroup: folder })
  t.match(report.server, {
    cgroup: folder,
    cores: 0,
    memoryBefore: 5000,
    memoryMax: 7000,
    pid: undefined,
    threads: undefined,
  })
  t.equal(report.settings.serverCgroup, folder)
})

t.test('one that is not there is told at the call; a process beside it, too', async t => {
  const none = `${t.testdir({})}/none`
  t.throws(() => loadSettings('ws://a', { serverCgroup: none }), { message: /no such control group of version 2/ })
  t.throws(() => loadSettings('ws://a', { serverCgroup: none, serverPid: process.pid }), { message: /and not both/ })
  t.throws(() => loadSettings('ws://a', { serverCgroup: '' }), {
    message: /^serverCgroup is the folder of a control group/,
  })
})
