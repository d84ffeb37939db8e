/**
 * RFC 6455 §4.1: "The client MUST validate the server's response as follows", by `connect()` against servers that send exact
 * octets. Attack cases C-01 and C-05 to C-11.
 */
import t, { type Test } from 'tap'
import { connect } from '../../src/api/client.js'
import type { ConnectOptions } from '../../src/api/connect-options.js'
import { HandshakeError } from '../../src/errors.js'
import { deferred } from '../transport/deferred.js'
import { acceptFor, answering, listening, onRequest, type Script, switching } from '../transport/scripted-server.js'

async function urlOf(t: Test, script: Script): Promise<string> {
  const { port } = await listening(t, script)
  return `ws://127.0.0.1:${port}/`
}

/** The error that connecting ends in. */
async function failure(url: string, options: ConnectOptions = {}): Promise<HandshakeError> {
  const connection = await connect(url, options).catch((error: unknown) => error)
  if (connection instanceof HandshakeError) return connection
  throw new Error(`no HandshakeError: ${String(connection)}`)
}

t.test('C-01 a redirect is not followed: the error carries the answer, and nobody is sent the credentials', async t => {
  let visitors = 0
  const elsewhere = await listening(t, () => visitors++)
  const options = {
    headers: { Authorization: 'Bearer a', Cookie: 'b=c', 'Proxy-Authorization': 'Basic d', 'X-Token': 'e' },
  }
  for (const [status, location] of [
    [301, `ws://127.0.0.1:${elsewhere.port}/`],
    [302, `http://127.0.0.1:${elsewhere.port}/`],
    [303, `wss://127.0.0.1:${elsewhere.port}/`],
    [307, `//127.0.0.1:${elsewhere.port}/`],
    [308, '/elsewhere'],
  ] as const) {
    let requests = 0
    const url = await urlOf(t, socket =>
      onRequest(socket, () => {
        requests++
        socket.write(`HTTP/1.1 ${status} Moved\r\nLocation: ${location}\r\nContent-Length: 4\r\n\r\nthere`)
      }),
    )
    const error = await failure(url, options)
    t.match(error, { code: 'WS_REFUSED', status, section: '4.1', phase: 'upgrade', statusCode: 1006 })
    t.match(error.response, {
      status,
      reason: 'Moved',
      headers: [
        ['Location', location],
        ['Content-Length', '4'],
      ],
    })
    t.equal(Buffer.from(error.response!.body).toString(), 'ther')
    t.equal(requests, 1)
  }
  t.equal(visitors, 0)
})

t.test('C-05 C-06 C-07 C-08 C-10 "The client MUST validate the server’s response": what it must fail on', async t => {
  const upgrade = 'Upgrade: websocket\r\n'
  const listed = 'Connection: Upgrade\r\n'
  const line = 'HTTP/1.1 101 Switching Protocols\r\n'
  const accept = (head: string): string => `Sec-WebSocket-Accept: ${acceptFor(head)}\r\n`
  const cases: [what: string, answer: (head: string) => string, code: string, options?: ConnectOptions][] = [
    ['C-05 no Upgrade', head => `${line}${listed}${accept(head)}\r\n`, 'WS_UPGRADE_FIELD'],
    ['C-05 another Upgrade', head => `${line}Upgrade: h2c\r\n${listed}${accept(head)}\r\n`, 'WS_UPGRADE_FIELD'],
    ['C-05 no Connection', head => `${line}${upgrade}${accept(head)}\r\n`, 'WS_CONNECTION_FIELD'],
    [
      'C-05 another Connection',
      head => `${line}${upgrade}Connection: close\r\n${accept(head)}\r\n`,
      'WS_CONNECTION_FIELD',
    ],
    ['C-05 HTTP/1.0', head => switching(head).replace('HTTP/1.1', 'HTTP/1.0'), 'WS_HTTP_VERSION'],
    ['C-05 six interim responses', head => 'HTTP/1.1 102 \r\n\r\n'.repeat(6) + switching(head), 'WS_INTERIM_RESPONSES'],
    ['C-06 no Sec-WebSocket-Accept', () => `${line}${upgrade}${listed}\r\n`, 'WS_ACCEPT'],
    ['C-06 wrong', head => switching(head).replace(/Accept: ./, 'Accept: *'), 'WS_ACCEPT'],
    [
      'C-06 the key itself',
      head => `${line}${upgrade}${listed}Sec-WebSocket-Accept: ${/Key: (.*)\r/.exec(head)![1]}\r\n\r\n`,
      'WS_ACCEPT',
    ],
    [
      'C-06 in lower case',
      head => switching(head).replace(acceptFor(head), acceptFor(head).toLowerCase()),
      'WS_ACCEPT',
    ],
    ['C-06 without padding', head => switching(head).replace('=\r\n', '\r\n'), 'WS_ACCEPT'],
    ['C-06 twice', head => switching(head, accept(head)), 'WS_ACCEPT'],
    ['C-06 space within', head => switching(head).replace(/Accept: (....)/, 'Accept: $1 '), 'WS_ACCEPT'],
    ['C-07 not asked for', head => switching(head, 'Sec-WebSocket-Protocol: chat\r\n'), 'WS_PROTOCOL'],
    [
      'C-07 another',
      head => switching(head, 'Sec-WebSocket-Protocol: soup\r\n'),
      'WS_PROTOCOL',
      { protocols: ['chat'] },
    ],
    [
      'C-07 in other case',
      head => switching(head, 'Sec-WebSocket-Protocol: Chat\r\n'),
      'WS_PROTOCOL',
      { protocols: ['chat'] },
    ],
    ['C-07 two', head => switching(head, 'Sec-WebSocket-Protocol: a, b\r\n'), 'WS_PROTOCOL', { protocols: ['a', 'b'] }],
    [
      'C-08 not asked for',
      head => switching(head, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'),
      'WS_EXTENSIONS',
    ],
    ['C-08 malformed', head => switching(head, 'Sec-WebSocket-Extensions: ;\r\n'), 'WS_EXTENSIONS'],
    ['C-09 20x', head => switching(head).replace('101', '20x'), ''],
    ['C-10 white space before the first field', head => switching(head).replace('\r\n', '\r\n A: b\r\n'), ''],
    ['C-10 bare LF', head => switching(head, 'A: b\n'), ''],
    ['C-10 NUL', head => switching(head, 'A: b\0\r\n'), ''],
    ['C-10 space before the colon', head => switching(head, 'A : b\r\n'), ''],
    ['C-10 no status', () => 'HTTP/1.1\r\n\r\n', ''],
    ['C-10 not HTTP', () => 'SSH-2.0-OpenSSH_9.2\r\n', ''],
    ['C-10 two answers to two questions', head => `HTTP/2 101 \r\n${switching(head)}`, ''],
  ]
  for (const [what, answer, code, options] of cases) {
    const ended = deferred()
    const url = await urlOf(t, socket => {
      socket.once('close', () => ended.resolve())
      answering(answer)(socket)
    })
    const error = await failure(url, options)
    t.match(error, { ...(code !== '' && { code }), statusCode: 1006, phase: 'upgrade' }, what)
    await ended.promise
  }
})

t.test(
  'C-05 C-10 what it must not fail on: up to five interim responses, no reason, other case, more in Connection',
  async t => {
    const cases: [what: string, answer: (head: string) => string][] = [
      [
        '100, 102, 103',
        head =>
          `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 \r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${switching(head)}`,
      ],
      ['five', head => 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(5) + switching(head)],
      ['no reason', head => switching(head).replace(' Switching Protocols', ' ')],
      ['no reason, no space', head => switching(head).replace(' Switching Protocols', '')],
      [
        'other case',
        head => switching(head).replace('websocket', 'WebSocket').replace('Connection: U', 'cONNECTION: u'),
      ],
      ['more in Connection', head => switching(head).replace('Connection: ', 'Connection: keep-alive, ')],
    ]
    for (const [what, answer] of cases) {
      const connection = await connect(await urlOf(t, answering(answer)))
      t.equal(connection.state, 'open', what)
      connection.terminate()
    }
  },
)

t.test('C-09 every other status is a refusal that is told, with status, fields and body', async t => {
  let status = 0
  const url = await urlOf(t, socket =>
    onRequest(socket, () =>
      socket.end(`HTTP/1.1 ${String(status).padStart(3, '0')} Because\r\nA: ${status}\r\n\r\nno`),
    ),
  )
  const wrong: number[] = []
  for (const tried of [0, ...Array.from({ length: 400 }, (_, i) => 200 + i), 600, 999]) {
    status = tried
    const { code, response } = await failure(url)
    const bodiless = tried < 200 || tried === 204 || tried === 304
    const fine =
      code === 'WS_REFUSED' &&
      response?.status === tried &&
      response.reason === 'Because' &&
      response.headers[0]![1] === String(tried) &&
      Buffer.from(response.body).toString() === (bodiless ? '' : 'no')
    if (!fine) wrong.push(tried)
  }
  t.same(wrong, [])
})

t.test('C-11 endless: line, fields, interim responses, body, chunks, trailers: an end is put to each', async t => {
  const pour = (start: string, again: string): Script => {
    return socket => {
      onRequest(socket, () => {
        socket.write(start)
        const more = (): void => {
          while (!socket.destroyed && socket.write(again.repeat(64))) {}
        }
        socket.on('drain', more)
        more()
      })
    }
  }
  const refusal = 'HTTP/1.1 403 \r\n'
  const cases: [what: string, start: string, again: string, body: number | undefined][] = [
    ['reason', 'HTTP/1.1 101 ', 'a'.repeat(100), undefined],
    ['field', 'HTTP/1.1 101 \r\nA: ', 'a'.repeat(100), undefined],
    ['fields', 'HTTP/1.1 101 \r\n', 'A: b\r\n', undefined],
    ['interim responses', '', 'HTTP/1.1 102 \r\n\r\n', undefined],
    ['body', `${refusal}\r\n`, 'a'.repeat(100), 65_536],
    ['body longer than it says', `${refusal}Content-Length: 7\r\n\r\n`, 'abcdefgh', 7],
    ['body that says it is', `${refusal}Content-Length: 999999999\r\n\r\n`, 'a'.repeat(100), 65_536],
    ['chunks', `${refusal}Transfer-Encoding: chunked\r\n\r\n`, `400\r\n${'a'.repeat(1024)}\r\n`, 65_536],
    ['chunk extension', `${refusal}Transfer-Encoding: chunked\r\n\r\n5;`, 'a=b;', 0],
    ['trailers', `${refusal}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n`, 'A: b\r\n', 1],
  ]
  for (const [what, start, again, body] of cases) {
    const error = await failure(await urlOf(t, pour(start, again)))
    t.equal(error.response?.body.length, body, what)
    t.equal(error.code === 'WS_REFUSED', body !== undefined, what)
  }
})
