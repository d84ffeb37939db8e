/**
 * permessage-deflate with other people's clients and servers: RFC 7692 §7.1, every combination of its parameters, and §7.2,
 * messages of all kinds in both directions, with windows that are kept and windows that are not.
 */
import t, { type Test } from 'tap'
import type { ConnectOptions, ServerOptions } from '../../src/index.js'
import { type ClientPeer, clientPeers, type DeflateOffer, type PeerClient, type Site } from '../peers/client-peers.js'
import { testWith } from '../peers/installable.js'
import { type Payload, payload } from '../peers/payload.js'
import { serverPeers } from '../peers/server-peers.js'
import { isPayload, OurClient } from './our-client.js'
import { type OurConnection, OurServer } from './our-server.js'

// For tap's runner, which reads it: seconds on a machine of its own, but minutes on one that is shared.
t.comment('timeout=300000')
t.setTimeout(300_000)

type Deflate = Exclude<ServerOptions['perMessageDeflate'], boolean | readonly unknown[] | undefined>
type Agreed = Readonly<Record<string, string | true>>

/** Everything may be kept, everything is compressed. */
const everything = { serverContextTakeover: true, clientContextTakeover: true, threshold: 0 }

/** Some that resemble each other, one that does not shrink, one that takes several reads. */
const messages = [300, 300, 0, 300, 100_000, 300].map(size => payload('text', size))
messages.splice(3, 0, payload('binary', 1000), payload('binary', 0))
const octets = messages.reduce((sum, { size }) => sum + size, 0)

/** The last one comes and goes in three fragments, where a peer can do that. */
const inPieces = payload('text', 3000)

const takeovers = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverNoContextTakeover: true, clientNoContextTakeover: true },
]

/** Bits of windows. zlib compresses with no window of 8: Python's server answers 500. We take 9, as Node and Chromium do. */
const bitsOfPython = [undefined, 9, 12, 15]
const ourBits = [...bitsOfPython, 8]

function offers(we: 'client' | 'server', peer: string): DeflateOffer[] {
  const theirBits = peer === 'Python websockets' ? bitsOfPython : ourBits
  return takeovers.flatMap(takeover =>
    (we === 'server' ? ourBits : theirBits).flatMap(server =>
      (we === 'client' ? ourBits : theirBits).map(client => ({
        ...takeover,
        ...(server !== undefined && { serverMaxWindowBits: server }),
        ...(client !== undefined && { clientMaxWindowBits: client }),
      })),
    ),
  )
}

for (const peer of clientPeers.filter(({ whatwg }) => !whatwg)) {
  await testWith(t, peer.needs, `7692 §7.1 ${peer.name} offers every set of parameters to our server`, async t => {
    const server = await OurServer.start(t, 'TCP', { perMessageDeflate: everything })
    const client = await peer.start(server.site)
    t.teardown(() => client.stop())
    for (const offer of offers('server', peer.name)) {
      t.match(await client.open('/echo', undefined, offer), { opened: true }, JSON.stringify(offer))
      await exchange(t, peer, client, await server.connection(), answerTo(offer))
    }
  })
}

for (const peer of clientPeers.filter(({ name }) => name === 'Chromium' || name === 'Firefox' || name === 'Node 22')) {
  await testWith(t, peer.needs, `7692 §7.1 our server asks every set of parameters of ${peer.name}`, async t => {
    for (const serverMaxWindowBits of [8, 15]) {
      for (const clientMaxWindowBits of [8, 15]) {
        for (const { serverNoContextTakeover = false, clientNoContextTakeover = false } of takeovers) {
          const perMessageDeflate = {
            threshold: 0,
            serverContextTakeover: !serverNoContextTakeover,
            clientContextTakeover: !clientNoContextTakeover,
            serverMaxWindowBits,
            clientMaxWindowBits,
          }
          const server = await OurServer.start(t, 'TCP', { perMessageDeflate })
          const client = await peer.start(server.site)
          t.match(await client.open('/echo'), { opened: true }, JSON.stringify(perMessageDeflate))
          const agreed = answerBy(perMessageDeflate, peer.name !== 'Firefox')
          await exchange(t, peer, client, await server.connection(), agreed)
          await client.stop()
          await server.stop()
        }
      }
    }
  })
}

for (const peer of serverPeers) {
  await testWith(t, peer.needs, `7692 §7.1 our client offers every set of parameters to ${peer.name}`, async t => {
    const server = await peer.start('TCP', true)
    t.teardown(() => server.stop())
    for (const offer of offers('client', peer.name)) {
      const perMessageDeflate = {
        threshold: 0,
        serverContextTakeover: offer.serverNoContextTakeover !== true,
        clientContextTakeover: offer.clientNoContextTakeover !== true,
        serverMaxWindowBits: offer.serverMaxWindowBits,
        clientMaxWindowBits: offer.clientMaxWindowBits,
      }
      const client = await connected(server.site, { perMessageDeflate })
      const [agreed] = client.connection.extensions
      t.match(agreed, { extension: { name: 'permessage-deflate' } }, JSON.stringify(offer))
      await sendAll(t, client)
      const { received, sent } = await closed(t, client)
      t.ok(received < octets / 2 && sent < octets / 2, `${received} and ${sent} octets`)
      t.match(await server.seen(), { code: 1000, clean: true })
    }
  })
}

/** Messages to and fro on this connection of the peer's client. */
async function exchange(
  t: Test,
  peer: ClientPeer,
  client: PeerClient,
  connection: OurConnection,
  agreed: Agreed,
): Promise<void> {
  const parameters = connection.extensions[0]!.parameters.map(([name, value = true]) => [name, value])
  t.same(Object.fromEntries(parameters), agreed, 'what is agreed on')
  for (const sent of messages) {
    await client.send(sent)
    t.same(await client.receive(), described(sent), `${sent.type} of ${sent.size} comes back`)
  }
  if (!peer.whatwg) {
    await client.send(inPieces, 3)
    t.same(await client.receive(), described(inPieces), 'in fragments')
  }
  t.match(await client.close(1000), { code: 1000, clean: true })
  const { octetsReceived, octetsSent } = await connection.closed
  t.ok(octetsSent < octets / 2, `${octetsSent} octets`)
  // Node's class inflates, but compresses nothing itself.
  t.equal(octetsReceived < octets / 2, peer.name !== 'Node 22', `${octetsReceived} octets`)
}

function connected(site: Site, options: ConnectOptions): Promise<OurClient> {
  return OurClient.connect(site, '/echo', options)
}

async function sendAll(t: Test, client: OurClient): Promise<void> {
  for (const sent of messages) {
    client.connection.send(sent.type === 'text' ? sent.octets.toString() : sent.octets)
    t.ok(isPayload(await client.receive(), sent), `${sent.type} of ${sent.size} comes back`)
  }
  const text = inPieces.octets.toString()
  for (const at of [0, 1000, 2000]) client.connection.send(text.slice(at, at + 1000), { fin: false })
  client.connection.send(text.slice(3000), { fin: true })
  t.ok(isPayload(await client.receive(), inPieces), 'in fragments')
}

async function closed(t: Test, client: OurClient): Promise<{ received: number; sent: number }> {
  client.connection.close(1000)
  const record = await client.connection.closed
  t.match(record, { code: 1000, clean: true })
  return { received: record.octetsReceived, sent: record.octetsSent }
}

function described({ type, size, sha256 }: Payload): object {
  return { type, size, sha256 }
}

/** What our server, which wants nothing, answers to an offer: that of it which limits something. */
function answerTo(offer: DeflateOffer): Agreed {
  const { serverMaxWindowBits, clientMaxWindowBits } = offer
  return {
    ...(offer.serverNoContextTakeover && { server_no_context_takeover: true }),
    ...(offer.clientNoContextTakeover && { client_no_context_takeover: true }),
    ...(serverMaxWindowBits !== undefined && { server_max_window_bits: String(serverMaxWindowBits) }),
    ...(clientMaxWindowBits !== undefined &&
      clientMaxWindowBits < 15 && { client_max_window_bits: String(clientMaxWindowBits) }),
  }
}

/** What our server answers by its options to a browser, which can limit its window or not. */
function answerBy(options: Deflate, limits: boolean): Agreed {
  const { serverMaxWindowBits = 15, clientMaxWindowBits = 15 } = options
  const limited = clientMaxWindowBits < 15
  return {
    ...(options.serverContextTakeover === false && { server_no_context_takeover: true }),
    ...((options.clientContextTakeover === false || (limited && !limits)) && { client_no_context_takeover: true }),
    ...(serverMaxWindowBits < 15 && { server_max_window_bits: String(serverMaxWindowBits) }),
    ...(limited && limits && { client_max_window_bits: String(clientMaxWindowBits) }),
  }
}
