// A stream within the process may answer from within a write (RFC 6455 §4.2.2: after the response the connection is OPEN).
import { Duplex } from 'node:stream'
import t from 'tap'
import { serve } from '../api/serving.js'
import { turns, until } from './event-loop.js'
import { clientFrame, openingRequest } from './raw-client.js'

/** Two streams, each the other's peer: what is written to one is read from the other within the call. */
function immediatePair(): [Duplex, Duplex] {
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read() {},
      write(chunk, _encoding, done) {
        other().push(chunk)
        done()
      },
      final(done) {
        other().push(null)
        done()
      },
    })
  const near: Duplex = make(() => far)
  const far: Duplex = make(() => near)
  return [near, far]
}

t.test('4.2.2 a frame that comes while the response is being written is delivered', async t => {
  const messages: unknown[] = []
  const { server } = await serve(t, {}, { message: (_connection, data) => messages.push(data) })
  const [near, far] = immediatePair()
  near.once('data', () => near.write(clientFrame({ opcode: 1, payload: 'at once' })))
  server.handleConnection(far)
  near.write(openingRequest())
  await until(() => messages.length === 1)
  t.same(messages, ['at once'])
  near.destroy()
  far.destroy()
})

t.test('4.2.2 a peer that leaves while the response is being written is no connection', async t => {
  let opened = 0
  const { server } = await serve(t, {}, { connection: () => opened++ })
  const [near, far] = immediatePair()
  near.once('data', () => far.emit('end'))
  server.handleConnection(far)
  near.write(openingRequest())
  await turns()
  t.equal(opened, 0)
  near.destroy()
  far.destroy()
})
