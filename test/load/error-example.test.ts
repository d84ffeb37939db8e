/** What is left of an error that is told of one of its kind. */
import t from 'tap'
import { errorExample } from '../../src/load/error-example.js'
import { Tally } from '../../src/load/tally.js'

const rows: [string, string][] = [
  [
    'no TLS: C0B6FB8F697F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/openssl/ssl/record/ssl3_record.c:350:\n',
    'no TLS: wrong version number',
  ],
  [
    'no TLS: 809CC291817F0000:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../deps/openssl/openssl/ssl/record/rec_layer_s3.c:1601:SSL alert number 40\n',
    'no TLS: sslv3 alert handshake failure, SSL alert number 40',
  ],
  [
    'the connection broke: 80:error:0A000119:SSL routines:f:decryption failed or bad record mac:..\\ssl\\a.c:9:\n',
    'the connection broke: decryption failed or bad record mac',
  ],
  ['no TLS: error:0A0000C6:SSL routines::packet length too long', 'no TLS: packet length too long'],
  ['could not connect: connect ECONNREFUSED 127.0.0.1:1', 'could not connect: connect ECONNREFUSED 127.0.0.1:1'],
  ['error: none of OpenSSL\n', 'error: none of OpenSSL\n'],
  ['', ''],
]

t.test('of what OpenSSL says the reason is left', async t => {
  for (const [message, left] of rows) {
    t.equal(errorExample(message), left)
    t.equal(errorExample(left), left, 'twice')
  }
})

t.test('so in the errors that a load counts', async t => {
  const tally = new Tally()
  const [message, left] = rows[0]!
  tally.error('tls ERR_SSL_WRONG_VERSION_NUMBER', message)
  tally.error('tls ERR_SSL_WRONG_VERSION_NUMBER', message)
  t.same([...tally.take().errors], [['tls ERR_SSL_WRONG_VERSION_NUMBER', { count: 2, example: left }]])
})
