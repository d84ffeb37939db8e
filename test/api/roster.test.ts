// The set of a server's connections (RFC 6455 §10.4 bounds how many they are): a ReadonlySet to applications.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Listed, Roster } from '../../src/api/roster.js'

interface Guest extends Listed {
  readonly name: number
}

function guests(count: number): Guest[] {
  return Array.from({ length: count }, (_, name) => ({ name, place: -1 }))
}

t.test('whatever comes and goes, it says what a Set would', async t => {
  fc.assert(
    fc.property(fc.array(fc.nat(9), { maxLength: 80 }), steps => {
      const everybody = guests(10)
      const [roster, twin] = [new Roster<Guest>(), new Set<Guest>()]
      for (const step of steps) {
        const guest = everybody[step]!
        if (twin.delete(guest)) roster.delete(guest)
        else {
          twin.add(guest)
          roster.add(guest)
        }
        assert.equal(roster.size, twin.size)
        assert.deepEqual(new Set(roster), twin)
        for (const one of everybody) assert.equal(roster.has(one), twin.has(one))
      }
    }),
  )
  t.pass()
})

t.test('it is a ReadonlySet: all ways to go through it meet the same', async t => {
  const roster: Roster<Guest> = new Roster()
  const [a, b] = guests(2) as [Guest, Guest]
  roster.add(a)
  roster.add(b)
  const asSet: ReadonlySet<Guest> = roster
  t.same([...asSet], [a, b])
  t.same([...asSet.keys()], [a, b])
  t.same([...asSet.values()], [a, b])
  t.same(
    [...asSet.entries()],
    [
      [a, a],
      [b, b],
    ],
  )
  const seen: unknown[] = []
  asSet.forEach(function (this: unknown, value, key, set) {
    seen.push([this, value, key, set])
  }, 'self')
  t.same(seen.length, 2)
  t.strictSame(seen[1], ['self', b, b, roster])
})

t.test('who leaves meanwhile is not met, who stays is met once, and a free place is taken again', async t => {
  const roster = new Roster<Guest>()
  const [a, b, c, d] = guests(4) as [Guest, Guest, Guest, Guest]
  for (const guest of [a, b, c]) roster.add(guest)
  const met: number[] = []
  for (const guest of roster) {
    met.push(guest.name)
    roster.delete(a)
    roster.delete(b)
  }
  t.same(met, [0, 2])
  roster.add(d)
  t.ok(d.place < 3, 'nothing grows while there is room')
  t.same(new Set(roster), new Set([c, d]))
})

t.test('who was not there leaves nothing behind', async t => {
  const roster = new Roster<Guest>()
  const [a, b] = guests(2) as [Guest, Guest]
  roster.add(a)
  roster.delete(b)
  t.equal(roster.size, 1)
  roster.delete(a)
  roster.delete(a)
  t.equal(roster.size, 0)
  t.notOk(roster.has(a))
})
