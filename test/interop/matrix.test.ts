/**
 * Messages of every size to and from other people's clients and servers, over TCP and TLS: RFC 6455 §5.2 (the three forms
 * of the payload length), §5.6 (text and binary). What arrives is compared octet by octet at both ends.
 */
import t, { type Test } from 'tap'
import { type ClientPeer, clientPeers, type ReceivedMessage, type Site } from '../peers/client-peers.js'
import { testWith } from '../peers/installable.js'
import { startNginx } from '../peers/nginx.js'
import { type MessageType, type Payload, payload } from '../peers/payload.js'
import * as programs from '../peers/programs.js'
import { type PeerServer, serverPeers } from '../peers/server-peers.js'
import { Matrix, type Row, sizes, transports, types } from './matrix.js'
import { isPayload, OurClient } from './our-client.js'
import { OurServer } from './our-server.js'

// For tap's runner, which reads it: seconds on a machine of its own, but minutes on one that is shared.
t.comment('timeout=300000')
t.setTimeout(300_000)

const matrix = new Matrix()

t.test('§5.2, §5.6 "Payload data" of every size, from their clients to our server and back', async t => {
  for (const peer of clientPeers) {
    for (const transport of transports) {
      const row = matrix.plan({ peer: peer.name, transport, direction: 'their client, our server' })
      await testWith(t, peer.needs, `${row.peer} over ${transport}`, async t => {
        const server = await OurServer.start(t, transport)
        await echoAll(t, row, peer, server, server.site)
      })
    }
  }
})

t.test('4.2-1 the same through nginx, which ends TLS', async t => {
  for (const peer of clientPeers.filter(({ whatwg }) => whatwg)) {
    for (const transport of transports) {
      const name = `${peer.name} through nginx`
      const row = matrix.plan({ peer: name, transport, direction: 'their client, our server' })
      await testWith(t, [...peer.needs, programs.nginx], `${row.peer} over ${transport}`, async t => {
        const server = await OurServer.start(t, 'TCP')
        const proxy = await startNginx(server.site.page)
        t.teardown(() => proxy.stop())
        await echoAll(t, row, peer, server, transport === 'TCP' ? proxy.plain : proxy.tls)
      })
    }
  }
})

t.test('the same from our client to their servers and back', async t => {
  for (const peer of serverPeers) {
    for (const transport of transports) {
      const row = matrix.plan({ peer: peer.name, transport, direction: 'our client, their server' })
      await testWith(t, peer.needs, `${row.peer} over ${transport}`, async t => {
        const server = await peer.start(transport)
        t.teardown(() => server.stop())
        await sendAll(t, row, server, server.site)
      })
    }
  }
})

t.test('the matrix is whole', async t => {
  console.error(matrix.toString())
  t.equal(matrix.planned, 320)
  t.equal(matrix.passed + matrix.skipped, matrix.planned)
  if (process.env['FRAMEWRIGHT_REQUIRE_PEERS'] === '1') t.equal(matrix.skipped, 0, 'every peer is here')
})

/** One connection of the peer's client to our echo server, and every message on it. */
async function echoAll(t: Test, row: Row, peer: ClientPeer, server: OurServer, site: Site): Promise<void> {
  matrix.start(row)
  const client = await peer.start(site)
  t.teardown(() => client.stop())
  t.match(await client.open('/echo'), { opened: true })
  const connection = await server.connection()
  for (const { type, size } of combinations()) {
    const sent = payload(type, size)
    await client.send(sent)
    const returned = await client.receive()
    const [arrived, ...others] = connection.data.messages.splice(0)
    t.ok(isPayload(arrived, sent) && others.length === 0, `${type} of ${size} octets arrives`)
    if (t.same(returned, described(sent), 'and comes back')) matrix.pass(row, type, size)
  }
  t.match(await client.close(1000), { code: 1000, clean: true })
}

/** One connection of our client to the peer's echo server, and every message on it. */
async function sendAll(t: Test, row: Row, server: PeerServer, site: Site): Promise<void> {
  matrix.start(row)
  const client = await OurClient.connect(site, '/echo')
  for (const { type, size } of combinations()) {
    const sent = payload(type, size)
    client.connection.send(type === 'text' ? sent.octets.toString() : sent.octets)
    if (t.ok(isPayload(await client.receive(), sent), `${type} of ${size} octets comes back`))
      matrix.pass(row, type, size)
  }
  client.connection.close(1000)
  t.match(await client.connection.closed, { code: 1000, clean: true })
  const arrived = combinations().map(({ type, size }) => described(payload(type, size)))
  t.same(await server.seen(), { messages: arrived, code: 1000, reason: '', clean: true }, 'and arrived')
}

function combinations(): { type: MessageType; size: number }[] {
  return types.flatMap(type => sizes.map(size => ({ type, size })))
}

/** As peers tell of a message. */
function described({ type, size, sha256 }: Payload): ReceivedMessage {
  return { type, size, sha256 }
}
