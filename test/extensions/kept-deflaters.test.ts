/**
 * Memory for windows that are kept: RFC 7692 §7.1.1.1 leaves it to a sender whether it goes on with its window, so it may
 * be taken from who has been quiet. D-13.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { createInflater, deflaterSize, pinnedByDeflate } from '../../src/extensions/deflate.js'
import { DeflateMessages } from '../../src/extensions/deflate-messages.js'
import type { TransformJob } from '../../src/extensions/extension.js'
import { KeptDeflaters } from '../../src/extensions/kept-deflaters.js'

const small = { windowBits: 9, level: 6, memLevel: 1 }
const size = deflaterSize(small)
const message = Buffer.from('a message, a message, a message')

function sender(keptDeflaters: KeptDeflaters, compression = small): DeflateMessages {
  return new DeflateMessages({
    compression,
    keptDeflaters,
    incomingWindowBits: 15,
    keepsIncoming: true,
    threshold: 0,
    maxRatio: Number.POSITIVE_INFINITY,
    releaseAfter: 1000,
  })
}

function send(from: DeflateMessages, octets = message): Buffer {
  return Buffer.from(from.encode(octets, { first: true, fin: true, compress: undefined }) as Buffer)
}

t.test('D-13 many connections, memory for three windows: the quiet ones give theirs up', async t => {
  const before = pinnedByDeflate()
  const kept = new KeptDeflaters(3 * size)
  const senders = Array.from({ length: 10 }, () => sender(kept))
  for (const each of senders) {
    const alone = send(each)
    t.ok(pinnedByDeflate() - before <= 3 * size)
    t.ok(send(each).length < alone.length, 'the second message refers to the first')
  }
  t.same(
    senders.map(({ pinned }) => pinned > 0),
    [false, false, false, false, false, false, false, true, true, true],
    'those who have sent last',
  )
  const [seventh, eighth, ninth, tenth] = senders.slice(6)
  for (const busy of [eighth!, tenth!]) send(busy)
  send(seventh!)
  t.equal(ninth!.pinned, 0, 'it had been quiet while the others had not')
  t.ok(eighth!.pinned > 0 && tenth!.pinned > 0)
  for (const each of senders) each.end()
  t.equal(pinnedByDeflate(), before)
})

t.test('one there is always, and one for each message under way', async t => {
  const kept = new KeptDeflaters(0)
  const before = pinnedByDeflate()
  const [one, two, three] = [sender(kept), sender(kept), sender(kept)]
  send(one)
  t.equal(one.pinned, size)
  const job = one.encode(Buffer.alloc(100_000), { first: true, fin: true, compress: undefined }) as TransformJob
  t.equal(job.work(), undefined)
  send(two)
  t.ok(one.pinned > 0, 'not in the middle of a message')
  while (job.work() === undefined);
  send(three)
  t.same([one.pinned, two.pinned, three.pinned], [0, 0, size])
  t.equal(pinnedByDeflate(), before + size, 'one is taken over, the other is closed')
  for (const each of [one, two, three]) each.end()
  t.equal(pinnedByDeflate(), before)
})

t.test('a deflater of another kind is of no use: it is closed', async t => {
  const kept = new KeptDeflaters(deflaterSize({ windowBits: 15, level: 6, memLevel: 8 }))
  const before = pinnedByDeflate()
  const smallOnes = Array.from({ length: 5 }, () => sender(kept))
  for (const each of smallOnes) send(each)
  const others = [
    { ...small, windowBits: 15, memLevel: 8 },
    { ...small, level: 1 },
    { ...small, windowBits: 10 },
    { ...small, memLevel: 2 },
  ].map(compression => sender(kept, compression))
  for (const each of others) {
    send(each)
    t.ok(pinnedByDeflate() - before <= deflaterSize({ windowBits: 15, level: 6, memLevel: 8 }))
  }
  for (const each of [...smallOnes, ...others]) each.end()
  t.equal(pinnedByDeflate(), before)
})

t.test('whoever gives windows up to whom, every peer reads what was sent', async t => {
  const step = fc.record({
    who: fc.nat({ max: 4 }),
    of: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    times: fc.nat({ max: 9 }),
  })
  const before = pinnedByDeflate()
  fc.assert(
    fc.property(fc.nat({ max: 4 }), fc.array(step), (windows, steps) => {
      const kept = new KeptDeflaters(windows * size)
      const senders = Array.from({ length: 5 }, () => sender(kept))
      const peers = Array.from({ length: 5 }, () => createInflater(9))
      for (const { who, of, times } of steps) {
        const octets = Buffer.concat(Array(times + 1).fill(of))
        const inflated = Buffer.alloc(octets.length + 1)
        const peer = peers[who]!
        peer.begin(send(senders[who]!, octets), octets.length)
        let read = 0
        while (!peer.done) read += peer.read(inflated, read)
        assert(inflated.subarray(0, read).equals(octets))
        assert(senders.filter(({ pinned }) => pinned > 0).length <= Math.max(1, windows))
      }
      for (const each of senders) each.end()
      for (const each of peers) each.close()
      assert.equal(pinnedByDeflate(), before)
    }),
  )
  t.pass()
})
