/** The server behind a proxy under test: whose a connection is, its request says, and nothing else. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { FarEnd } from '../../src/conformance/far-end.js'

/** A far end, and connections to it that have come, in this order. */
async function reached(t: Test, count: number) {
  const far = new FarEnd()
  const port = await far.listen('127.0.0.1', 0)
  t.teardown(() => far.close())
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    t.teardown(() => socket.destroy())
    sockets.push(socket)
    while (far.connections < sockets.length) await new Promise(setImmediate)
  }
  return { far, port, sockets }
}

const request = (key: string) => `GET /${key} HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: ${key}\r\n\r\n`

async function toTheEnd(socket: Socket): Promise<string> {
  let came = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    came += text
  })
  await once(socket, 'end')
  return came
}

t.test('connections that come before anybody waits are left alone, and told apart by their keys', async t => {
  const { far, sockets } = await reached(t, 3)
  const [one, other] = [far.next('one'), far.next('other')]
  t.equal(far.passesKeys, false)
  sockets[2]!.write(request('one'))
  t.equal((await one).request!.target, '/one')
  t.equal(far.passesKeys, true)
  sockets[0]!.write(request('other'))
  t.equal((await other).request!.target, '/other')
})

t.test(
  'a request with a key that nobody sent goes to the one who waits, as long as no key has come through',
  async t => {
    const { far, sockets } = await reached(t, 4)
    const [one, other] = [far.next('one'), far.next('other')]
    sockets[0]!.write(request('changed'))
    t.equal(await toTheEnd(sockets[0]!), '', 'whose is it?')
    far.forget('other')
    sockets[1]!.write('SSH-2.0-x\r\n\r\n')
    t.ok((await one).headError)
    const third = far.next('third')
    sockets[2]!.write(request('third'))
    t.ok((await third).request)
    const fourth = far.next('fourth')
    sockets[3]!.write(request('changed'))
    t.equal(await toTheEnd(sockets[3]!), '')
    t.equal(await Promise.race([fourth, other, 'nobody']), 'nobody')
  },
)

t.test('who asks for nothing', async t => {
  const { far, sockets } = await reached(t, 3)
  const next = far.next('key')
  sockets[0]!.end()
  t.equal(await toTheEnd(sockets[0]!), '', 'one that ends before a request')
  sockets[1]!.write(request('key'))
  await next
  const nothing = far.next('')
  sockets[2]!.write('GET /health HTTP/1.1\r\nHost: a\r\n\r\n')
  t.match(await toTheEnd(sockets[2]!), /^HTTP\/1.1 200 OK\r\n/, 'a proxy asks whether we live')
  t.equal(await Promise.race([nothing, 'nobody']), 'nobody')
})

t.test('once it is handed over, what is open is cut, and the port never free', async t => {
  const { far, port, sockets } = await reached(t, 1)
  const cut = toTheEnd(sockets[0]!)
  far.handOver(socket => socket.end('the next one'))
  t.equal(await cut, '')
  const socket = connect(port, '127.0.0.1')
  t.equal(await toTheEnd(socket), 'the next one')
})
