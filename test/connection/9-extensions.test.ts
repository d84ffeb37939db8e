/**
 * RFC 6455 §9: extensions that anybody may write, on a connection: beside permessage-deflate, in the order that was agreed
 * on, slow ones, and ones that fail.
 */
import t from 'tap'
import type { AgreedExtension, Extension, MessageTransform } from '../../src/extensions/extension.js'
import { PerMessageDeflate } from '../../src/extensions/permessage-deflate.js'
import { Shifting } from '../extensions/shifting.js'
import { ConnectionTrace, roles } from './connection-trace.js'

function agree(...extensions: Extension[]): AgreedExtension[] {
  return extensions.map(extension => ({ extension, parameters: [] }))
}

const deflate = new PerMessageDeflate('client', { threshold: 10 })

t.test('9-1 two ends with the same extensions, in either order, at any pace', async t => {
  const orders = [
    agree(new Shifting(), deflate),
    agree(deflate, new Shifting()),
    agree(new Shifting('slowly'), deflate),
    agree(deflate, new Shifting('slowly')),
  ]
  for (const extensions of orders) {
    const [client, server] = [
      new ConnectionTrace('client', { extensions }),
      new ConnectionTrace('server', { extensions }),
    ]
    const texts = [
      'short',
      '# not shifted, but long enough',
      'long enough, long enough',
      '#',
      'and the last, and the last',
    ]
    for (const text of texts) client.connection.sendText(text)
    client.connection.sendText('in two ', false)
    client.connection.sendText('fragments, fragments')
    for (; client.connection.hasWork || client.connection.hasOutput; client.work()) {
      let octets = Buffer.concat(client.connection.takeOutput(0))
      client.connection.transportTook(0, false, 0)
      while (octets.length > 0) {
        octets = octets.subarray(server.connection.receive(Buffer.from(octets), 0))
        server.work()
      }
    }
    t.same(
      server.next(),
      [...texts, 'in two fragments, fragments'].map(text => `text ${JSON.stringify(text)}`),
    )
  }
})

const idle: MessageTransform = {
  pinned: 0,
  releaseAfter: Number.POSITIVE_INFINITY,
  encode: octets => octets,
  decode: octets => octets,
  release() {},
  end() {},
}

/** Claims RSV3, and does so with every message. */
function extension(transform: Partial<MessageTransform>): AgreedExtension[] {
  return agree({
    name: 'x',
    rsv: 1,
    offers: () => [[]],
    answer: () => [],
    accepts: () => true,
    transform: () => ({ ...idle, ...transform }),
  })
}

function fail(): never {
  throw new Error('broken')
}

for (const role of roles) {
  t.test(
    `6.2 ${role}: an extension that fails where it decodes is our fault: 1011, and nothing more is delivered`,
    async t => {
      for (const decode of [fail, () => ({ work: fail })]) {
        const trace = new ConnectionTrace(role, { extensions: extension({ decode }) })
        trace.receive(trace.peer.text('one', { rsv: 1 }), trace.peer.text('two', { rsv: 1 }))
        trace.work()
        t.same(trace.next(), ['closing', 'error broken', '> close 1011 ""'])
        trace.receive(trace.peer.text('two', { rsv: 1 }), trace.peer.close(1000))
        t.same(trace.next(), [])
      }
    },
  )

  t.test(`6.1 ${role}: an extension that fails where it encodes is our fault, too`, async t => {
    for (const encode of [fail, () => ({ work: fail })]) {
      const trace = new ConnectionTrace(role, { extensions: extension({ encode }) })
      const verdict = encode === fail ? 'dropped' : 'sent'
      t.equal(trace.connection.sendText('one'), verdict)
      t.equal(trace.connection.sendText('two'), verdict)
      trace.work()
      t.same(trace.next(), ['closing', 'error broken', '> close 1011 ""'])
      trace.connection.transportEnded(0)
      t.equal(trace.record!.octetsUnsent >= 6, encode !== fail)
    }
  })

  t.test(`9 ${role}: without extensions there is no memory of theirs, and no work`, async t => {
    const { connection } = new ConnectionTrace(role)
    t.equal(connection.extensionMemory, 0)
    t.notOk(connection.hasWork)
  })

  t.test(`9.2 ${role}: an extension that claims no bits is told of every message, and of the end`, async t => {
    const calls: string[] = []
    const transform: MessageTransform = {
      ...idle,
      pinned: 100,
      releaseAfter: 1000,
      encode: octets => Buffer.from(octets).reverse(),
      decode: octets => Buffer.from(octets).reverse(),
      release: () => calls.push('release'),
      end: () => calls.push('end'),
    }
    const [{ extension: claiming }] = extension({}) as [AgreedExtension]
    const extensions = agree({ ...claiming, rsv: 0, transform: () => transform })
    const trace = new ConnectionTrace(role, { extensions, pingInterval: 'off' })
    trace.connection.sendText('abc')
    trace.receive(trace.peer.text('def'), trace.peer.text('', { fin: false }), trace.peer.more('xyz', true))
    t.same(trace.next(), ['text "fed"', 'text "zyx"', '> text "cba"'])
    t.equal(trace.connection.extensionMemory, 100)
    trace.waitUntil(1000).work()
    trace.connection.transportEnded(1000)
    t.same(calls, ['release', 'end'])
  })
}
