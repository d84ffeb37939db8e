// What the peer or the network rejects is told to whoever awaits it; nobody need, and the process lives on.
import { once } from 'node:events'
import t from 'tap'
import { rejectionHeard } from '../../src/api/rejection-heard.js'
import { connect, createServer, TransportError } from '../../src/index.js'

t.test('the promise is the same, its rejection still told', async t => {
  const promise = Promise.reject(new Error('told'))
  t.equal(rejectionHeard(promise), promise)
  await t.rejects(promise, { message: 'told' })
})

t.test('ping() and flush() that nobody awaits do not end the process when the peer leaves', async t => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  t.teardown(() => process.off('unhandledRejection', note))
  const server = createServer()
  await server.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => server.close())
  const { port } = server.address() as { port: number }
  const opened = once(server, 'connection')
  const connecting = connect(`ws://127.0.0.1:${port}`)
  const [connection] = await opened
  const client = await connecting
  const pinged = connection.ping()
  connection.send(Buffer.alloc(1024 * 1024))
  const flushed = connection.flush()
  client.terminate()
  await connection.closed
  await t.rejects(connection.ping(), TransportError, 'also once it is closed')
  await new Promise(setImmediate)
  t.same(unhandled, [])
  await t.rejects(pinged, { code: 'WS_PING_UNANSWERED' })
  await flushed.catch((error: unknown) => t.match(error, { code: 'WS_FLUSH_INCOMPLETE' }))
})
