/** The connections of a thread, looked at some at a time: by a clock that the test puts forward. */
import t from 'tap'
import type { LoadConnection } from '../../src/load/load-connection.js'
import { LoadConnections } from '../../src/load/load-connections.js'
import type { PacerWorld } from '../../src/load/pacer.js'

/** A clock, and the timer that waits. */
class StillWorld implements PacerWorld {
  time = 0
  waits: number | undefined
  #call = () => {}

  now = () => this.time

  after = (milliseconds: number, call: () => void) => {
    this.waits = milliseconds
    this.#call = call
    return () => {
      this.waits = undefined
    }
  }

  soon = (call: () => void) => this.after(0, call)

  /** Goes on until the timer is due, or so much later. */
  pass(late = 0): void {
    this.time += this.waits! + late
    this.waits = undefined
    this.#call()
  }
}

/** So many, and the places of those that were looked at since this was asked last. */
function connectionsOf(count: number, world: PacerWorld) {
  const connections = new LoadConnections(world)
  for (let i = 0; i < count; i++) connections.add({} as LoadConnection)
  const looked: number[] = []
  return {
    connections,
    look: (from = 0) => connections.look((_, place) => looked.push(from + place)),
    looked: () => looked.splice(0),
  }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

t.test('a few are looked at in one go, and all within the second', async t => {
  const world = new StillWorld()
  const { look, looked } = connectionsOf(100, world)
  look()
  t.same(looked(), numbers(0, 32))
  t.equal(world.waits, 320)
  world.pass()
  t.same(looked(), numbers(32, 64))
  // Whatever time it is that it comes late, it makes up for.
  world.pass(100)
  t.same(looked(), numbers(64, 100))
  t.equal(world.waits, undefined, 'nothing is left for this second')
})

t.test('who is left when the next second begins is looked at in the name of the one before', async t => {
  const world = new StillWorld()
  const { look, looked } = connectionsOf(100, world)
  look()
  world.pass()
  looked()
  look(1000)
  t.same(looked(), [...numbers(64, 100), ...numbers(1000, 1032)])
  t.equal(world.waits, 320)
})

t.test('few are looked at at once', async t => {
  const world = new StillWorld()
  const { look, looked } = connectionsOf(32, world)
  look()
  t.same(looked(), numbers(0, 32))
  t.equal(world.waits, undefined)
})
