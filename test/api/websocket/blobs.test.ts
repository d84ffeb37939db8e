// WHATWG WebSockets Standard, send(): a Blob is read before it is sent; nothing overtakes it, the Close frame neither.

import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { WebSocket } from '../../../src/index.js'
import { rawPeer } from './raw-peer.js'
import { settle } from './socket-log.js'

t.test('what is sent behind a Blob stays behind it, copied at the call', async t => {
  const { socket, peer } = await rawPeer(t)
  const octets = Buffer.from('octets')
  const large = Buffer.alloc(100_000, 1)
  socket.send('first')
  socket.send(new Blob(['blob']))
  socket.send('text')
  socket.send(octets)
  socket.send(new Blob([]))
  socket.send(large)
  octets.fill(0)
  large.fill(0)
  t.equal(socket.bufferedAmount, 5 + 4 + 4 + 6 + 0 + 100_000)
  socket.close(1000, 'done')
  t.equal(socket.readyState, WebSocket.CLOSING)
  t.equal(await peer.line(), 'text "first"')
  t.equal(await peer.line(), `binary ${Buffer.from('blob').toString('hex')}`)
  t.equal(await peer.line(), 'text "text"')
  t.equal(await peer.line(), `binary ${Buffer.from('octets').toString('hex')}`)
  t.equal(await peer.line(), 'binary ')
  t.ok((await peer.frame()).payload.equals(Buffer.alloc(100_000, 1)))
  t.equal(await peer.line(), 'close 1000 "done"')
  t.equal(socket.bufferedAmount, 0)
})

t.test('a Blob after a Blob', async t => {
  const { socket, peer } = await rawPeer(t)
  socket.send(new Blob(['1']))
  t.equal(await peer.line(), 'binary 31')
  await settle()
  socket.send('2')
  socket.send(new Blob(['3']))
  t.equal(await peer.line(), 'text "2"')
  t.equal(await peer.line(), 'binary 33')
})

/** A Blob of five octets that is read when the test says so. */
function lateBlob(): { blob: Blob; read: () => void } {
  let resolve = (_: ArrayBuffer) => {}
  const blob = new Blob(['12345'])
  blob.arrayBuffer = () => new Promise(done => (resolve = done))
  return { blob, read: () => resolve(new ArrayBuffer(5)) }
}

t.test('while close() waits behind a Blob nothing is told any more', async t => {
  const { socket, log, peer, send, close } = await rawPeer(t)
  const { blob, read } = lateBlob()
  socket.send(blob)
  socket.close()
  send({ opcode: 1, payload: 'late' }, { opcode: 9 })
  t.equal(await peer.line(), 'pong ""', 'it has come')
  read()
  t.equal(await peer.line(), 'binary 0000000000')
  t.equal(await peer.line(), 'close')
  close()
  await log.until('close')
  t.same(log.lines, ['open', 'close clean 1005'])
})

t.test('a Blob that is read when the peer has closed is not sent, and stays counted', async t => {
  const { socket, log, close } = await rawPeer(t)
  const { blob, read } = lateBlob()
  socket.send(blob)
  socket.send('678')
  close(1000)
  await log.until('close')
  t.equal(socket.bufferedAmount, 8)
  read()
  await settle()
  t.equal(socket.bufferedAmount, 8)
  t.same(log.lines, ['open', 'close clean 1000'])
})

t.test('a Blob that cannot be read any more ends the connection: no message is left out', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'blobs-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'file')
  await writeFile(file, 'a')
  const blob = await openAsBlob(file)
  await writeFile(file, 'another size')
  const { socket, log, peer } = await rawPeer(t)
  socket.send('before')
  socket.send(blob)
  socket.send('behind')
  await log.until('close')
  t.same(log.lines, ['open', 'error', 'close 1006'])
  t.equal(await peer.line(), 'text "before"')
  await peer.gone()
  t.equal(peer.unread.length, 0)
  t.equal(socket.bufferedAmount, 7)
})
