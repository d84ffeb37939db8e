/** A pacer in a world of its own, where time goes by only when the test says so. */
import t from 'tap'
import { eventLoop, Pacer, type PacerWorld } from '../../src/load/pacer.js'

/** Timers come as late as they are told to; each turn of the loop takes a while. */
class SlowWorld implements PacerWorld {
  time = 1000
  readonly log: string[] = []
  #pending: { at: number; call: () => void } | undefined

  readonly #timerLate: number
  readonly #turn: number

  constructor(timerLate: number, turn: number) {
    this.#timerLate = timerLate
    this.#turn = turn
  }

  now = () => this.time

  after = (milliseconds: number, call: () => void) => {
    this.log.push(`sleep ${milliseconds}`)
    return this.#wait(this.time + milliseconds + this.#timerLate, call)
  }

  soon = (call: () => void) => this.#wait(this.time + this.#turn, call)

  #wait(at: number, call: () => void): () => void {
    this.#pending = { at, call }
    return () => {
      this.#pending = undefined
    }
  }

  /** Goes on until nothing waits any more. */
  run(): void {
    for (let pending = this.#pending; pending !== undefined; pending = this.#pending) {
      this.#pending = undefined
      this.time = pending.at
      pending.call()
    }
  }
}

function timesOf(...times: number[]) {
  const all = {
    before: -1,
    next(from = 0): number {
      do all.before++
      while (times[all.before]! < from)
      return times[all.before] ?? Number.POSITIVE_INFINITY
    },
  }
  return all
}

/** What a pacer has done, and how late, and what it gave up: the first time of each millisecond, and how many. */
function paced(world: SlowWorld) {
  const done: [due: number, late: number][] = []
  const missed: [first: number, count: number][] = []
  return {
    done,
    given: missed,
    due: (time: number) => void done.push([time - 1000, Math.round((world.time - time) * 1000) / 1000]),
    missed: (time: number, count: number) => void missed.push([time - 1000, count]),
  }
}

t.test('it sleeps until two milliseconds before a time, then turns: as late as a turn is long', async t => {
  const world = new SlowWorld(1.1, 0.03)
  const all = paced(world)
  const pacer = new Pacer(timesOf(0, 10, 10.5, 60), 1000, 100, all, world)
  world.run()
  await pacer.finished
  t.same(
    all.done.map(([due]) => due),
    [0, 10, 10.5, 60],
  )
  t.ok(
    all.done.every(([, late]) => late >= 0 && late <= 0.03),
    JSON.stringify(all.done),
  )
  t.same(world.log, ['sleep 7', 'sleep 47'])
  t.same(all.given, [])
})

t.test('what is overdue is done at once, but no more than 32 in a turn', async t => {
  const world = new SlowWorld(0, 1)
  const all = paced(world)
  new Pacer(timesOf(...Array<number>(40).fill(0)), 1000, 100, all, world)
  world.run()
  t.same(
    all.done.map(([, late]) => late),
    [...Array<number>(32).fill(1), ...Array<number>(8).fill(2)],
  )
})

t.test('what is overdue a second behind the end is given up', async t => {
  const world = new SlowWorld(0, 800)
  const all = paced(world)
  const times = Array.from({ length: 100 }, (_, i) => i / 10)
  const pacer = new Pacer(timesOf(...times), 1000, 10, all, world)
  world.run()
  await pacer.finished
  t.equal(all.done.length, 32)
  t.same(
    all.given.map(([time, count]) => [Math.round(time * 10) / 10, count]),
    [[3.2, 8], ...[4, 5, 6, 7, 8, 9].map(first => [first, 10])],
  )
})

t.test('what is given up is so in turns, a tenth of a second in each: whoever stops it is heard', async t => {
  const world = new SlowWorld(0, 800)
  const all = paced(world)
  const { soon } = world
  let turns = 0
  world.soon = call => {
    turns++
    // Behind the first hundred it goes on when it is told; told again behind the third it does not.
    if (turns === 3 || turns === 5) pacer.stop()
    return soon(call)
  }
  const pacer = new Pacer(timesOf(...Array.from({ length: 1000 }, (_, i) => i)), 1000, 10, all, world)
  world.run()
  await pacer.finished
  t.equal(all.done.length, 32)
  t.same(
    all.given,
    Array.from({ length: 300 }, (_, i) => [32 + i, 1]),
  )
})

t.test('stopped while it is behind, it gives up what was due by then, and nothing that was not', async t => {
  const times = Array.from({ length: 4000 }, (_, i) => i / 4)
  // Awake, or asleep for longer than it was to be.
  for (const asleep of [false, true]) {
    const world = new SlowWorld(0, 1)
    const all = paced(world)
    const pacer = new Pacer(timesOf(...(asleep ? times.map(time => time + 10) : times)), 1000, 1000, all, world)
    world.time = asleep ? 1510 : 1500
    pacer.stop()
    t.equal(pacer.passed(1500), false)
    world.run()
    await pacer.finished
    t.equal(pacer.passed(1e9), true)
    t.same(all.done, [])
    t.same(
      all.given,
      Array.from({ length: 500 }, (_, i) => [i + (asleep ? 10 : 0), 4]),
    )
  }
})

t.test('who is late by no more than others take in their turn is not behind', async t => {
  for (const [late, given] of [
    [10, []],
    [
      10.5,
      [
        [0, 1],
        [10, 1],
      ],
    ],
  ] as const) {
    const world = new SlowWorld(0, 1)
    const all = paced(world)
    const pacer = new Pacer(timesOf(0, 10, 11), 1000, 100, all, world)
    world.time += late
    pacer.stop()
    world.run()
    await pacer.finished
    t.same(all.given, given, `${late} ms`)
  }
})

t.test('stopped, it does nothing more', async t => {
  const world = new SlowWorld(0, 1)
  const all = paced(world)
  const pacer = new Pacer(timesOf(0, 50), 1000, 100, all, world)
  pacer.stop()
  world.run()
  await pacer.finished
  t.same(all.done, [])
})

t.test('by the clock of this machine nothing comes too early', async t => {
  const early: number[] = []
  const due = (time: number) => {
    if (performance.now() < time) early.push(time)
  }
  const pacer = new Pacer(timesOf(0, 1, 5, 5.2, 12), eventLoop.now(), 20, { due, missed: due })
  await pacer.finished
  t.same(early, [])
  const nothing = new Pacer(timesOf(), eventLoop.now(), 20, { due, missed: due })
  nothing.stop()
  await nothing.finished
  const stopped = [0, 100].map(
    time => new Pacer(timesOf(time), eventLoop.now() + time, 20, { due: () => t.fail(), missed: due }),
  )
  for (const pacer of stopped) pacer.stop()
  await Promise.all(stopped.map(pacer => pacer.finished))
})
