/** How a thread fares: beside what this one does to itself. */
import { existsSync } from 'node:fs'
import t from 'tap'
import { SelfCheck } from '../../src/load/self-check.js'

/** Has nothing else done for so long. */
function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds
  while (performance.now() < end);
}

t.test('a thread that does nothing else for a while comes late, and ran', async t => {
  const check = new SelfCheck()
  check.buffered(7)
  check.buffered(5)
  // The event loop is looked at before and behind it.
  await new Promise(resolve => setTimeout(resolve, 30))
  spin(100)
  await new Promise(resolve => setTimeout(resolve, 30))
  const { delayMax, delayP50, delayP99, busy, cpu, waited, buffered } = check.end()
  t.ok(delayMax >= 80, `${delayMax}`)
  t.ok(delayP50 <= delayP99 && delayP99 <= delayMax)
  t.ok(busy > 0.3 && busy <= 1, `${busy}`)
  t.equal(buffered, 7)
  if (!existsSync('/proc/thread-self/schedstat')) return
  t.ok(cpu! > 0 && cpu! < 10, `${cpu}`)
  t.ok(waited! >= 0 && waited! <= 1, `${waited}`)
})

t.test('nothing was seen in no time, and a system that does not tell', async t => {
  t.match(new SelfCheck().end(), { delayP50: 0, delayP99: 0, delayMax: 0, buffered: 0 })
  const { cpu, waited } = new SelfCheck('/nowhere').end()
  t.same([cpu, waited], [undefined, undefined])
})
