/**
 * RFC 7692 §7.1.1: without context takeover a message is compressed by itself, so what goes to many connections is
 * compressed once for all that have agreed on the same.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { pinnedByDeflate } from '../../src/extensions/deflate.js'
import type { Encodings, MessageTransform, TransformJob } from '../../src/extensions/extension.js'
import { MessageTransforms } from '../../src/extensions/message-transforms.js'
import { PerMessageDeflate } from '../../src/extensions/permessage-deflate.js'
import type { Parameter } from '../../src/http/grammar.js'
import { withoutTakeover } from '../connection/deflating-peer.js'
import { Shifting } from './shifting.js'

const deflate = new PerMessageDeflate('server', { serverContextTakeover: true, threshold: 0 })
const text = Buffer.from('the same for all, '.repeat(20))
const long = Buffer.from('the same for all, and long, '.repeat(40_000))

function transform(parameters: readonly Parameter[] = withoutTakeover): MessageTransform {
  return deflate.transform('server', parameters)
}

function whole(encodings: Encodings) {
  return { first: true, fin: true, compress: undefined, encodings }
}

function inflated(octets: Buffer): Buffer {
  return inflateRawSync(Buffer.concat([octets, Buffer.from([0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff])]))
}

function asJob(result: Buffer | TransformJob): TransformJob {
  assert(!Buffer.isBuffer(result))
  return result
}

function finish(job: TransformJob): Buffer {
  for (;;) {
    const octets = job.work()
    if (octets !== undefined) return octets
  }
}

t.test('one result for all who have agreed on the same, another for the others', async t => {
  const encodings: Encodings = new Map()
  const first = transform().encode(text, whole(encodings))
  t.ok(Buffer.isBuffer(first) && inflated(first).equals(text))
  t.equal(transform().encode(text, whole(encodings)), first, 'the very same octets')
  const narrow = transform([...withoutTakeover, ['server_max_window_bits', '9']])
  t.not(narrow.encode(text, whole(encodings)), first)
  t.equal(encodings.size, 2)
})

t.test('what does not shrink is remembered as such', async t => {
  const encodings: Encodings = new Map()
  const noise = randomBytes(200)
  t.equal(transform().encode(noise, whole(encodings)), noise)
  t.same([...encodings.values()], [noise])
  t.equal(transform().encode(noise, whole(encodings)), noise)
})

t.test('who keeps a window compresses for itself, and who has a threshold keeps to it', async t => {
  const encodings: Encodings = new Map()
  const keeping = transform([])
  keeping.encode(text, whole(encodings))
  const high = new PerMessageDeflate('server', { threshold: 10_000 }).transform('server', withoutTakeover)
  t.equal(high.encode(text, whole(encodings)), text)
  t.equal(encodings.size, 0)
  keeping.end()
})

t.test('a long one: whoever has a turn goes on with it for all', async t => {
  const before = pinnedByDeflate()
  const encodings: Encodings = new Map()
  const [a, b] = [transform(), transform()]
  const job = asJob(a.encode(long, whole(encodings)))
  t.equal(b.encode(long, whole(encodings)), job, 'one job')
  t.equal(job.work(), undefined)
  a.end()
  const result = finish(job)
  t.ok(inflated(result).equals(long))
  t.equal(job.work(), result, 'and done for whoever comes to it later')
  t.equal(transform().encode(long, whole(encodings)), result)
  b.end()
  t.equal(encodings.size, 1)
  // A spare deflater may have been made meanwhile.
  t.ok(pinnedByDeflate() - before < 512 * 1024)
})

t.test('a long one whose connections have all ended: nothing is left of it, and the next begins anew', async t => {
  const encodings: Encodings = new Map()
  const spare = transform().encode(text, { first: true, fin: true, compress: undefined })
  t.ok(Buffer.isBuffer(spare))
  const before = pinnedByDeflate()
  const [a, b] = [transform(), transform()]
  const job = asJob(a.encode(long, whole(encodings)))
  b.encode(long, whole(encodings))
  job.work()
  a.end()
  t.equal(encodings.size, 1)
  b.end()
  t.equal(encodings.size, 0)
  t.ok(pinnedByDeflate() <= before, 'its window is given back')
  t.ok(inflated(finish(asJob(transform().encode(long, whole(encodings))))).equals(long))
})

t.test('who goes on to another message takes no part any more', async t => {
  const encodings: Encodings = new Map()
  const a = transform()
  a.encode(long, whole(encodings))
  a.encode(text, whole(new Map()))
  t.equal(encodings.size, 0)
})

t.test('behind another extension, which may do something else on each connection, nothing is shared', async t => {
  const parameters = withoutTakeover
  const agreed = [
    { extension: new Shifting(), parameters: [] },
    { extension: deflate, parameters },
  ]
  const encodings: Encodings = new Map()
  const transforms = MessageTransforms.of('server', agreed)!
  const result = transforms.encode(text, whole(encodings))
  t.ok(Buffer.isBuffer(result) && inflated(result).equals(Shifting.shift(text, 1)))
  t.equal(encodings.size, 0)
})
