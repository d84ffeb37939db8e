/** Subprotocols with other people's clients and servers: RFC 6455 §1.9, §4.1, §4.2.2. */
import t from 'tap'
import { clientPeers } from '../peers/client-peers.js'
import { testWith } from '../peers/installable.js'
import { serverPeers } from '../peers/server-peers.js'
import { OurClient } from './our-client.js'
import { OurServer } from './our-server.js'

/** What is offered, and what comes of it at our server, which speaks chat.v2 and chat.v3. */
const offers: readonly [offered: readonly string[] | undefined, chosen: string][] = [
  [undefined, ''],
  [['chat.v2'], 'chat.v2'],
  [['chat.v1', 'chat.v3', 'chat.v2'], 'chat.v3'],
]

t.test('§4.2.2 /subprotocol/: our server takes the first that it speaks of what their clients offer', async t => {
  for (const peer of clientPeers) {
    await testWith(t, peer.needs, peer.name, async t => {
      const server = await OurServer.start(t, 'TCP')
      const client = await peer.start(server.site)
      t.teardown(() => client.stop())
      for (const [offered, chosen] of offers) {
        t.same(await client.open('/', offered), { opened: true, protocol: chosen }, `${offered}: ${chosen || 'none'}`)
        t.equal((await server.connection()).protocol, chosen)
        await client.close(1000)
      }
      // "if the server does not agree to any of the client's requested subprotocols, the only acceptable value is null":
      // whether that opens is the client's to decide; browsers give up.
      await client.open('/', ['other'])
      const connection = await server.connection()
      t.equal(connection.protocol, '', 'other: none')
      await client.stop()
      await connection.closed
    })
  }
})

t.test('§4.1 our client offers, and takes what their servers choose', async t => {
  for (const peer of serverPeers) {
    await testWith(t, peer.needs, peer.name, async t => {
      const server = await peer.start('TCP')
      t.teardown(() => server.stop())
      for (const [protocols, chosen] of [
        [[], ''],
        [['chat.v1', 'chat.v2'], 'chat.v2'],
        [['other'], ''],
      ] as const) {
        const { connection } = await OurClient.connect(server.site, '/echo', { protocols })
        t.equal(connection.protocol, chosen, `${protocols}: ${chosen || 'none'}`)
        connection.close()
        t.match(await connection.closed, { code: 1000, clean: true })
      }
    })
  }
})
