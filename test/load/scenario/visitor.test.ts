/** One user, in a world whose clock is the test's. */
import t from 'tap'
import type { Pattern } from '../../../src/load/scenario/pattern.js'
import type { ReceiveStep, Step } from '../../../src/load/scenario/step.js'
import { Visitor } from '../../../src/load/scenario/visitor.js'
import { Told } from '../told.js'

function user(steps: readonly Step[], random = () => 0.5, overAt = Number.POSITIVE_INFINITY) {
  let now = 0
  const timers = new Map<() => void, number>()
  const lines: string[] = []
  const told = new Told()
  const visitor: Visitor = new Visitor(
    {
      script: { opening: [], steps, values: [] },
      now: () => now,
      after(milliseconds, call) {
        timers.set(call, now + milliseconds)
        return () => timers.delete(call)
      },
      until(time, call) {
        const due = () => call(time)
        timers.set(due, time)
        return () => timers.delete(due)
      },
      random,
      isOver: now => now >= overAt,
      error: kind => lines.push(`error ${kind}`),
      wrong: due => lines.push(`wrong ${due}`),
      finished: (_, due, completed) => lines.push(`finished ${due} ${completed}`),
      joined: (_, completed) => lines.push(`joined ${completed}`),
      left: () => lines.push('left'),
    },
    3,
  )
  const outlet = Object.assign(told, {
    open: true,
    send(due: number, sent: number, late: number): boolean {
      if (outlet.open) lines.push(`send ${String(visitor.next())} due ${due} sent ${sent} late ${late}`)
      return outlet.open
    },
    leave: async () => {},
  })
  return {
    visitor,
    outlet,
    timers,
    /** What has happened since the last time. */
    take: () => [...lines.splice(0), ...told.take()],
    at(time: number) {
      now = time
      for (const [call, due] of [...timers]) if (due <= now && timers.delete(call)) call()
    },
    comes: (text: string) => visitor.receive(Buffer.from(text), now),
  }
}

const send = (text: string, replies = 1): Step => ({
  kind: 'send',
  template: [text],
  json: false,
  binary: false,
  replies,
})
/** @param answers - the places of the steps that sent what is answered. */
const receive = (within = 100, count = 1, answers = [0], of?: string): ReceiveStep => {
  const match: Pattern | undefined = of === undefined ? undefined : { kind: 'regexp', source: [of] }
  const what = { label: 'answer', match, check: undefined, capture: [], within, count }
  return { kind: 'receive', ...what, answers, timed: true }
}

t.test('each message is due when what came before it was over; what the user waited for is no lateness', async t => {
  const { visitor, outlet, at, take, comes } = user([
    send('a'),
    receive(),
    { kind: 'think', time: { from: 10, to: 30 } },
    send('b'),
    receive(100, 1, [3]),
  ])
  await visitor.join(outlet)
  t.same(take(), ['joined true'])
  at(5)
  visitor.begin(2, 0)
  t.same(take(), ['send a due 2 sent 5 late 3'])
  at(7)
  comes('x')
  t.same(take(), ['answered 2 5 7'])
  at(26)
  t.same(take(), [])
  at(27)
  t.same(take(), ['send b due 27 sent 27 late 0'])
  at(40)
  comes('y')
  t.same(take(), ['finished 2 true', 'answered 27 27 40'])
  // Due while the connection was busy until 40: late is what comes behind that.
  at(41)
  visitor.begin(30, 40)
  t.same(take(), ['send a due 30 sent 41 late 1'])
})

t.test(
  'what follows a think is due when that was over by the own clock of the user, however late the generator is',
  async t => {
    const think: Step = { kind: 'think', time: { from: 100, to: 100 } }
    const { visitor, outlet, at, take, comes } = user([send('a'), receive(), think, send('b', 0), think, send('c', 0)])
    await visitor.join(outlet)
    visitor.begin(0, 0)
    at(7)
    comes('x')
    take()
    at(500)
    t.same(take(), ['send b due 107 sent 500 late 393'])
    // He would have begun to think at 107, and have said it at 207.
    at(501)
    t.same(take(), ['send c due 207 sent 501 late 294', 'finished 0 true'])
    // The connection was busy until 600: he begins then, and thinks as long as ever.
    at(601)
    visitor.begin(510, 600)
    comes('y')
    t.same(take().slice(0, 1), ['send a due 510 sent 601 late 1'])
    at(700)
    t.same(take(), [])
    at(701)
    t.same(take(), ['send b due 701 sent 701 late 0'])
  },
)

t.test('a reply that came before the end of a think, or before another reply, takes no time back', async t => {
  const think: Step = { kind: 'think', time: { from: 200, to: 200 } }
  const slow = receive(500, 1, [3], 'slow')
  const { visitor, outlet, at, take, comes } = user([
    send('a'),
    think,
    receive(),
    send('b', 2),
    slow,
    receive(100, 1, [3]),
    send('c', 0),
  ])
  await visitor.join(outlet)
  visitor.begin(0, 0)
  at(1)
  comes('x')
  take()
  at(200)
  t.same(take(), ['send b due 200 sent 200 late 0', 'answered 0 0 1'])
  at(201)
  comes('fast')
  at(500)
  comes('slow')
  const [third] = take()
  t.equal(third, 'send c due 500 sent 500 late 0')
})

t.test('replies are timed from the message that they answer, in whatever order they come', async t => {
  const think: Step = { kind: 'think', time: { from: 250, to: 250 } }
  const steps = [send('a'), think, send('b'), receive(500, 1, [2], 'fast'), receive(500, 1, [0], 'slow')]
  const one = user(steps)
  await one.visitor.join(one.outlet)
  one.visitor.begin(0, 0)
  one.at(250)
  t.equal(one.visitor.underWay, 2)
  one.at(251)
  one.comes('fast')
  one.at(300)
  one.comes('slow')
  t.same(
    one.take().filter(line => line.startsWith('answered')),
    ['answered 250 250 251', 'answered 0 0 300'],
  )
  // What does not come is lost where its message was due.
  const other = user(steps)
  await other.visitor.join(other.outlet)
  other.visitor.begin(0, 0)
  other.at(250)
  other.comes('fast')
  other.take()
  other.at(750)
  t.same(other.take(), ['error no reply: answer', 'finished 0 false', 'lost 0'])
})

t.test('the id that is looked for is that of the message which is answered, whatever was sent since', async t => {
  const ask: Step = { kind: 'send', template: ['', 'id', ''], json: false, binary: false, replies: 1 }
  const check: Pattern = { kind: 'regexp', source: ['^', 'id', ':\\d+$'] }
  const match: Pattern = { kind: 'regexp', source: ['', 'id', ''] }
  const one = { ...receive(500, 1, [0]), match, check }
  const both = { ...receive(500, 2, [1, 0]), match, check }
  for (const steps of [
    [ask, ask, one, { ...one, answers: [1] }],
    [ask, ask, both],
  ]) {
    const { visitor, outlet, at, take, comes } = user(steps)
    await visitor.join(outlet)
    visitor.begin(0, 0)
    at(10)
    comes('3-1:1')
    at(200)
    comes('3-0:2')
    const answered = ['answered 0 0 10', 'answered 0 0 200']
    const expected = steps.length === 4 ? answered.toReversed() : answered
    t.same(take().slice(3), ['finished 0 true', ...expected])
  }
})

t.test('one step may have the replies to several messages, each timed from its own', async t => {
  const think: Step = { kind: 'think', time: { from: 10, to: 10 } }
  const { visitor, outlet, at, take, comes } = user([send('a'), think, send('b'), receive(100, 2, [0, 2])])
  await visitor.join(outlet)
  visitor.begin(0, 0)
  at(10)
  take()
  comes('1')
  at(12)
  comes('2')
  t.same(take(), ['finished 0 true', 'answered 0 0 10', 'answered 10 10 12'])
})

t.test('what was here before a message left is no reply to it; what nobody can time is only counted', async t => {
  const push = { ...receive(100, 1, [3], 'tick'), timed: false }
  const think: Step = { kind: 'think', time: { from: 10, to: 10 } }
  const steps = [send('a'), receive(), think, send('b', 2), receive(100, 1, [3], 'x'), push]
  const { visitor, outlet, at, take, comes } = user(steps)
  await visitor.join(outlet)
  visitor.begin(0, 0)
  at(1)
  for (const text of ['x', 'x', 'tick']) comes(text)
  take()
  at(11)
  t.same(take(), ['send b due 11 sent 11 late 0'])
  at(15)
  comes('x')
  t.same(take(), ['finished 0 true', 'answered 11 11 15', 'partly 11 1', 'other'])
})

t.test('think times: of an exponential distribution, and what has been given up does not come back', async t => {
  const { visitor, outlet, timers, at, take } = user(
    [send('a', 0), { kind: 'think', time: { mean: 100 } }, send('b', 0)],
    () => 1 - Math.exp(-2),
  )
  await visitor.join(outlet)
  visitor.begin(0, 0)
  t.same([...timers.values()].map(Math.round), [200])
  take()
  visitor.giveUp(() => t.fail('nothing is under way'))
  t.same(take(), ['left', 'finished 0 false'])
  t.equal(timers.size, 0)
  at(1000)
  t.same(take(), [])
})

t.test('too late: what is still expected is lost, once', async t => {
  const { visitor, outlet, at, take, comes } = user([send('a', 3), receive(100, 2), receive()])
  await visitor.join(outlet)
  visitor.begin(0, 0)
  comes('1')
  t.equal(visitor.underWay, 2)
  take()
  at(100)
  t.same(take(), ['error no reply: answer', 'finished 0 false', 'lost 0', 'lost 0'])
  t.equal(visitor.underWay, 0)
  comes('2')
  t.same(take(), [])
  visitor.begin(120, 0)
  t.same(take(), ['send a due 120 sent 100 late -20', 'other'])
  visitor.giveUp(due => t.equal(due, 120))
  t.equal(visitor.underWay, 0)
})

t.test('a message that cannot leave ends it; what comes before the connection is ready is kept', async t => {
  const { visitor, outlet, take, comes } = user([send('a', 1), receive()])
  visitor.giveUp(() => t.fail('nothing is under way'))
  t.same(take(), ['left'])
  for (let i = 0; i < 70; i++) comes('early')
  await visitor.join(outlet)
  outlet.open = false
  visitor.begin(0, 0)
  const [joined, finished, ...others] = take()
  t.same([joined, finished], ['joined true', 'finished 0 false'])
  t.equal(others.length, 64)
})

t.test(
  'when the time is over: no more thinking before a reply, and with nothing under way no more of anything',
  async t => {
    const think: Step = { kind: 'think', time: { from: 10, to: 10 } }
    const { visitor, outlet, at, take, comes } = user([send('a'), think, receive(), think, send('b')], () => 0, 5)
    await visitor.join(outlet)
    at(5)
    visitor.begin(5, 0)
    t.same(take(), ['joined true', 'send a due 5 sent 5 late 0'])
    comes('x')
    t.same(take(), ['finished 5 false', 'answered 5 5 5'])
  },
)
