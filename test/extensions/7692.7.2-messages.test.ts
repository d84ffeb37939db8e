/**
 * RFC 7692 §7.2 Message Payload Transformation, message by message: what is compressed and what is not, windows that are
 * kept and windows that are not, long messages in slices; D-01, D-07, D-11 and the bounds on what a message may cost.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { constants, deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import t from 'tap'
import { pinnedByDeflate } from '../../src/extensions/deflate.js'
import { DeflateMessages, type DeflateSettings } from '../../src/extensions/deflate-messages.js'
import type { TransformJob } from '../../src/extensions/extension.js'
import { KeptDeflaters } from '../../src/extensions/kept-deflaters.js'

const MiB = 1024 * 1024
const whole = { first: true, fin: true, compress: undefined }

function messages(
  more: Partial<DeflateSettings & { windowBits: number; keepsOutgoing: boolean }> = {},
): DeflateMessages {
  const { windowBits = 15, keepsOutgoing = true, ...settings } = more
  return new DeflateMessages({
    compression: { windowBits, level: 6, memLevel: 8 },
    keptDeflaters: keepsOutgoing ? new KeptDeflaters(Number.POSITIVE_INFINITY) : undefined,
    incomingWindowBits: windowBits,
    keepsIncoming: true,
    threshold: 0,
    maxRatio: Number.POSITIVE_INFINITY,
    releaseAfter: 1000,
    ...settings,
  })
}

function finish(result: Buffer | TransformJob): Buffer {
  if (Buffer.isBuffer(result)) return result
  for (;;) {
    const octets = result.work()
    if (octets !== undefined) return octets
  }
}

function encode(from: DeflateMessages, octets: Buffer, message = whole): Buffer {
  return Buffer.from(finish(from.encode(octets, message)))
}

function decode(to: DeflateMessages, octets: Buffer, limit = 100 * MiB): Buffer {
  return Buffer.from(finish(to.decode(octets, limit)))
}

function deflated(octets: Buffer): Buffer {
  return deflateRawSync(octets, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
}

t.test('D-11 7692 §7.2.1 7692 §7.2.2 windows kept or not, each direction: 1,000 messages', async t => {
  for (const keeps of [true, false]) {
    const from = messages({ keepsOutgoing: keeps })
    const to = messages({ keepsIncoming: keeps })
    const lengths: number[] = []
    for (let n = 0; n < 1000; n++) {
      const message = Buffer.from(JSON.stringify({ symbol: 'ABC', price: (n * 7919) % 997, n }).repeat(3))
      const sent = encode(from, message)
      lengths.push(sent.length)
      assert(decode(to, sent).equals(message))
      // Without takeover each message can be read alone.
      if (!keeps) assert(decode(messages(), sent).equals(message))
    }
    const first = lengths[0]!
    t.equal(lengths.at(-1)! < first / 2, keeps, `${first} octets, at last ${lengths.at(-1)}`)
    for (const end of [from, to]) end.end()
  }
})

t.test(
  '7692 §7.2.1 without takeover the same message is the same octets every time, whoever else compresses',
  async t => {
    const [one, another] = [messages({ keepsOutgoing: false }), messages({ keepsOutgoing: false })]
    const first = encode(one, Buffer.from('Hello, hello, hello'))
    encode(another, Buffer.from('hello, hello, Hello'))
    t.same(encode(one, Buffer.from('Hello, hello, hello')), first)
    t.equal(one.pinned + another.pinned, 0)
  },
)

t.test('what is compressed: the threshold, what the application says, what is empty', async t => {
  const from = messages({ threshold: 20 })
  const cases: [size: number, message: typeof whole | { compress: boolean }, compressed: boolean][] = [
    [19, whole, false],
    [20, whole, true],
    [19, { ...whole, compress: true }, true],
    [100, { ...whole, compress: false }, false],
    [0, { ...whole, compress: true }, false],
    [0, { ...whole, fin: false }, true],
    [5, { ...whole, fin: false }, true],
    [5, { ...whole, fin: false, compress: false }, false],
  ]
  for (const [size, message, compressed] of cases) {
    const octets = Buffer.alloc(size, 0x61)
    const result = from.encode(octets, message as typeof whole)
    t.equal(result !== octets, compressed, `${size} octets, ${JSON.stringify(message)}`)
  }
  from.end()
})

t.test('what does not shrink goes as it is; never where a kept window has taken it in', async t => {
  for (const size of [10, 1000, 65_536, 65_537, 200_000]) {
    const octets = randomBytes(size)
    const forgetful = messages({ keepsOutgoing: false })
    t.equal(finish(forgetful.encode(octets, whole)), octets, `${size} octets`)
    const keeping = messages()
    const to = messages()
    const sent = encode(keeping, octets)
    t.ok(sent.length > octets.length, `${size} octets, kept`)
    t.same(decode(to, sent), octets)
    const again = encode(keeping, octets.subarray(0, 1000))
    t.ok(size < 1000 || size > 32_768 || again.length < 50, 'the window has it')
    t.same(decode(to, again), octets.subarray(0, 1000))
    for (const end of [keeping, to]) end.end()
  }
})

t.test('7692/7.2.1-5 a message that the application sends in fragments', async t => {
  for (const keeps of [true, false]) {
    const from = messages({ keepsOutgoing: keeps })
    const other = messages({ keepsOutgoing: keeps })
    const to = messages({ keepsIncoming: keeps })
    for (let n = 0; n < 3; n++) {
      const parts = [Buffer.from('Hello, '), randomBytes(100_000), Buffer.alloc(0), Buffer.from('Hello, ')]
      const sent = parts.map((part, index) => {
        // Somebody else's message in between: a window under way is not the shared one.
        encode(other, Buffer.from('in between, in between'))
        return encode(from, part, { first: index === 0, fin: index === 3, compress: undefined })
      })
      t.ok(sent.slice(0, 3).every(part => part.subarray(-4).equals(Buffer.from('0000ffff', 'hex'))))
      t.same(decode(to, Buffer.concat(sent)), Buffer.concat(parts), `keeps ${keeps}, ${n}`)
    }
    const last = encode(from, Buffer.from('Hello, '), { first: true, fin: false, compress: undefined })
    const end = encode(from, Buffer.alloc(0), { first: false, fin: true, compress: undefined })
    t.same(end, Buffer.from([0]), '7692 §7.2.3.6 an empty last fragment')
    t.same(decode(to, Buffer.concat([last, end])), Buffer.from('Hello, '))
    for (const one of [from, other, to]) one.end()
  }
})

t.test('7692/7.2.1-1 long messages are done in slices, and others in between', async t => {
  for (const keeps of [true, false]) {
    const [from, to] = [messages({ keepsOutgoing: keeps }), messages({ keepsIncoming: keeps })]
    const [from2, to2] = [messages({ keepsOutgoing: keeps }), messages({ keepsIncoming: keeps })]
    const long = Buffer.concat([randomBytes(500_000), Buffer.alloc(5_000_000, 'abcdefgh'), randomBytes(100_000)])
    const encoding = from.encode(long, whole) as TransformJob
    let sent: Buffer | undefined
    let slices = 0
    for (; sent === undefined; slices++) {
      sent = encoding.work()
      const short = Buffer.from('short, short, short')
      assert(decode(to2, encode(from2, short)).equals(short))
    }
    t.ok(slices > 5_600_000 / 65_536, `${slices} slices`)
    const decoding = to.decode(sent, 10 * MiB) as TransformJob
    let received: Buffer | undefined
    for (slices = 0; received === undefined; slices++) {
      received = decoding.work()
      const short = Buffer.from('short, short, short')
      assert(decode(to2, encode(from2, short)).equals(short))
    }
    t.ok(slices >= 8, `${slices} slices`)
    t.ok(received.equals(long))
    for (const one of [from, to, from2, to2]) one.end()
  }
})

t.test('D-01 10 MiB and 1 GiB of zeros: 1009 soon', async t => {
  const to = messages()
  for (const size of [10 * MiB, 1024 * MiB]) {
    // 1 MiB of zeros deflates to blocks that can stand any number of times.
    const part = deflateRawSync(Buffer.alloc(MiB), { finishFlush: constants.Z_FULL_FLUSH })
    const bomb = Buffer.concat([...Array(size / MiB).fill(part), Buffer.from([0])])
    const { arrayBuffers } = process.memoryUsage()
    const job = to.decode(bomb, MiB) as TransformJob
    let slices = 0
    const run = () => {
      for (; slices < 100; slices++) job.work()
    }
    t.throws(run, { code: 'WS_MESSAGE_TOO_BIG' })
    t.ok(slices <= 3, `${slices} slices`)
    const grown = process.memoryUsage().arrayBuffers - arrayBuffers
    t.ok(grown <= 4 * MiB, `${grown} octets of memory`)
    to.end()
  }
})

t.test('D-07 nothing in many octets: empty blocks and final blocks', async t => {
  const to = messages()
  t.same(to.decode(Buffer.alloc(0), 10), Buffer.alloc(0), 'RSV1 and no payload')
  t.same(decode(to, Buffer.from([0]), 10), Buffer.alloc(0))
  const blocks = Buffer.concat([...Array(100_000).fill(Buffer.from('000000ffff', 'hex')), Buffer.from([0])])
  t.same(decode(to, blocks, 10), Buffer.alloc(0), '100,000 empty blocks')
  const finals = (n: number) => Buffer.concat([...Array(n).fill(Buffer.from('0300', 'hex')), Buffer.from([0])])
  t.same(decode(to, finals(5), 10), Buffer.alloc(0), 'a few at once')
  t.same(decode(to, finals(1000), 10), Buffer.alloc(0))
  const job = to.decode(finals(500_000), 10) as TransformJob
  let slices = 0
  const run = () => {
    for (; slices < 1000; slices++) job.work()
  }
  t.throws(run, { code: 'WS_INFLATE_WORK' })
  t.ok(slices < 20, `${slices} slices`)
  to.end()
})

t.test('maxRatio counts from 64 KiB on', async t => {
  const to = messages({ maxRatio: 100 })
  t.equal(decode(to, deflated(Buffer.alloc(65_535))).length, 65_535)
  t.throws(() => decode(to, deflated(Buffer.alloc(100_000))), { code: 'WS_INFLATE_RATIO' })
  to.end()
  t.equal(decode(to, deflated(Buffer.alloc(100_000, randomBytes(2000)))).length, 100_000)
  to.end()
})

t.test('memory is held from message to message where a window is kept, given back by release and end', async t => {
  const before = pinnedByDeflate()
  const [from, to] = [messages(), messages()]
  t.equal(from.pinned, 0, 'nothing before the first message')
  const sent = [encode(from, Buffer.from('Hello')), encode(from, Buffer.from('Hello'))]
  t.same(
    sent.map(one => decode(to, one).toString()),
    ['Hello', 'Hello'],
  )
  t.equal(from.pinned, 2 ** 17 + 2 ** 17 + 10 * 1024)
  t.equal(to.pinned, 2 ** 15 + 10 * 1024)
  t.equal(pinnedByDeflate(), before + from.pinned + to.pinned)
  from.release()
  to.release()
  t.equal(from.pinned, 0)
  t.ok(to.pinned > 0 && to.pinned < 100, 'ten octets, put away')
  t.equal(decode(to, encode(from, Buffer.from('Hello'))).toString(), 'Hello', 'a sender may forget, and goes on')
  t.equal(decode(to, encode(from, Buffer.from('Hello'))).toString(), 'Hello', 'the receiver has forgotten nothing')
  t.equal(to.pinned, 2 ** 15 + 10 * 1024)
  to.release()
  to.release()
  const long = to.decode(deflated(Buffer.alloc(100_000)), MiB) as TransformJob
  to.release()
  t.equal(to.pinned, 2 ** 15 + 10 * 1024, 'not in the middle of a message')
  t.equal(finish(long).length, 100_000)
  from.end()
  to.end()
  t.equal(pinnedByDeflate(), before)
})

t.test('memory is asked to be released only where a window is kept', async t => {
  t.equal(messages().releaseAfter, 1000)
  t.equal(messages({ keepsOutgoing: false }).releaseAfter, 1000)
  t.equal(messages({ keepsIncoming: false }).releaseAfter, 1000)
  t.equal(messages({ keepsIncoming: false, keepsOutgoing: false }).releaseAfter, Number.POSITIVE_INFINITY)
})

t.test('D-14 the end in the middle of a job gives all memory back', async t => {
  const long = Buffer.alloc(200_000, 'abc')
  const spare = messages({ keepsOutgoing: false, keepsIncoming: false })
  decode(spare, encode(spare, long))
  const before = pinnedByDeflate()
  for (const keeps of [true, false]) {
    const end = messages({ keepsOutgoing: keeps, keepsIncoming: keeps })
    ;(end.encode(long, whole) as TransformJob).work()
    ;(end.decode(deflated(long), MiB) as TransformJob).work()
    t.ok(end.pinned > 0)
    end.end()
    t.equal(end.pinned, 0)
    t.ok(pinnedByDeflate() <= before)
  }
})

t.test('any sequence of messages, compressed or not, whole or in fragments, is read as it was sent', async t => {
  const message = fc.record({
    parts: fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 4 }),
    times: fc.constantFrom(1, 1, 2, 400),
    compress: fc.constantFrom(undefined, true, false),
  })
  const settings = fc.record({
    keeps: fc.boolean(),
    windowBits: fc.integer({ min: 8, max: 15 }),
    threshold: fc.constantFrom(0, 100),
  })
  const property = fc.property(
    settings,
    fc.array(message, { maxLength: 8 }),
    ({ keeps, windowBits, threshold }, sequence) => {
      const from = messages({ keepsOutgoing: keeps, windowBits, threshold })
      const to = messages({ keepsIncoming: keeps, windowBits })
      for (const { parts, times, compress } of sequence) {
        const octets = parts.map(part => Buffer.concat(Array(times).fill(part)))
        let plain = false
        const sent = octets.map((part, index) => {
          const first = index === 0
          if (plain) return part
          const result = finish(from.encode(part, { first, fin: index === octets.length - 1, compress }))
          plain = first && result === part
          return Buffer.from(result)
        })
        const received = plain ? Buffer.concat(sent) : decode(to, Buffer.concat(sent))
        assert(received.equals(Buffer.concat(octets)))
      }
      for (const end of [from, to]) end.end()
    },
  )
  fc.assert(property, { numRuns: 200 })
  t.pass()
})
