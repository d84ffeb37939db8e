// A connection that is paused, on real sockets: RFC 6455 §6.2 leaves to the receiver when it reads. Whose peer has left is
// told at once where nothing of it waits, and otherwise as soon as a Ping finds nobody.
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import t from 'tap'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { connectionSettings } from '../../src/connection/connection-settings.js'
import { resolveLimits } from '../../src/connection/limits.js'
import type { Role } from '../../src/framing/frame-header.js'
import { SocketDriver } from '../../src/transport/socket-driver.js'
import { roles } from '../connection/connection-trace.js'
import { type DrivenTimers, drivenWheel } from './driven-timers.js'
import { turns, until } from './event-loop.js'
import { PlainHandler } from './plain-handler.js'
import { clientFrame } from './raw-client.js'

interface Paused {
  readonly driver: SocketDriver
  readonly handler: PlainHandler
  readonly timers: DrivenTimers
  readonly peer: Socket
}

/** A connection that is paused, and its peer, which has sent messages of so many octets. */
async function paused(role: Role, sizes: readonly number[]): Promise<Paused> {
  const server = createServer({ allowHalfOpen: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const accepted = once(server, 'connection')
  const peer = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true })
  peer.on('error', () => {}).resume()
  const [socket] = (await accepted) as [Socket]
  server.close()
  const { wheel, timers } = drivenWheel()
  const handler = new PlainHandler()
  const settings = connectionSettings(resolveLimits(role, { pingInterval: 1000, pongTimeout: 1000 }))
  const driver = new SocketDriver(socket, role, handler, settings, wheel)
  driver.start(Buffer.alloc(0))
  driver.connection.pause(driver.now)
  const build = role === 'server' ? clientFrame : buildRawFrame
  for (const size of sizes) peer.write(build({ opcode: 2, payload: Buffer.alloc(size) }))
  await turns()
  return { driver, handler, timers, peer }
}

for (const role of roles) {
  t.test(`6.2 paused, nothing waits: the end of the peer, and a reset, are told at once (${role})`, async t => {
    const ended = await paused(role, [])
    ended.peer.end()
    await until(() => ended.handler.record !== undefined)
    t.match(ended.handler.record, { code: 1006, error: { code: 'WS_PEER_ENDED' } })
    const reset = await paused(role, [])
    reset.peer.resetAndDestroy()
    await until(() => reset.handler.record !== undefined)
    t.match(reset.handler.record, { code: 1006, error: { code: 'WS_SOCKET_ERROR', causeCode: 'ECONNRESET' } })
  })

  t.test(`6.2 paused, messages wait: an end behind them is told once they have been taken (${role})`, async t => {
    const { driver, handler, peer, timers } = await paused(role, [10, 100_000, 10])
    peer.end()
    await turns()
    for (let i = 0; i < 5; i++) {
      timers.advance(1100)
      await turns(3)
    }
    t.equal(handler.record, undefined)
    t.equal(handler.messages.length, 0)
    driver.connection.resume(driver.now)
    await until(() => handler.record !== undefined)
    t.equal(handler.messages.length, 3)
    t.match(handler.record, { code: 1006, error: { code: 'WS_PEER_ENDED' } })
  })

  t.test(`6.2 paused, and more waits than is read ahead: a reset is told by the next Ping (${role})`, async t => {
    const { handler, peer, timers } = await paused(role, [200_000, 200_000])
    peer.resetAndDestroy()
    await once(peer, 'close')
    await turns()
    t.equal(handler.record, undefined, 'nobody reads')
    timers.advance(1100)
    await until(() => handler.record !== undefined)
    t.match(handler.record, { code: 1006, error: { code: 'WS_SOCKET_ERROR', causeCode: /^(ECONNRESET|EPIPE)$/ } })
    t.equal(handler.messages.length, 0)
  })
}
