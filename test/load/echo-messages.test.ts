/** What an echo server can do to messages, and what is made of it. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { EchoMessages } from '../../src/load/echo-messages.js'
import { Told } from './told.js'

/** Sends messages, due at 0, 1, 2, …, and keeps what has left; and what is told of replies. */
class Wire {
  readonly left: Buffer[] = []
  readonly told: string[] = []
  readonly messages: EchoMessages

  constructor(size: number) {
    this.messages = new EchoMessages(Buffer.alloc(size, 'abcdefg'))
  }

  send(count = 1): this {
    for (let i = 0; i < count; i++) {
      const due = this.left.length
      this.left.push(Buffer.from(this.messages.next(due, due + 0.5)))
    }
    return this
  }

  receive(...replies: (number | Buffer)[]): this {
    for (const reply of replies)
      this.messages.receive(typeof reply === 'number' ? this.left[reply]! : reply, this.left.length, this)
    return this
  }

  answered(due: number, sent: number, now: number): void {
    assert.equal(sent, due + 0.5)
    assert.equal(now, this.left.length)
    this.told.push(`answered ${due}`)
  }

  lost(due: number): void {
    this.told.push(`lost ${due}`)
  }

  partly(): void {}

  begins(): void {}

  reachedAll(): void {}

  other(): void {}

  wrong(): void {
    this.told.push('wrong')
  }
}

t.test('every message that comes back is told with its times; those in between are lost', async t => {
  const sizes = fc.constantFrom(2, 3, 4, 5, 20)
  // How many are sent, and of how many each reply is the one that survives.
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 12 })), { maxLength: 200 })
  fc.assert(
    fc.property(sizes, steps, (size, steps) => {
      const wire = new Wire(size)
      const expected: string[] = []
      let next = 0
      for (const [sent, skipped] of steps) {
        wire.send(sent)
        if (next + skipped >= wire.left.length) continue
        for (let i = 0; i < skipped; i++) expected.push(`lost ${next++}`)
        expected.push(`answered ${next}`)
        wire.receive(next++)
        assert.equal(wire.messages.underWay, wire.left.length - next)
      }
      assert.deepEqual(wire.told, expected)
      wire.messages.giveUp(due => assert.equal(due, next++))
      assert.equal(next, wire.left.length)
    }),
  )
  t.pass()
})

t.test('messages are ASCII, and no two of 16 million are the same', async t => {
  const wire = new Wire(4).send(5000)
  t.equal(new Set(wire.left.map(String)).size, 5000)
  t.ok(wire.left.every(octets => octets.every(octet => octet >= 0x20 && octet < 0x7f)))
})

const stories: [string, number, (wire: Wire) => unknown, string[], underWay: number][] = [
  [
    'a reply twice',
    20,
    wire => wire.send(3).receive(0, 0, 1, 2),
    ['answered 0', 'wrong', 'answered 1', 'answered 2'],
    0,
  ],
  [
    'another length stands for the reply that is due',
    20,
    wire => wire.send(2).receive(Buffer.from('no'), 1),
    ['wrong', 'answered 1'],
    0,
  ],
  ['octets behind the number that were changed', 20, wire => wire.send(1).receive(changed(wire, 19)), ['wrong'], 0],
  [
    'the same, of a message that is looked at again after a while',
    20,
    wire => {
      for (let i = 0; i < 64; i++) wire.send().receive(i)
      wire.told.length = 0
      return wire.send().receive(changed(wire, 19))
    },
    ['wrong'],
    0,
  ],
  ['something that nobody asked for', 20, wire => wire.receive(Buffer.alloc(20)), ['wrong'], 0],
  [
    'empty messages are told apart by their number only',
    0,
    wire => wire.send(2).receive(0, 1),
    ['answered 0', 'answered 1'],
    0,
  ],
  ['more empty ones than were sent', 0, wire => wire.send(1).receive(0, 0), ['answered 0', 'wrong'], 0],
  ['one octet', 1, wire => wire.send(3).receive(0, 2), ['answered 0', 'lost 1', 'answered 2'], 0],
  ['one octet, changed', 1, wire => wire.send(1).receive(Buffer.from('\xff', 'latin1')), ['wrong'], 0],
]
for (const [name, size, play, told, underWay] of stories) {
  t.test(name, async t => {
    const wire = new Wire(size)
    play(wire)
    t.same(wire.told, told)
    t.equal(wire.messages.underWay, underWay)
  })
}

function changed(wire: Wire, at: number): Buffer {
  const octets = Buffer.from(wire.left.at(-1)!)
  octets[at]! ^= 1
  return octets
}

t.test('several payloads take turns, and each is compared with its own', async t => {
  const payloads = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc', 'dddddddd'].map(text => Buffer.from(text))
  const told: string[] = []
  const owner = {
    ...new Told(),
    answered: (due: number) => told.push(`answered ${due}`),
    wrong: () => told.push('wrong'),
  }
  const messages = new EchoMessages(...payloads)
  const sent = Array.from({ length: 10 }, (_, due) => Buffer.from(messages.next(due, due)))
  t.equal(sent.map(one => String.fromCharCode(one[7]!)).join(''), 'abcdabcdab')
  const other = Buffer.from(sent[4]!)
  other[7] = sent[5]![7]!
  for (const reply of [...sent.slice(0, 4), other, ...sent.slice(5)]) messages.receive(reply, 10, owner as never)
  t.same(
    told,
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(due => (due === 4 ? 'wrong' : `answered ${due}`)),
  )
})
