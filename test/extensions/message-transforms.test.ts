/**
 * RFC 6455 §9.1, §9.2: several extensions on one connection, applied in the order that was agreed on. One of them is an
 * extension that anybody could write.
 */
import assert from 'node:assert/strict'
import t from 'tap'
import type { AgreedExtension, Extension, MessageTransform, TransformJob } from '../../src/extensions/extension.js'
import { MessageTransforms } from '../../src/extensions/message-transforms.js'
import { PerMessageDeflate } from '../../src/extensions/permessage-deflate.js'
import { Shifting } from './shifting.js'

const whole = { first: true, fin: true, compress: undefined }

function agree(...extensions: Extension[]): AgreedExtension[] {
  return extensions.map(extension => ({ extension, parameters: [] }))
}

function finish(result: Buffer | TransformJob): Buffer {
  if (Buffer.isBuffer(result)) return result
  for (;;) {
    const octets = result.work()
    if (octets !== undefined) return octets
  }
}

const deflate = new PerMessageDeflate('client', { threshold: 10 })

t.test('where no extension transforms there is nothing to do', async t => {
  const silent: Extension = { name: 'silent', rsv: 1, offers: () => [[]], answer: () => [], accepts: () => true }
  t.equal(MessageTransforms.of('client', []), undefined)
  t.equal(MessageTransforms.of('client', agree(silent)), undefined)
  t.equal(MessageTransforms.of('client', agree(silent, deflate))?.claimedRsv, 4)
})

t.test('7692 §6 what is sent goes through the first one first, what is received through the last', async t => {
  const text = Buffer.from('Hello, hello, hello, hello')
  const orders: [string, AgreedExtension[]][] = [
    ['shifted, then deflated', agree(new Shifting(), deflate)],
    ['deflated, then shifted', agree(deflate, new Shifting())],
  ]
  for (const [name, agreed] of orders) {
    const [client, server] = [MessageTransforms.of('client', agreed)!, MessageTransforms.of('server', agreed)!]
    t.equal(client.claimedRsv, 6)
    const sent = Buffer.from(client.encode(text, whole) as Buffer)
    t.equal(client.rsv, 6)
    const deflatedLast = MessageTransforms.of('server', agree(deflate))!
    const shiftedLast = MessageTransforms.of('server', agree(new Shifting()))!
    const outer = name.endsWith('deflated') ? deflatedLast.decode(sent, 4, 1000) : shiftedLast.decode(sent, 2, 1000)
    t.same(outer, name.endsWith('deflated') ? Shifting.shift(text, 1) : Shifting.shift(sent, -1), name)
    t.same(server.decode(sent, client.rsv, 1000), text)
    for (const end of [client, server, deflatedLast, shiftedLast]) end.end()
  }
})

t.test('an extension that leaves a message alone leaves its bit unset, and is left out where it arrives', async t => {
  const agreed = agree(new Shifting(), deflate)
  const [client, server] = [MessageTransforms.of('client', agreed)!, MessageTransforms.of('server', agreed)!]
  const cases: [text: string, rsv: number, compress?: boolean][] = [
    ['short', 2],
    ['long enough, long enough', 6],
    ['long enough, long enough', 2, false],
    // Shifting leaves alone what begins with a hash.
    ['# long enough, long enough', 4],
    ['#short', 0],
  ]
  for (const [text, rsv, compress] of cases) {
    const octets = Buffer.from(text)
    const sent = client.encode(octets, { ...whole, compress }) as Buffer
    t.equal(client.rsv, rsv, text)
    t.equal(sent === octets, rsv === 0)
    t.equal(server.decode(Buffer.from(sent), rsv, 1000).toString(), text)
  }
  for (const end of [client, server]) end.end()
})

t.test('5.4 fragments go where the first one has gone', async t => {
  const agreed = agree(new Shifting(), deflate)
  const [client, server] = [MessageTransforms.of('client', agreed)!, MessageTransforms.of('server', agreed)!]
  for (const parts of [
    ['Hello', '# and', ' more'],
    ['# Hello', ' and', ' more'],
    ['one', ''],
  ]) {
    for (const compress of [true, false]) {
      let rsv = -1
      const sent = parts.map((part, index) => {
        const message = { first: index === 0, fin: index === parts.length - 1, compress }
        const octets = Buffer.from(client.encode(Buffer.from(part), message) as Buffer)
        if (index === 0) rsv = client.rsv
        return octets
      })
      t.equal(rsv, (parts[0]!.startsWith('#') ? 0 : 2) + (compress ? 4 : 0))
      t.equal(server.decode(Buffer.concat(sent), rsv, 1000).toString(), parts.join(''))
    }
  }
  for (const end of [client, server]) end.end()
})

t.test('long work of one, of the other, of both', async t => {
  const slow = () => new Shifting('slowly')
  const text = Buffer.from('long enough, '.repeat(20_000))
  for (const extensions of [[slow(), deflate], [deflate, slow()], [slow()], [new Shifting(), deflate]]) {
    const agreed = agree(...extensions)
    const [client, server] = [MessageTransforms.of('client', agreed)!, MessageTransforms.of('server', agreed)!]
    const encoding = client.encode(text, whole) as TransformJob
    t.notOk(Buffer.isBuffer(encoding))
    const sent = finish(encoding)
    t.equal(client.rsv, client.claimedRsv)
    t.ok(finish(server.decode(sent, client.rsv, 1_000_000)).equals(text))
    for (const end of [client, server]) end.end()
  }
})

t.test('an extension that claims no bit sees every message', async t => {
  const unmarked: Extension = { ...plain(new Shifting()), rsv: 0 }
  const agreed = agree(unmarked)
  const [client, server] = [MessageTransforms.of('client', agreed)!, MessageTransforms.of('server', agreed)!]
  const sent = client.encode(Buffer.from('abc'), whole) as Buffer
  t.equal(client.rsv, 0)
  t.equal(sent.toString(), 'bcd')
  t.equal(server.decode(sent, 0, 10).toString(), 'abc')
})

t.test('memory and its release are those of all', async t => {
  const calls: string[] = []
  const noted = (name: string, pinned: number, releaseAfter: number): Extension => {
    const transform: MessageTransform = {
      pinned,
      releaseAfter,
      encode: octets => octets,
      decode: octets => octets,
      release: () => calls.push(`release ${name}`),
      end: () => calls.push(`end ${name}`),
    }
    return { ...plain(new Shifting()), name, transform: () => transform }
  }
  const all = MessageTransforms.of('server', agree(noted('a', 10, 500), noted('b', 20, 400)))!
  t.equal(all.pinned, 30)
  t.equal(all.releaseAfter, 400)
  all.release()
  all.end()
  t.same(calls, ['release a', 'release b', 'end a', 'end b'])
})

/** The extension as a plain object. */
function plain(extension: Extension): Extension {
  const { name, rsv } = extension
  assert(extension.transform !== undefined)
  return {
    name,
    rsv,
    offers: () => extension.offers(),
    answer: offer => extension.answer(offer),
    accepts: answer => extension.accepts(answer),
    transform: (role, parameters) => extension.transform!(role, parameters),
  }
}
