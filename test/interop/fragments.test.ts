/**
 * Fragments and control frames between them, with other people's clients and servers: RFC 6455 §5.4, §5.5.2, §5.5.3. Code
 * points are cut by the borders of fragments, wherever these fall.
 */
import t from 'tap'
import { clientPeers } from '../peers/client-peers.js'
import { testWith } from '../peers/installable.js'
import { payload } from '../peers/payload.js'
import { serverPeers } from '../peers/server-peers.js'
import { transports, types } from './matrix.js'
import { isPayload, OurClient } from './our-client.js'
import { OurServer, sendInPieces } from './our-server.js'

/** Octets and fragments: many small ones, and some that need the longer forms of the length. */
const cuts: readonly [size: number, pieces: number][] = [
  [126, 3],
  [126, 63],
  [65_536, 7],
  [1_048_576, 5],
]

t.test('§5.4 "a fragmented message": ours, to their clients, and theirs where they can', async t => {
  for (const peer of clientPeers) {
    for (const transport of transports) {
      await testWith(t, peer.needs, `${peer.name} over ${transport}`, async t => {
        const server = await OurServer.start(t, transport)
        const client = await peer.start(server.site)
        t.teardown(() => client.stop())
        for (const [size, pieces] of cuts) {
          await client.open(`/echo?pieces=${pieces}`)
          const connection = await server.connection()
          for (const type of types) {
            const sent = payload(type, size)
            await client.send(sent, peer.whatwg ? 1 : pieces)
            t.match(await client.receive(), { type, size, sha256: sent.sha256 }, `${type} of ${size} in ${pieces}`)
            t.ok(isPayload(connection.data.messages.pop(), sent), 'and arrived here')
          }
          t.match(await client.close(1000), { code: 1000, clean: true })
        }
      })
    }
  }
})

t.test('§5.4 "a fragmented message": ours, to their servers, and theirs', async t => {
  for (const peer of serverPeers) {
    for (const transport of transports) {
      await testWith(t, peer.needs, `${peer.name} over ${transport}`, async t => {
        const server = await peer.start(transport)
        t.teardown(() => server.stop())
        for (const [size, pieces] of cuts) {
          const client = await OurClient.connect(server.site, `/echo?pieces=${pieces}`)
          for (const type of types) {
            const sent = payload(type, size)
            sendInPieces(client.connection, sent.octets, type === 'binary', pieces)
            t.ok(isPayload(await client.receive(), sent), `${type} of ${size} in ${pieces} comes back`)
          }
          client.connection.close(1000)
          t.match(await client.connection.closed, { code: 1000, clean: true })
          const arrived = types.map(type => ({ type, size, sha256: payload(type, size).sha256 }))
          t.match(await server.seen(), { messages: arrived }, 'and arrived there')
        }
      })
    }
  }
})

t.test('§5.4 fragments that we make by ourselves of long messages (maxOutgoingFrameSize)', async t => {
  for (const peer of clientPeers) {
    await testWith(t, peer.needs, peer.name, async t => {
      const server = await OurServer.start(t, 'TCP', { limits: { maxOutgoingFrameSize: 1000 } })
      const client = await peer.start(server.site)
      t.teardown(() => client.stop())
      await client.open('/echo')
      for (const type of types) {
        const sent = payload(type, 65_536)
        await client.send(sent)
        t.match(await client.receive(), { type, size: 65_536, sha256: sent.sha256 }, type)
      }
      t.match(await client.close(1000), { code: 1000, clean: true })
    })
  }
})

t.test('§5.5.2 "an endpoint MUST send a Pong frame in response": our Pings, between our fragments', async t => {
  for (const peer of clientPeers) {
    for (const transport of transports) {
      await testWith(t, peer.needs, `${peer.name} over ${transport}`, async t => {
        const server = await OurServer.start(t, transport)
        const client = await peer.start(server.site)
        t.teardown(() => client.stop())
        await client.open('/')
        const connection = await server.connection()
        const sent = payload('text', 126)
        const pongs: string[] = []
        connection.on('pong', answered => pongs.push(answered.toString()))
        connection.send(sent.octets.subarray(0, 50), { text: true, fin: false })
        const trips = [connection.ping('one'), connection.ping(''), connection.ping('.'.repeat(125))]
        connection.send(sent.octets.subarray(50), { text: true })
        for (const trip of await Promise.all(trips)) t.ok(trip >= 0 && trip < 60_000, `${trip} ms`)
        t.same(pongs, ['one', '', '.'.repeat(125)], '"identical Application data"')
        t.match(await client.receive(), { type: 'text', sha256: sent.sha256 }, 'the message around them is whole')
        t.match(await client.close(1000), { code: 1000, clean: true })
      })
    }
  }
})

t.test('§5.5.2 "an endpoint MUST send a Pong frame in response": their Pings, to our server', async t => {
  for (const peer of clientPeers.filter(({ whatwg }) => !whatwg)) {
    for (const transport of transports) {
      await testWith(t, peer.needs, `${peer.name} over ${transport}`, async t => {
        const server = await OurServer.start(t, transport)
        const client = await peer.start(server.site)
        t.teardown(() => client.stop())
        await client.open('/')
        for (const text of ['x', '.'.repeat(125)]) t.equal(await client.ping(text), text)
        t.match(await client.close(1000), { code: 1000, clean: true })
      })
    }
  }
})

t.test('§5.5.2 Pings of our client and of their servers', async t => {
  for (const peer of serverPeers) {
    for (const transport of transports) {
      await testWith(t, peer.needs, `${peer.name} over ${transport}`, async t => {
        const server = await peer.start(transport)
        t.teardown(() => server.stop())
        const client = await OurClient.connect(server.site, '/ping?payload=hello')
        t.same(await client.receive(), { data: 'pong hello', isBinary: false }, 'theirs is answered')
        const trip = await client.connection.ping('ours')
        t.ok(trip >= 0 && trip < 60_000, `ours too, in ${trip} ms`)
        client.connection.close(1000)
        t.match(await client.connection.closed, { code: 1000, clean: true })
      })
    }
  }
})
