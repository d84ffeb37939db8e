// A stream that breaks while a server answers on it: RFC 6455 §4.2.2, §7.2.1. One failure or one close is told, nothing is
// thrown, nothing is left.
import { Duplex } from 'node:stream'
import t from 'tap'
import type { WebSocketConnection } from '../../src/api/websocket-connection.js'
import { connectionSettings } from '../../src/connection/connection-settings.js'
import { resolveLimits } from '../../src/connection/limits.js'
import { SocketDriver } from '../../src/transport/socket-driver.js'
import { serve } from '../api/serving.js'
import { roles } from '../connection/connection-trace.js'
import { drivenWheel } from './driven-timers.js'
import { turns, until } from './event-loop.js'
import { PlainHandler } from './plain-handler.js'
import { openingRequest } from './raw-client.js'

type Write = (this: Duplex, callback: (error?: Error) => void) => void

const broken = new Error('broken')

/** How a stream may fail a write. */
const faults: Record<string, Write> = {
  'throws at once': () => {
    throw broken
  },
  'calls back with an error at once': callback => callback(broken),
  'calls back with an error later': callback => void setImmediate(() => callback(broken)),
  'destroys itself': function () {
    this.destroy()
  },
  'destroys itself with an error': function () {
    this.destroy(broken)
  },
  'destroys itself, and calls back': function (callback) {
    this.destroy()
    callback()
  },
  'destroys itself, and throws': function () {
    this.destroy()
    throw broken
  },
  'destroys itself later': function () {
    setImmediate(() => this.destroy(broken))
  },
}

/** A stream of which the write number `which` fails, and all that follow. */
function failing(write: Write, which = 0): Duplex {
  let writes = 0
  return new Duplex({
    read() {},
    write(_chunk, _encoding, callback) {
      if (writes++ < which) callback()
      else write.call(this, callback)
    },
    // A stream that cannot end either.
    final(callback) {
      callback(broken)
    },
  })
}

/** What is asked, and what would be answered. */
const answers: Record<string, string> = {
  101: openingRequest('/'),
  '101 of an async hook': openingRequest('/later'),
  '400': 'nonsense\r\n',
  '403 of a hook': openingRequest('/no'),
  '426 of a plain request': 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  '500 of a hook that throws': openingRequest('/oops'),
  '408': 'GET / HT',
}

for (const [fault, write] of Object.entries(faults)) {
  for (const [answer, request] of Object.entries(answers)) {
    t.test(`a stream that ${fault}: ${answer}`, async t => {
      const told: string[] = []
      const { server, timers, wheel } = await serve(
        t,
        {},
        {
          accept: async ({ path }) => {
            if (path === '/oops') throw new Error('oops')
            return path === '/no' ? { status: 403 } : {}
          },
          connection: () => void told.push('open'),
          close: () => void told.push('close'),
          error: () => void told.push('error'),
        },
      )
      if (answer === '101') Object.defineProperty(server, 'decide', { value: () => ({ accept: {}, data: undefined }) })
      server.on('refused', () => told.push('refused'))
      const stream = failing(write)
      server.handleConnection(stream)
      stream.push(request)
      await turns()
      if (answer === '408') timers.advance(10_100)
      await until(() => stream.closed && wheel.size === 0)
      await turns()
      // What a hook has refused failed as it was meant to; a plain request is no handshake.
      const quiet = answer.startsWith('403') || answer.startsWith('426')
      const expected = quiet ? [[]] : answer.startsWith('101') ? [['refused'], ['open', 'close']] : [['refused']]
      t.ok(
        expected.some(events => events.join() === told.join()),
        told.join(),
      )
      t.equal(server.connections.size, 0)
      for (const event of ['data', 'end', 'drain']) t.ok(stream.listenerCount(event) <= 2, event)
    })
  }

  for (const role of roles) {
    for (const which of [0, 1]) {
      t.test(`7.1.5 a stream that ${fault}, at write ${which} of a connection (${role})`, async t => {
        const { wheel } = drivenWheel()
        const handler = new PlainHandler()
        let closes = 0
        handler.onClose = record => {
          closes++
          handler.record = record
        }
        const stream = failing(write, which)
        const driver = new SocketDriver(stream, role, handler, connectionSettings(resolveLimits(role)), wheel)
        driver.start(Buffer.alloc(0))
        for (let i = 0; i <= which; i++) {
          driver.connection.sendText('x')
          await turns(1)
        }
        await until(() => stream.closed && closes > 0)
        await turns()
        t.equal(closes, 1)
        t.equal(handler.record?.code, 1006)
        t.equal(handler.errors.length, 0, "it is not the application's fault")
        t.equal(wheel.size, 0)
      })

      t.test(
        `7.1.1 a stream that ${fault}, at the Close frame, ${which === 0 ? 'ours' : 'the answer'} (${role})`,
        async t => {
          const { wheel } = drivenWheel()
          const handler = new PlainHandler()
          let closes = 0
          handler.onClose = () => closes++
          const stream = failing(write)
          const driver = new SocketDriver(stream, role, handler, connectionSettings(resolveLimits(role)), wheel)
          driver.start(Buffer.alloc(0))
          if (which === 0) driver.connection.close(1000, '', driver.now)
          else stream.push(Buffer.from(role === 'server' ? '888000000000' : '8800', 'hex'))
          await until(() => stream.closed && closes > 0)
          await turns()
          t.equal(closes, 1)
          t.equal(wheel.size, 0)
        },
      )
    }
  }
}

for (const [fault, write] of Object.entries(faults)) {
  t.test(`what a connection sends from its first handler, on a stream that ${fault}`, async t => {
    const made: WebSocketConnection[] = []
    const { server } = await serve(
      t,
      {},
      {
        connection: connection => {
          made.push(connection)
          connection.send('hello')
        },
      },
    )
    const stream = failing(write, 1)
    server.handleConnection(stream)
    stream.push(openingRequest())
    await until(() => made.length === 1)
    if (!fault.endsWith('and calls back')) await t.rejects(made[0]!.flush(), { code: 'WS_FLUSH_INCOMPLETE' })
    t.match(await made[0]!.closed, { code: 1006, octetsSent: fault.endsWith('and calls back') ? 7 : 0 })
  })
}
