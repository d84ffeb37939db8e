/** §7.1.1: what is timed is a Closing Handshake and the end of TCP, and not how long this tool waits for one. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Generator } from '../../src/load/generator.js'
import { load } from '../../src/load/load.js'
import { loadSettings } from '../../src/load/load-options.js'
import { acceptFor } from '../transport/scripted-server.js'

/** A server of TCP that shakes hands, and is told of each octet behind that. */
async function raw(t: Test, opened: (socket: Socket) => void): Promise<string> {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.once('data', head => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
          `Sec-WebSocket-Accept: ${acceptFor(head.toString('latin1'))}\r\n\r\n`,
      )
      opened(socket)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
}

t.test(
  'a server that reads nothing more: no Closing Handshake is timed, and that there was none is an error',
  async t => {
    const url = await raw(t, socket => socket.pause())
    const options = { connections: 2, rate: 20, duration: 100, warmUp: 0, drain: 100 }
    const { times, errors, counts, closeCodes } = await load(url, options)
    t.equal(times.close, undefined)
    t.same(errors, [{ kind: 'not closed', count: 2, example: 'no Closing Handshake and end of TCP within 100 ms' }])
    t.match(counts, { dropped: 0, unanswered: 2 })
    t.same(closeCodes, { 1006: 2 })
  },
)

t.test('a server that ends TCP without a Close frame: no Closing Handshake is timed, and it is an error', async t => {
  const close = Buffer.from('880203e8', 'hex')
  const ends: [name: string, end: (socket: Socket) => void, error: RegExp | undefined][] = [
    ['it answers, and ends', socket => socket.end(close), undefined],
    ['it ends', socket => socket.end(), /the peer ended the connection without a Close frame/],
    ['it resets', socket => socket.resetAndDestroy(), /ECONNRESET/],
  ]
  for (const [name, end, error] of ends) {
    const url = await raw(t, socket => socket.once('data', () => end(socket)))
    for (const options of [{ workload: 'idle' }, { workload: 'connect', rate: 40 }] as const) {
      const settings = loadSettings(url, { connections: 2, warmUp: 0, duration: 50, ...options })
      const generator = new Generator(settings, { index: 0, count: 1 })
      await generator.open()
      await generator.run(performance.now())
      await generator.close()
      const { counts, errors } = generator.tally
      t.match(counts, { opened: 2, dropped: 0 }, name)
      t.equal(generator.tally.times('close').count, error === undefined ? 2 : 0, name)
      t.same([...errors.keys()], error === undefined ? [] : ['no Close frame'], name)
      if (error !== undefined) t.match(errors.get('no Close frame'), { count: 2, example: error })
    }
  }
})

t.test('whom we cut while we waited for its Close frame is blamed for nothing', async t => {
  const url = await raw(t, socket => socket.resume())
  const settings = loadSettings(url, { workload: 'idle', connections: 2, warmUp: 0, duration: 1 })
  const generator = new Generator(settings, { index: 0, count: 1 })
  await generator.open()
  const closed = generator.close()
  generator.cut()
  await closed
  t.same([...generator.tally.errors], [])
  t.equal(generator.tally.times('close').count, 0)
})

t.test(
  'so many are closed at a time; where one is left waiting, those that are left go at once behind the drain',
  async t => {
    const close = Buffer.from('880203e8', 'hex')
    const asked: Socket[] = []
    const url = await raw(t, socket => {
      socket.once('data', () => {
        asked.push(socket)
        // The first one has no answer before the last one has asked.
        if (asked.length === 3) for (const one of asked) one.end(close)
      })
    })
    const settings = loadSettings(url, {
      workload: 'idle',
      connections: 3,
      opening: 1,
      warmUp: 0,
      duration: 1,
      drain: 200,
    })
    const generator = new Generator(settings, { index: 0, count: 1 })
    await generator.open()
    const closed = generator.close()
    while (asked.length === 0) await new Promise(resolve => setImmediate(resolve))
    t.equal(asked.length, 1)
    await closed
    const { tally } = generator
    t.ok(tally.times('close').count >= 2, `${tally.times('close').count}`)
    t.equal(tally.times('close').count + (tally.errors.get('not closed')?.count ?? 0), 3)
  },
)

t.test('a storm whose connections are all about to end is not deserted: they come back', async t => {
  const close = Buffer.from('880203f4', 'hex')
  let answers = 0
  const url = await raw(t, socket => {
    // It has our Close frame, and does not end TCP.
    socket.on('data', () => answers++)
    socket.write(close)
  })
  const settings = loadSettings(url, {
    workload: 'storm',
    cutAll: false,
    connections: 2,
    warmUp: 0,
    duration: 60_000,
    drain: 100,
  })
  const generator = new Generator(settings, { index: 0, count: 1 })
  t.equal(generator.isDeserted, true, 'nobody was there')
  await generator.open()
  const running = generator.run(performance.now())
  while (answers < 2) await new Promise(resolve => setImmediate(resolve))
  t.equal(generator.tally.closeCodes.size, 0)
  t.equal(generator.isDeserted, false)
  generator.stop()
  await running
  generator.cut()
  await generator.close()
})
