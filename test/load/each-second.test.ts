/** The end of each second: by the clock, and by what was due in it. */
import t from 'tap'
import { eachSecond } from '../../src/load/each-second.js'

/** A clock of its own, and the one thing that waits. */
class World {
  time = 0
  waits: (() => void) | undefined
  until = 0

  readonly now = () => this.time
  readonly after = (milliseconds: number, call: () => void) => this.#wait(this.time + milliseconds, call)
  readonly soon = (call: () => void) => this.#wait(this.time, call)

  #wait(until: number, call: () => void): () => void {
    const own = () => call()
    this.until = until
    this.waits = own
    return () => {
      if (this.waits === own) this.waits = undefined
    }
  }

  /** Lets the clock come to when something waits for, or later. */
  go(late = 0): void {
    const call = this.waits
    this.time = Math.max(this.time, this.until) + late
    this.waits = undefined
    call?.()
  }
}

t.test('a second ends when all is done that was due in it, and half a second later at most', async t => {
  const world = new World()
  let done = Number.POSITIVE_INFINITY
  const told: string[] = []
  const seconds = eachSecond(
    100,
    time => done >= time,
    number => told.push(`${number} at ${world.time}`),
    world,
  )
  world.go()
  world.go(3)
  done = 3050
  world.go()
  t.same(told, ['0 at 1100', '1 at 2103'], 'something of the third is still to be done')
  world.go(5)
  done = 3100
  world.go()
  t.same(told.at(-1), '2 at 3105')
  world.go()
  world.go(499)
  t.equal(told.length, 3)
  world.go(1)
  t.same(told.at(-1), '3 at 4600', 'nobody waits for longer')
  t.equal(world.until, 5100, 'and the next is where it was')
  seconds.stop()
  t.equal(world.waits, undefined)
})

t.test('with the run all seconds that are over are told of, and nothing more', async t => {
  const world = new World()
  const told: number[] = []
  const seconds = eachSecond(
    0,
    () => false,
    number => told.push(number),
    world,
  )
  world.go()
  t.same(told, [], 'it waits for what is late')
  world.time = 2999
  seconds.stop()
  t.same(told, [0, 1])
  t.ok(world.waits, 'the next turn comes')
  world.go(500)
  t.equal(world.waits, undefined)
  t.same(told, [0, 1])
})
