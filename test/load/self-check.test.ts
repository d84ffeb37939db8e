/** How a thread fares: beside what this one does to itself. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SelfCheck } from '../../src/load/self-check.js'

/** Has nothing else done for so long. */
function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

/** Of CPU that this process has taken. */
function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6
}

t.test('a thread that does nothing else for a while comes late, and ran', async t => {
  const whole = process.cpuUsage()
  const check = new SelfCheck()
  const within = process.cpuUsage()
  check.buffered(7)
  check.buffered(5)
  // The event loop is looked at before and behind it.
  await new Promise(resolve => setTimeout(resolve, 30))
  spin(100)
  await new Promise(resolve => setTimeout(resolve, 30))
  const least = secondsSince(within)
  const { thread, processCpu } = check.end()
  const most = secondsSince(whole)
  const { delayMax, delayP50, delayP99, busy, cpu, waited, buffered } = thread
  t.ok(delayMax >= 80, `${delayMax}`)
  t.ok(delayP50 <= delayP99 && delayP99 <= delayMax)
  t.ok(busy > 0.3 && busy <= 1, `${busy}`)
  t.equal(buffered, 7)
  t.ok(least > 0.01 && processCpu >= least && processCpu <= most, `${processCpu} is from ${least} to ${most}`)
  if (!existsSync('/proc/thread-self/schedstat')) return
  t.ok(cpu! > 0 && cpu! < processCpu + 0.1, `${cpu}`)
  t.ok(waited! >= 0 && waited! <= 1, `${waited}`)
})

t.test('nothing was seen in no time, and a system that does not tell', async t => {
  t.match(new SelfCheck().end().thread, { delayP50: 0, delayP99: 0, delayMax: 0, buffered: 0 })
  const { cpu, waited } = new SelfCheck(undefined, '/nowhere').end().thread
  t.same([cpu, waited], [undefined, undefined])
})

t.test('nobody waits for a core longer than the time that was looked at', t => {
  const path = join(t.testdir(), 'schedstat')
  writeFileSync(path, '0 0 1')
  const check = new SelfCheck(undefined, path)
  // An hour, of which nearly all was before.
  writeFileSync(path, '0 3600000000000 2')
  t.equal(check.end().thread.waited, 1)
  t.end()
})

/** A clock, and the timers that wait; each fires when it is told, as late as the clock says then. */
function clock() {
  const timers: (() => void)[] = []
  const world = {
    at: 1000,
    now: () => world.at,
    after(_: number, call: () => void) {
      timers.push(call)
      return () => void timers.pop()
    },
  }
  return { world, timers, fire: () => timers.shift()!() }
}

t.test('a stall counts by how long it lasts, and not as one look', async t => {
  const { world, timers, fire } = clock()
  const check = new SelfCheck(world)
  // In time, as timers are: to the millisecond.
  for (let i = 0; i < 95; i++) {
    world.at += 10 + (i % 2)
    fire()
  }
  world.at += 61
  fire()
  const { seconds, delayP50, delayP99, delayMax } = check.end().thread
  t.equal(seconds, 1.058)
  // Of 100 who came, one each 10 ms, five came in that stall, and were late by 50, 40, 30, 20 and 10 ms.
  t.same([delayP50, delayMax], [0, 50])
  t.ok(Math.abs(delayP99 - 40) < 0.1, `${delayP99}`)
  t.equal(timers.length, 0)
})

t.test('what the kernel tells is in nanoseconds: of CPU, and of waiting, which is a share of the time', async t => {
  const path = join(t.testdir(), 'schedstat')
  writeFileSync(path, '1000000000 5000000000 7')
  const { world } = clock()
  const check = new SelfCheck(world, path)
  world.at += 2000
  writeFileSync(path, '2250000000 5500000000 9')
  t.match(check.end().thread, { seconds: 2, cpu: 1.25, waited: 0.25 })
})

t.test('a stall at the end is one, too', async t => {
  const { world } = clock()
  const check = new SelfCheck(world)
  world.at += 111
  t.equal(check.end().thread.delayMax, 100)
})
