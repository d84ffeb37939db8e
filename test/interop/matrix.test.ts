/**
 * Messages of every size to and from other people's clients and servers, over TCP and TLS: RFC 6455 §5.2 (the three forms
 * of the payload length), §5.6 (text and binary). What arrives is compared octet by octet at both ends.
 */
import t, { type Test } from 'tap'
import { type ClientPeer, clientPeers, type Site } from '../peers/client-peers.js'
import { testWith } from '../peers/installable.js'
import { startNginx } from '../peers/nginx.js'
import { type MessageType, type Payload, payload } from '../peers/payload.js'
import * as programs from '../peers/programs.js'
import { Matrix, type Row, sizes, transports, types } from './matrix.js'
import { type KeptMessage, OurServer } from './our-server.js'

const matrix = new Matrix()
/** Combinations of peers that are installed here. */
let possible = 0

t.test('§5.2, §5.6 "Payload data" of every size, from their clients to our server and back', async t => {
  for (const peer of clientPeers) {
    for (const transport of transports) {
      const row: Row = { peer: peer.name, transport, direction: 'their client, our server' }
      await testWith(t, peer.needs, `${row.peer} over ${transport}`, async t => {
        const server = await OurServer.start(transport)
        await echoAll(t, row, peer, server, server.site)
        await server.stop()
      })
    }
  }
})

t.test('the same through nginx, which ends TLS', async t => {
  for (const peer of clientPeers.filter(({ whatwg }) => whatwg)) {
    for (const transport of transports) {
      const row: Row = { peer: `${peer.name} through nginx`, transport, direction: 'their client, our server' }
      await testWith(t, [...peer.needs, programs.nginx], `${row.peer} over ${transport}`, async t => {
        const server = await OurServer.start('TCP')
        const proxy = await startNginx(server.site.page)
        await echoAll(t, row, peer, server, transport === 'TCP' ? proxy.plain : proxy.tls)
        await server.stop()
        await proxy.stop()
      })
    }
  }
})

t.test('the matrix is whole', async t => {
  t.equal(matrix.passed, possible, 'nothing is missing of what can run here')
  if (process.env['FRAMEWRIGHT_REQUIRE_PEERS'] === '1') t.equal(matrix.passed, 192)
  console.error(matrix.toString())
})

/** One connection of the peer's client to our echo server, and every message on it. */
async function echoAll(t: Test, row: Row, peer: ClientPeer, server: OurServer, site: Site): Promise<void> {
  const client = await peer.start(site)
  t.teardown(() => client.stop())
  t.match(await client.open('/echo'), { opened: true })
  const connection = await server.connection()
  for (const { type, size } of combinations()) {
    possible += 1
    const sent = payload(type, size)
    await client.send(sent)
    const { sha256, ...received } = await client.receive()
    const echoed = t.same(received, { type, size }, `${type} of ${size} octets is echoed`) && sha256 === sent.sha256
    if (t.ok(echoed && arrived(connection.data.messages, sent), 'octet by octet at both ends'))
      matrix.pass(row, type, size)
  }
  t.match(await client.close(1000), { code: 1000, clean: true })
}

function combinations(): { type: MessageType; size: number }[] {
  return types.flatMap(type => sizes.map(size => ({ type, size })))
}

/** The only message that our server has received since it was asked last is this one. */
function arrived(messages: KeptMessage[], sent: Payload): boolean {
  const [message, ...others] = messages.splice(0)
  if (message === undefined || others.length > 0 || message.isBinary !== (sent.type === 'binary')) return false
  return sent.octets.equals(Buffer.from(message.data as string))
}
