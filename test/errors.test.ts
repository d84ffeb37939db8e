// The errors tell who erred, carry what the caller branches on, and are what they extend.
import t from 'tap'
import { HandshakeError, ProtocolError, TransportError, UsageError } from '../src/errors.js'

t.test('7.1.7 ProtocolError: the peer erred, with the status code the connection fails with', async t => {
  const error = new ProtocolError('WS_TEST', 1002, '5.2', 'what is wrong')
  t.ok(error instanceof Error)
  t.match(error, { name: 'ProtocolError', message: 'what is wrong', code: 'WS_TEST', statusCode: 1002, section: '5.2' })
  t.equal(String(error), 'ProtocolError: what is wrong')
})

t.test(
  '4 HandshakeError: no connection was established, so 1006; at a server the HTTP status of the refusal',
  async t => {
    const headers = [['Sec-WebSocket-Version', '13']] as const
    const error = new HandshakeError('WS_TEST', '4.4', 'what is wrong', { status: 426, headers })
    t.ok(error instanceof Error)
    t.match(error, { name: 'HandshakeError', code: 'WS_TEST', statusCode: 1006, section: '4.4', status: 426 })
    t.equal(error.headers, headers)
    t.equal(error.response, undefined)
    t.notOk('cause' in error)
  },
)

t.test('4.1 HandshakeError: at a client what the server answered', async t => {
  const response = { status: 403, reason: 'Forbidden', headers: [['A', 'b']] as const, body: new Uint8Array(1) }
  const error = new HandshakeError('WS_TEST', '4.1', 'refused', { response })
  t.equal(error.response, response)
  t.equal(error.status, 403)
  t.equal(error.headers, response.headers)
  const cause = new Error('of this')
  t.equal(new HandshakeError('WS_TEST', '4.1', 'refused', { cause }).cause, cause)
  const bare = new HandshakeError('WS_TEST', '4.1', 'refused')
  t.same([bare.status, bare.headers, bare.response], [undefined, [], undefined])
})

t.test('7.1.5 TransportError: 1006 unless told otherwise; it repeats the code of its cause', async t => {
  const bare = new TransportError('WS_TEST', 'gone')
  t.ok(bare instanceof Error)
  t.match(bare, { name: 'TransportError', code: 'WS_TEST', statusCode: 1006, section: '7.1.5' })
  t.equal(bare.causeCode, undefined)
  t.notOk('cause' in bare)
  const cause = Object.assign(new Error('read'), { code: 'ECONNRESET' })
  const reset = new TransportError('WS_TEST', 'gone', { cause, section: '7.1.1' })
  t.match(reset, { cause, causeCode: 'ECONNRESET', section: '7.1.1', statusCode: 1006 })
  const tls = new TransportError('WS_TEST', 'no TLS', {
    statusCode: 1015,
    cause: Object.assign(new Error(), { code: 7 }),
  })
  t.match(tls, { statusCode: 1015, causeCode: undefined })
  t.equal(new TransportError('WS_TEST', 'odd', { cause: 'a string' }).causeCode, undefined)
})

t.test('UsageError: the caller erred; it is a TypeError', async t => {
  const error = new UsageError('WS_TEST', '5.5.1', 'not so')
  t.ok(error instanceof TypeError)
  t.match(error, { name: 'UsageError', message: 'not so', code: 'WS_TEST', statusCode: 1011, section: '5.5.1' })
})

t.test('none of them is another', async t => {
  const all = [
    new ProtocolError('WS_TEST', 1002, '5', ''),
    new HandshakeError('WS_TEST', '4', ''),
    new TransportError('WS_TEST', ''),
    new UsageError('WS_TEST', '5', ''),
  ]
  const kinds = [ProtocolError, HandshakeError, TransportError, UsageError]
  for (const [i, error] of all.entries())
    t.same(
      kinds.map(kind => error instanceof kind),
      kinds.map((_, k) => k === i),
    )
})
