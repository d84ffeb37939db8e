/** What an echo server can do to messages, and what is made of it. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { EchoMessages } from '../../src/load/echo-messages.js'
import { Told } from './told.js'

/** Sends messages, due at 0, 1, 2, …, and keeps what has left; and what is told of replies. */
class Wire {
  readonly left: Buffer[] = []
  readonly owner = new Told()
  readonly messages: EchoMessages
  now = 0

  constructor(size: number, text = false) {
    this.messages = new EchoMessages(text, Buffer.alloc(size, 'abcdefg'))
  }

  send(count = 1): this {
    for (let i = 0; i < count; i++) {
      const due = this.left.length
      this.left.push(Buffer.from(this.messages.next(due, due + 0.5)))
    }
    return this
  }

  receive(...replies: (number | Buffer)[]): this {
    for (const reply of replies) {
      this.messages.receive(typeof reply === 'number' ? this.left[reply]! : reply, this.now, this.owner, false)
    }
    return this
  }

  /** A reply in which an octet was changed, by default the last. */
  changed(number: number, at = this.left[number]!.length - 1): Buffer {
    const octets = Buffer.from(this.left[number]!)
    octets[at]! ^= 1
    return octets
  }

  /** What was told, by kind: when messages were due. */
  get told(): Record<'answered' | 'wrong' | 'lost' | 'other', number[]> {
    const told = { answered: [], wrong: [], lost: [], other: [] } as Record<string, number[]>
    for (const line of this.owner.lines) {
      const [kind, due, sent, now] = line.split(' ')
      told[kind!]!.push(Number(due ?? 0))
      if (kind === 'answered') assert.deepEqual([Number(sent), Number(now)], [Number(due) + 0.5, this.now])
    }
    return told as never
  }

  /** What is left when the connection ends, by what came instead. */
  giveUp(): Record<'none' | 'later' | 'wrong', number[]> {
    const left = { none: [] as number[], later: [] as number[], wrong: [] as number[] }
    this.messages.giveUp((due, came) => left[came ?? 'none'].push(due))
    assert.deepEqual([this.messages.underWay, this.messages.awaited], [0, 0])
    return left
  }
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

t.test('replies in any order: each is told once with its times, and what never came at the end', async t => {
  const sizes = fc.constantFrom(3, 4, 5, 20, 100)
  // How many are sent, and which of those under way are answered, as shares of them.
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  const steps = fc.array(fc.tuple(fc.nat(9), fc.array(share, { maxLength: 9 })), { maxLength: 25 })
  fc.assert(
    fc.property(sizes, steps, (size, steps) => {
      const wire = new Wire(size)
      const under: number[] = []
      const answered: number[] = []
      for (const [count, replies] of steps) {
        under.push(...upTo(count).map(i => wire.left.length + i))
        wire.send(count)
        for (const share of replies.slice(0, under.length)) {
          const [number] = under.splice(Math.floor(share * under.length), 1)
          answered.push(number!)
          wire.receive(number!)
        }
        assert.equal(wire.messages.awaited, under.length)
      }
      assert.deepEqual(wire.told, { answered, wrong: [], lost: [], other: [] })
      const last = Math.max(-1, ...answered)
      const left = wire.giveUp()
      assert.deepEqual(
        sorted(left.later),
        under.filter(number => number < last),
      )
      assert.deepEqual(
        left.none,
        under.filter(number => number > last),
      )
    }),
  )
  t.pass()
})

t.test('whatever comes, each message comes to one end, and what a server pushes hides no reply', async t => {
  const acts = fc.constantFrom('answer', 'answer', 'lose', 'change', 'cut', 'push', 'double')
  fc.assert(
    fc.property(fc.constantFrom(4, 20, 100), fc.array(fc.tuple(fc.nat(3), acts), { maxLength: 200 }), (size, steps) => {
      const wire = new Wire(size)
      const ends = { answer: [] as number[], lose: [] as number[], change: [] as number[], cut: [] as number[] }
      let [next, pushed] = [0, 0]
      for (const [count, act] of steps) {
        wire.send(count)
        if (act === 'push') wire.receive(Buffer.from('{"event":"tick"}'))
        else if (act === 'double' && ends.answer.length > 0) wire.receive(ends.answer.at(-1)!)
        if (act === 'push' || (act === 'double' && ends.answer.length > 0)) pushed++
        else if (act !== 'double' && next < wire.left.length) {
          ends[act].push(next)
          if (act === 'answer') wire.receive(next)
          if (act === 'change') wire.receive(size === 4 ? Buffer.from('no') : wire.changed(next))
          if (act === 'cut') wire.receive(wire.left[next]!.subarray(0, 4 - (size === 4 ? 1 : 0)))
          next++
        }
      }
      const { told } = wire
      const left = wire.giveUp()
      const all = [...told.answered, ...told.wrong, ...told.lost, ...left.later, ...left.wrong, ...left.none]
      assert.deepEqual(sorted(all), upTo(wire.left.length))
      assert.deepEqual(told.answered, ends.answer)
      // Where none was lost, all that was pushed is known as such, and all that was wrong.
      const wrong = sorted([...ends.change, ...ends.cut])
      if (ends.lose.length === 0 && size > 4 && next === wire.left.length) {
        assert.equal(told.other.length, pushed)
        assert.deepEqual(sorted([...told.wrong, ...left.wrong]), wrong)
      }
    }),
  )
  t.pass()
})

t.test('every octet of every message is looked at, whatever its size', async t => {
  for (const size of [4, 5, 20, 48, 49, 128, 1000, 70_000]) {
    for (const at of [...new Set([4, size >> 1, size - 2, size - 1])].filter(at => at >= 4 && at < size)) {
      const wire = new Wire(size).send(100)
      for (const number of upTo(100)) wire.receive(number % 10 === 3 ? wire.changed(number, at) : number)
      const wrong = upTo(100).filter(number => number % 10 === 3)
      t.same(wire.told.wrong, wrong, `octet ${at} of ${size}`)
      t.equal(wire.told.answered.length, 90)
    }
  }
})

t.test('text in the place of binary is wrong, and the other way round', async t => {
  for (const text of [false, true]) {
    const wire = new Wire(20, text).send(3)
    wire.messages.receive(wire.left[0]!, 0, wire.owner, text)
    wire.messages.receive(wire.left[1]!, 0, wire.owner, !text)
    wire.messages.receive(wire.left[2]!, 0, wire.owner, text)
    t.match(wire.told, { answered: [0, 2], wrong: [1], other: [] })
  }
})

t.test('messages are ASCII, and no two of 16 million are the same', async t => {
  const wire = new Wire(4).send(5000)
  t.equal(new Set(wire.left.map(String)).size, 5000)
  t.ok(wire.left.every(octets => octets.every(octet => octet >= 0x20 && octet < 0x7f)))
})

const what = Buffer.from('something else')
const stories: [string, number, (wire: Wire) => unknown, Partial<Wire['told']>, underWay: number, awaited?: number][] =
  [
    ['a reply twice', 20, wire => wire.send(3).receive(0, 0, 1, 2), { answered: [0, 1, 2], other: [0] }, 0],
    [
      'something before anything was sent',
      20,
      wire => wire.receive(what).send(1).receive(0),
      { answered: [0], other: [0] },
      0,
    ],
    ['of something instead of a reply nobody knows at first', 20, wire => wire.send(2).receive(what), {}, 1, 2],
    ['until the reply comes', 20, wire => wire.send(2).receive(what, 0), { answered: [0], other: [0] }, 1],
    ['or the next one', 20, wire => wire.send(2).receive(what, 1), { answered: [1], wrong: [0] }, 0],
    ['more than was asked for', 20, wire => wire.send(1).receive(what, what, what), { other: [0, 0] }, 0, 1],
    [
      'its number, and nothing else of it',
      20,
      wire => wire.send(1).receive(Buffer.alloc(20, '0')),
      { answered: [], wrong: [0] },
      0,
    ],
    ['a number that is none', 20, wire => wire.send(1).receive(Buffer.alloc(20, 0xff)), {}, 0, 1],
    [
      'one that another connection has sent',
      20,
      wire => wire.send(2).receive(new Wire(20).send(900).left[800]!, 1),
      { answered: [1], wrong: [0] },
      0,
    ],
    [
      'an overtaken one that is not what was sent',
      20,
      wire => wire.send(2).receive(1, wire.changed(0)),
      { answered: [1], wrong: [0] },
      0,
    ],
    ['an overtaken one twice', 20, wire => wire.send(2).receive(1, 0, 0), { answered: [1, 0], other: [0] }, 0],
    [
      'an overtaken one that is late',
      20,
      wire => {
        wire.send(3).receive(1)
        wire.owner.lines.length = 0
        wire.now = 1000
        return wire.receive(2, 0)
      },
      { answered: [2], lost: [0], other: [0] },
      0,
    ],
    [
      'more overtaken ones than are kept',
      20,
      wire => wire.send(301).receive(300),
      { answered: [300], lost: upTo(44) },
      0,
      256,
    ],
    [
      'a server that answers everything with the same: no more than that stay open',
      20,
      wire => wire.send(300).receive(...Array.from({ length: 300 }, () => what)),
      { wrong: upTo(44) },
      0,
      256,
    ],
    [
      'empty messages are told apart by their number only',
      0,
      wire => wire.send(2).receive(0, 1),
      { answered: [0, 1] },
      0,
    ],
    ['more empty ones than were sent', 0, wire => wire.send(1).receive(0, 0), { answered: [0], other: [0] }, 0],
    ['something for an empty one', 0, wire => wire.send(1).receive(what), {}, 0, 1],
    ['one octet', 1, wire => wire.send(3).receive(0, 2), { answered: [0, 2] }, 0, 1],
    ['one octet, changed', 1, wire => wire.send(1).receive(Buffer.from('\xff', 'latin1')), {}, 0, 1],
  ]
for (const [name, size, play, told, underWay, awaited = underWay] of stories) {
  t.test(name, async t => {
    const wire = new Wire(size)
    play(wire)
    t.same(wire.told, { answered: [], wrong: [], lost: [], other: [], ...told })
    t.equal(wire.messages.underWay, underWay)
    t.equal(wire.messages.awaited, awaited)
    wire.giveUp()
  })
}

t.test(
  'who answers with something else each time is known by that within a second, and at once from then on',
  async t => {
    const wire = new Wire(20).send(4).receive(0, what)
    const told = () => wire.owner.take().map(line => line.replace(/( \d+) .*/, '$1'))
    t.same(told(), ['answered 0'])
    wire.now = 999
    wire.receive(what)
    t.same([told(), wire.messages.underWay, wire.messages.awaited], [[], 1, 3])
    wire.now = 1000
    wire.receive(what)
    t.same([told(), wire.messages.awaited], [['wrong 1', 'wrong 2', 'wrong 3'], 0])
    wire.send(2).receive(what)
    t.same([told(), wire.messages.awaited], [[], 2], 'of two one may have been pushed')
    wire.receive(what)
    t.same(told(), ['wrong 4', 'wrong 5'])
    // A right one tells that what comes may be pushed, in its turn or late.
    for (const right of [5, 10]) {
      wire.send(right === 10 ? 5 : 4).receive(right, what, what)
      wire.now += 999
      wire.receive(what)
      t.same(told(), [right === 10 ? 'answered 10' : 'other'])
      wire.now++
      wire.receive(what)
      t.same(
        told(),
        [1, 2, 3, 4].map(behind => `wrong ${right + behind}`),
      )
    }
  },
)

t.test('it is known also where nothing more comes; but not of a server that is slow, and pushes', async t => {
  const wire = new Wire(20)
  const wrong: number[] = []
  const look = (now: number) =>
    wire.messages.expire(
      Number.NEGATIVE_INFINITY,
      (due, came) => {
        t.equal(came, 'wrong')
        wrong.push(due)
      },
      now,
    )
  wire.send(2).receive(what)
  look(5000)
  t.same([wrong, wire.messages.underWay], [[], 1])
  wire.now = 5000
  wire.receive(what)
  look(5000)
  t.same([wrong, wire.told.wrong, wire.messages.awaited], [[], [0, 1], 0], 'the first was there for long')
  wire.send(1).receive(2).send(1).receive(what)
  look(5999)
  t.same([wrong, wire.messages.awaited], [[], 1])
  look(6000)
  t.same([wrong, wire.messages.awaited], [[3], 0])
})

t.test('several payloads take turns, and each is compared with its own', async t => {
  const payloads = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'].map(text => Buffer.from(text))
  const owner = new Told()
  const messages = new EchoMessages(false, ...payloads)
  const sent = Array.from({ length: 10 }, (_, due) => Buffer.from(messages.next(due, due)))
  t.equal(sent.map(one => String.fromCharCode(one[7]!)).join(''), 'abcdabcdab')
  const other = Buffer.from(sent[4]!)
  other[7] = sent[5]![7]!
  for (const reply of [...sent.slice(0, 4), other, ...sent.slice(5)]) messages.receive(reply, 10, owner, false)
  t.same(
    owner.lines,
    upTo(10).map(due => (due === 4 ? 'wrong 4' : `answered ${due} ${due} 10`)),
  )
})

t.test(
  'what was waited for too long is given up; a reply that comes later all the same is none of those that are waited for',
  async t => {
    // More than would be known as second replies.
    for (const count of [3, 300]) {
      const wire = new Wire(20).send(count)
      const expired = { none: [] as number[], later: [] as number[], wrong: [] as number[] }
      const expire = (before: number) => wire.messages.expire(before, (due, came) => expired[came ?? 'none'].push(due))
      expire(0.5)
      t.equal(wire.messages.underWay, count)
      expire(count - 1)
      t.same(expired, { none: Array.from({ length: count - 1 }, (_, due) => due), later: [], wrong: [] })
      t.equal(wire.messages.underWay, 1)
      wire.send(count)
      // The late ones first, and then the others, in their order.
      wire.receive(...Array.from({ length: 2 * count }, (_, number) => number))
      const { answered, wrong, lost, other } = wire.told
      t.same([answered.length, wrong.length, lost.length, other.length], [count + 1, 0, 0, count - 1])
      t.equal(wire.messages.awaited, 0)
    }
  },
)

t.test('what others have overtaken, or something stands in the place of, is given up as such', async t => {
  const wire = new Wire(20).send(4).receive(1, Buffer.from('something else'))
  const expired: [due: number, came: string | undefined][] = []
  const expire = (before: number) => wire.messages.expire(before, (due, came) => expired.push([due, came]))
  expire(0.5)
  t.same(expired, [])
  expire(3)
  t.same(expired, [
    [0, 'later'],
    [2, 'wrong'],
  ])
  t.same([wire.messages.underWay, wire.messages.awaited], [1, 1])
  wire.receive(3)
  t.same(wire.told, { answered: [1, 3], wrong: [], lost: [], other: [] })
})
