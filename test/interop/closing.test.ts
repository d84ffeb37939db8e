/**
 * The Closing Handshake with other people's clients and servers, begun by either end: RFC 6455 §5.5.1, §7.1.5, §7.1.6,
 * §7.4. A Close frame without a body is 1005 to whoever receives it.
 */
import t, { type Test } from 'tap'
import { type CloseRecord, StatusCode } from '../../src/index.js'
import { type ClientPeer, clientPeers, type PeerClient, type SeenClose } from '../peers/client-peers.js'
import { testWith } from '../peers/installable.js'
import { serverPeers } from '../peers/server-peers.js'
import { transports } from './matrix.js'
import { OurClient } from './our-client.js'
import { type OurConnection, OurServer } from './our-server.js'

/** Null: a Close frame without a body. */
interface Closing {
  readonly code: StatusCode | null
  readonly reason: string
}

const closings: readonly Closing[] = [
  { code: 1000, reason: '' },
  { code: 1001, reason: 'going' },
  { code: 3000, reason: 'zażółć 水 𝄞' },
  { code: 4999, reason: '.'.repeat(123) },
  { code: null, reason: '' },
]

function nameOf({ code }: Closing): string {
  return code === null ? 'no code' : `${code}`
}

/** What a peer is to see that receives it. */
function seen({ code, reason }: Closing): SeenClose {
  return { code: code ?? StatusCode.noStatusReceived, reason, clean: true }
}

/** What a peer is to see that began it: we echo the status code, and give no reason of our own. */
function echoed({ code }: Closing): SeenClose {
  return { code: code ?? StatusCode.noStatusReceived, reason: '', clean: true }
}

/** What our record is to say. */
function recorded(closing: Closing, initiator: 'local' | 'peer'): Partial<CloseRecord> {
  const body = { code: closing.code ?? StatusCode.noStatusReceived, reason: closing.reason }
  const known = initiator === 'local' ? { sent: body } : { received: body }
  return { code: body.code, clean: true, initiator, error: undefined, octetsUnsent: 0, ...known }
}

/** A client of theirs and our server, and for each closing a connection between them. */
async function withClient(
  t: Test,
  peer: ClientPeer,
  transport: 'TCP' | 'TLS',
  closings: readonly Closing[],
  run: (client: PeerClient, connection: OurConnection, closing: Closing) => Promise<void>,
): Promise<void> {
  const server = await OurServer.start(t, transport)
  const client = await peer.start(server.site)
  t.teardown(() => client.stop())
  for (const closing of closings) {
    t.match(await client.open('/'), { opened: true })
    await run(client, await server.connection(), closing)
  }
}

t.test('§7.1.2 "Start the WebSocket Closing Handshake" by their clients', async t => {
  for (const peer of clientPeers) {
    // The WHATWG class sends no 1001 for a script; leaving the page does.
    const possible = closings.filter(({ code }) => !peer.whatwg || code !== 1001)
    for (const transport of transports) {
      await testWith(t, peer.needs, `${peer.name} over ${transport}`, t =>
        withClient(t, peer, transport, possible, async (client, connection, closing) => {
          const code = closing.code ?? undefined
          t.same(await client.close(code, closing.reason), echoed(closing), `${nameOf(closing)} is echoed`)
          t.match(await connection.closed, recorded(closing, 'peer'), 'and told here')
        }),
      )
    }
  }
})

t.test('§7.1.2 "Start the WebSocket Closing Handshake" by our server', async t => {
  for (const peer of clientPeers) {
    for (const transport of transports) {
      await testWith(t, peer.needs, `${peer.name} over ${transport}`, t =>
        withClient(t, peer, transport, closings, async (client, connection, closing) => {
          connection.close(closing.code, closing.reason)
          t.same(await client.closed(), seen(closing), `${nameOf(closing)} arrives`)
          t.match(await connection.closed, recorded(closing, 'local'), 'and is echoed')
        }),
      )
    }
  }
})

t.test('§7.1.2 "Start the WebSocket Closing Handshake" by their servers', async t => {
  for (const peer of serverPeers) {
    for (const transport of transports) {
      await testWith(t, peer.needs, `${peer.name} over ${transport}`, async t => {
        const server = await peer.start(transport)
        t.teardown(() => server.stop())
        for (const closing of closings) {
          const { code, reason } = closing
          const query = code === null ? '' : `?code=${code}&reason=${encodeURIComponent(reason)}`
          const { connection } = await OurClient.connect(server.site, `/close${query}`)
          t.match(await connection.closed, recorded(closing, 'peer'), `${nameOf(closing)} arrives`)
          t.match(await server.seen(), { code: code ?? StatusCode.noStatusReceived, clean: true }, 'and is echoed')
        }
      })
    }
  }
})

t.test('§7.1.2 "Start the WebSocket Closing Handshake" by our client', async t => {
  for (const peer of serverPeers) {
    for (const transport of transports) {
      await testWith(t, peer.needs, `${peer.name} over ${transport}`, async t => {
        const server = await peer.start(transport)
        t.teardown(() => server.stop())
        for (const closing of closings) {
          const { connection } = await OurClient.connect(server.site, '/echo')
          connection.close(closing.code, closing.reason)
          t.match(await connection.closed, recorded(closing, 'local'), `${nameOf(closing)} is echoed`)
          t.match(await server.seen(), seen(closing), 'and seen there')
        }
      })
    }
  }
})

const cut = { code: 1006, reason: '', clean: false, initiator: 'transport', received: undefined, sent: undefined }

t.test('§7.1.5 1006 "if ... no such Close control frame was received": a client of theirs is killed', async t => {
  for (const peer of clientPeers.filter(({ name }) => name !== 'Chromium' && name !== 'Firefox')) {
    await testWith(t, peer.needs, peer.name, async t => {
      const server = await OurServer.start(t, 'TLS')
      const client = await peer.start(server.site)
      await client.open('/')
      const connection = await server.connection()
      const ends: CloseRecord[] = []
      connection.on('close', record => ends.push(record))
      await client.stop()
      t.match(await connection.closed, cut)
      await server.stop()
      t.equal(ends.length, 1, 'told once')
    })
  }
})

t.test('§7.1.5 1006 "if ... no such Close control frame was received": a server of theirs is killed', async t => {
  for (const peer of serverPeers) {
    await testWith(t, peer.needs, peer.name, async t => {
      const server = await peer.start('TLS')
      const { connection } = await OurClient.connect(server.site, '/echo')
      await server.stop()
      t.match(await connection.closed, cut)
    })
  }
})
