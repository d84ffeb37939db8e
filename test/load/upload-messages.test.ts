/** Messages that nobody replies to: what is told of which. */
import t from 'tap'
import { UploadMessages } from '../../src/load/upload-messages.js'
import { Told } from './told.js'

t.test('each is over when it is confirmed, the oldest first; the others are given up', async t => {
  const owner = new Told()
  const payload = Buffer.from('much')
  const messages = new UploadMessages(payload)
  messages.join()
  t.equal(messages.next(1, 2), payload, 'the same octets, lent')
  messages.next(3, 4)
  messages.next(5, 6)
  t.equal(messages.underWay, 3)
  messages.confirmed(1, 10, owner)
  t.same(owner.take(), ['answered 1 2 10'])
  messages.receive(Buffer.from('much'), 11, owner)
  t.same(owner.take(), ['other'])
  const lost: number[] = []
  messages.giveUp(due => lost.push(due))
  t.same(lost, [3, 5])
  messages.confirmed(3, 12, owner)
  t.same([owner.take(), messages.underWay], [[], 0])
})

t.test('several are confirmed at once, and what was confirmed with a later one is so no more', async t => {
  const owner = new Told()
  const messages = new UploadMessages(Buffer.from('much'))
  for (const due of [1, 3, 5, 7]) messages.next(due, due + 1)
  messages.confirmed(3, 10, owner)
  t.same(owner.take(), ['answered 1 2 10', 'answered 3 4 10', 'answered 5 6 10'])
  messages.confirmed(2, 11, owner)
  t.same([owner.take(), messages.underWay], [[], 1])
  messages.confirmed(4, 12, owner)
  t.same(owner.take(), ['answered 7 8 12'])
})

t.test('what was waited for too long is given up, and its confirmation is not that of the next one', async t => {
  const owner = new Told()
  const messages = new UploadMessages(Buffer.from('much'))
  const lost: number[] = []
  const expire = (before: number) => messages.expire(before, due => lost.push(due))
  messages.next(1, 2)
  messages.next(3, 4)
  expire(2)
  t.same([lost, messages.underWay], [[], 2])
  expire(3)
  t.same([lost, messages.underWay], [[1], 1])
  messages.confirmed(1, 10, owner)
  t.same(owner.take(), [])
  messages.confirmed(2, 11, owner)
  t.same(owner.take(), ['answered 3 4 11'])
  messages.next(5, 6)
  expire(100)
  t.same([lost, messages.underWay], [[1, 5], 0])
  messages.giveUp(due => lost.push(due))
  messages.next(7, 8)
  messages.confirmed(4, 12, owner)
  t.same([owner.take(), lost], [['answered 7 8 12'], [1, 5]])
})

t.test('several payloads take turns', async t => {
  const payloads = ['a', 'b', 'c', 'd'].map(text => Buffer.from(text))
  const messages = new UploadMessages(...payloads)
  t.equal(Array.from({ length: 6 }, () => String(messages.next(0, 0))).join(''), 'abcdab')
})
