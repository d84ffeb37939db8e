// A server over real sockets: RFC 6455 §4.2 end to end, and what is left of it afterwards.
import t from 'tap'
import { sampleAccept } from '../transport/raw-client.js'
import { serve } from './serving.js'

t.test('4.2.2 it answers the sample handshake of §1.3 and echoes', async t => {
  const { open } = await serve(t, {}, { message: (connection, data) => connection.send(data) })
  const { client, head, connection } = await open()
  t.match(head, `Sec-WebSocket-Accept: ${sampleAccept}\r\n`)
  t.equal(connection.state, 'open')
  client.text('hello')
  client.binary(Buffer.from([1, 2, 3]))
  t.equal(await client.line(), 'text "hello"')
  t.equal(await client.line(), 'binary 010203')
  client.close(1000, 'bye')
  t.equal(await client.line(), 'close 1000 ""')
  await client.end()
  client.stream.end()
  const record = await connection.closed
  t.match(record, { code: 1000, reason: 'bye', clean: true, initiator: 'peer' })
})
