/**
 * RFC 6455 §4.1: "it MUST open a connection, send an opening handshake, and read the server's handshake in response". What
 * is opened, when each stage is over, and what is sent when.
 */
import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Lookup } from '../../src/transport/address-lookup.js'
import { sharedConnectingTurns } from '../../src/transport/connecting-turns.js'
import { deferred } from './deferred.js'
import { found, nothing, TestDial, type Told, towards } from './dialled.js'
import { answering, certificate, identity, listening, onRequest, type Script, switching } from './scripted-server.js'

const ca = certificate('ca.pem')

t.test('C-17 two addresses, the first refuses, or says nothing: the second within the deadline', async t => {
  const { port } = await listening(t, answering(switching), { where: { port: 0, host: '127.0.0.1' } })
  const refused = new TestDial(`ws://server.example:${port}/`, { lookup: found('127.0.0.2', '127.0.0.1') })
  const { stream, times } = await refused.opened()
  t.equal((stream as Socket).remoteAddress, '127.0.0.1')
  t.same(
    [typeof times.dns, typeof times.tcp, times.tls, typeof times.upgrade],
    ['number', 'number', undefined, 'number'],
  )
  stream.destroy()

  const open: Told['open'] = options =>
    'host' in options && options.host === '192.0.2.1' ? new Socket() : connect(options)
  const silence = new TestDial(`ws://server.example:${port}/`, { lookup: found('192.0.2.1', '127.0.0.1'), open })
  silence.timers.advance(14_000)
  const second = await silence.opened()
  t.equal((second.stream as Socket).remoteAddress, '127.0.0.1')
  t.same(silence.left, { ...nothing, sockets: 1 }, 'only the one that is open is left')
  second.stream.destroy()
})

t.test('4.1-11 IPv6: the URL with brackets, the address without; no lookup for an address', async t => {
  const { port } = await listening(t, answering(switching), { where: { port: 0, host: '::1' } })
  const lookup: Lookup = () => {
    throw new Error('an address is not looked up')
  }
  const { stream, times } = await new TestDial(`ws://[::1]:${port}/`, { lookup }).opened()
  t.equal((stream as Socket).remoteAddress, '::1')
  t.equal(times.dns, undefined)
  stream.destroy()
})

t.test('the times: when each stage was over, by the clock, since the dial began', async t => {
  const asked = deferred<Socket>()
  const tls = identity('localhost')
  const script: Script = socket =>
    onRequest(socket, head => {
      asked.resolve(socket)
      dial.timers.advance(1000)
      socket.write(switching(head))
    })
  const { port, server } = await listening(t, script, { tls })
  const lookup = ((_host: string, _options: unknown, callback: (...answer: unknown[]) => void) => {
    setImmediate(() => {
      dial.timers.advance(10)
      callback(null, '127.0.0.1', 4)
    })
  }) as Lookup
  server.once('connection', () => dial.timers.advance(100))
  const dial = new TestDial(`wss://localhost:${port}/`, { lookup, tls: { ca } })
  const { stream, times } = await dial.opened()
  t.equal(times.dns, 10)
  t.ok(times.tcp === 10 || times.tcp === 110, 'the server may have accepted first')
  t.equal(times.tls, 110)
  t.equal(times.upgrade, 1110)
  stream.destroy()
})

t.test(
  'C-12 4.1-2 4.1-18 the request is sent once connected; what comes behind the 101 is handed on whole',
  async t => {
    const behind = Buffer.from('8105 48656c6c6f 8a00'.replaceAll(' ', ''), 'hex')
    const script = answering(head => Buffer.concat([Buffer.from(switching(head)), behind]))
    const dial = await towards(t, script)
    const { stream, agreement } = await dial.opened()
    t.same(agreement.rest, behind)
    t.same(dial.left, { ...nothing, sockets: 1 })
    stream.destroy()
  },
)

t.test('4.1-40 "the client MUST wait for a response from the server before sending any further data"', async t => {
  const answered = deferred<string>()
  const script: Script = socket => {
    let heard = ''
    socket.on('data', chunk => {
      heard += chunk.toString('latin1')
      if (!heard.endsWith('\r\n\r\n')) return
      // The client reads an interim response, and still has nothing to send.
      once(dial.sockets[0]!, 'data').then(answer, () => {})
      socket.write('HTTP/1.1 102 Processing\r\n\r\n')
    })
    const answer = async (): Promise<void> => {
      await turn()
      answered.resolve(heard)
      socket.write(switching(heard))
    }
  }
  const { port } = await listening(t, script)
  const dial = new TestDial(`ws://127.0.0.1:${port}/`)
  const { stream } = await dial.opened()
  const heard = await answered.promise
  t.equal(heard.indexOf('\r\n\r\n'), heard.length - 4, 'the request, and nothing behind it')
  t.equal(dial.sockets[0]!.bytesWritten, heard.length)
  stream.destroy()
})

t.test('4.1-5 one at a time: a turn lasts until 101 or failure, and is given up by whoever is aborted', async t => {
  const asked: ((head: string) => void)[] = []
  let requests = 0
  const arrived: (() => void)[] = []
  const { port } = await listening(t, socket =>
    onRequest(socket, head => {
      requests++
      asked.push(answer => socket.write(answer === '' ? switching(head) : answer))
      arrived.shift()?.()
    }),
  )
  const next = (): Promise<void> => new Promise(resolve => arrived.push(resolve))
  const url = `ws://127.0.0.1:${port}/`
  let comes = next()
  const dials = Array.from({ length: 4 }, () => new TestDial(url, { oneAtATime: true }))
  await comes
  t.same([requests, dials.map(({ sockets }) => sockets.length)], [1, [1, 0, 0, 0]])
  dials[1]!.abort.abort()
  t.match(await dials[1]!.error(), { name: 'AbortError' })
  comes = next()
  asked[0]!('')
  ;(await dials[0]!.opened()).stream.destroy()
  await comes
  t.same([requests, dials.map(({ sockets }) => sockets.length)], [2, [1, 0, 1, 0]])
  comes = next()
  asked[1]!('HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n')
  t.match(await dials[2]!.error(), { status: 503 })
  await comes
  asked[2]!('')
  ;(await dials[3]!.opened()).stream.destroy()
  t.equal(requests, 3)
  t.equal(sharedConnectingTurns.size, 0)
})
