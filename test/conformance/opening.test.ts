/** Cases of the Opening Handshake put to endpoints that do not do what is expected: what is told. */
import type { Socket } from 'node:net'
import t from 'tap'
import { allCases } from '../../src/conformance/cases/all-cases.js'
import { ClientRunner } from '../../src/conformance/client-runner.js'
import { defaultPatience, scaled } from '../../src/conformance/patience.js'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import type { CaseResult } from '../../src/conformance/run-case.js'
import { selectRuns } from '../../src/conformance/selection.js'
import { runOnServer } from '../../src/conformance/server-runner.js'
import { acceptValue } from '../../src/handshake/accept-key.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import { ask, key, upgrade } from './asking.js'
import { NaiveClient } from './mutants/naive-client.js'
import { accepting, scriptedServer } from './scripted-server.js'

const impatient = scaled(defaultPatience, 0.05)

function whole(id: string, tested: 'server' | 'client') {
  return selectRuns(allCases, { tested, wanted: [id], unwanted: ['*@*'] })
}

function told({ verdict, behaviour: { findings } }: CaseResult): string {
  return `${verdict} ${findings.map(({ reason }) => reason).join('; ')}`
}

/** [case, how the server answers, what is told] */
const servers: [id: string, answer: (request: string, socket: Socket) => void, told: RegExp][] = [
  ['9112/3.2/without-host', (_, s) => s.end('HTTP/1.1 404 No\r\n\r\n'), /^WARN it refused with 404 instead of 400$/],
  ['6455/4.2.1/post', (_, s) => s.end('HTTP/1.1 200 OK\r\n\r\n'), /^WARN it refused with 200: a server that refuses/],
  [
    '6455/4.2.1/post',
    (_, s) => s.end('HTTP/1.1 302 Found\r\n\r\n'),
    /^WARN it refused with 302: a server that refuses/,
  ],
  // 4.2.1: "MUST stop processing the client's handshake and return an HTTP response"
  ['6455/4.2.1/post', (_, s) => s.end(), /^FAIL it ended TCP instead of an answer$/],
  ['6455/4.2.1/post', (_, s) => s.resetAndDestroy(), /^WARN it reset TCP instead of an answer$/],
  ['6455/4.2.1/post', () => {}, /^FAIL nothing came instead of an answer$/],
  ['6455/4.2.1/without-key', (_, s) => s.end(), /^FAIL it ended TCP instead of an answer$/],
  ['6455/4.2.1/version-7', (_, s) => s.end(), /^FAIL it ended TCP instead of an answer$/],
  [
    '6455/4.2.1/version-7',
    (_, s) => s.end('HTTP/1.1 200 OK\r\n\r\n'),
    /^FAIL it refused without a Sec-WebSocket-Version/,
  ],
  // RFC 9112 3.2: "MUST respond with a 400"
  ['9112/3.2/without-host', (_, s) => s.end(), /^FAIL it ended TCP instead of an answer$/],
  ['9112/3.2/without-host', (_, s) => s.end('HTTP/1.1 200 OK\r\n\r\n'), /^FAIL it refused with 200 instead of 400$/],
  ['9112/2.2/line-without-colon', (_, s) => s.end(), /^WARN it ended TCP instead of an answer$/],
  ['6455/4.2.1/post', (_, s) => s.write('SSH-2.0-x\r\n'), /^FAIL it sent what is not HTTP/],
  ['6455/4.2.1/post', (_, s) => s.end('SSH-2.0-x\r\n'), /^FAIL it sent what is not HTTP/],
  ['6455/4.2.1/without-upgrade', (_, s) => s.end('HTTP/1.1 200 OK\r\n\r\n'), /^PASS $/],
  ['6455/4.2.1/without-upgrade', (_, s) => s.end(), /^WARN it ended TCP: a server that refuses/],
  ['6455/4.2.1/without-upgrade', () => {}, /^FAIL nothing came$/],
  ['6455/4.2.1/without-upgrade', (_, s) => s.end('SSH-2.0-x\r\n'), /^FAIL it sent what is not HTTP/],
  [
    '6455/4.2.1/cookie',
    (_, s) => s.end('HTTP/1.1 400 No\r\n\r\n'),
    /^FAIL it answered with 400 instead of the response/,
  ],
  ['6455/4.2.1/cookie', (_, s) => s.end(), /^FAIL it ended TCP instead of the response that accepts$/],
  [
    '6455/4.2.1/version-7',
    (_, s) => s.end('HTTP/1.1 426 No\r\nSec-WebSocket-Version: 8, 9\r\n\r\n'),
    /^FAIL it refused with Sec-WebSocket-Version: 8, 9, without 13$/,
  ],
  ['6455/4.2.2/upgrade', (_, s) => s.end('HTTP/1.1 101 No\r\n\r\n'), /^FAIL it sent no Sec-WebSocket-Accept$/],
  [
    '6455/4.2.2/upgrade',
    (request, s) => s.end(accepting(request).replace('websocket', 'WebSocket/13')),
    /^FAIL it sent Upgrade: WebSocket\/13$/,
  ],
  [
    '6455/4.2.2/connection',
    (request, s) => s.end(accepting(request).replace(': Upgrade', ': keep-alive')),
    /^FAIL it sent Connection: keep-alive$/,
  ],
  ['6455/4.2.2/unknown-subprotocol', (_, s) => s.end('HTTP/1.1 400 No\r\n\r\n'), /^PASS $/],
  // 4.2.2: "The server MAY redirect the client using a 3xx status code"
  ['6455/4.2.2/unknown-subprotocol', (_, s) => s.end('HTTP/1.1 302 Found\r\n\r\n'), /^PASS $/],
  [
    '6455/4.2.2/unknown-subprotocol',
    (_, s) => s.end('HTTP/1.1 200 OK\r\n\r\n'),
    /^WARN it answered with 200: "A server MAY ignore/,
  ],
  ['6455/4.2.2/resource-that-there-is-not', (_, s) => s.end('HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n'), /^PASS $/],
  ['6455/4.2.2/resource-that-there-is-not', (_, s) => s.end('HTTP/1.1 404 No\r\n\r\n'), /^PASS $/],
  [
    '6455/4.2.2/resource-that-there-is-not',
    (_, s) => s.end('HTTP/1.1 200 OK\r\n\r\n'),
    /^WARN it answered with 200: "A server MAY ignore a received Upgrade header field"/,
  ],
  ['6455/4.2.2/resource-that-there-is-not', (_, s) => s.end(), /^FAIL it ended TCP instead of an answer$/],
  [
    '7692/6/rsv2',
    (_, s) => s.end('HTTP/1.1 500 No\r\n\r\n'),
    /^SKIP it answered the offer of permessage-deflate with 500$/,
  ],
  [
    '7692/7/declines-unknown-parameter',
    (_, s) => s.end('HTTP/1.1 400 No\r\n\r\n'),
    /^WARN it refused: a server that does/,
  ],
  [
    '6455/4.2.2/origin-that-is-not-welcome',
    (_, s) => s.end('HTTP/1.1 200 OK\r\n\r\n'),
    /^WARN it answered with 200: "A server MAY ignore/,
  ],
  ['6455/4.2.2/origin-that-is-not-welcome', (_, s) => s.end('HTTP/1.1 302 Found\r\n\r\n'), /^PASS $/],
  ['6455/4.2.2/origin-that-is-not-welcome', (_, s) => s.end('HTTP/1.1 403 No\r\n\r\n'), /^PASS $/],
  ['6455/10.2/403-for-an-origin', (_, s) => s.end('HTTP/1.1 403 No\r\n\r\n'), /^PASS $/],
  [
    '6455/10.2/403-for-an-origin',
    (_, s) => s.end('HTTP/1.1 404 No\r\n\r\n'),
    /^WARN it answered with 404 instead of 403$/,
  ],
  [
    '9110/5.6.1.1/no-empty-elements-in-101',
    (request, s) => s.end(accepting(request).replace(': Upgrade', ': , Upgrade')),
    /^FAIL it sent connection: , Upgrade$/,
  ],
  [
    '9110/5.6.1.1/no-empty-elements-in-101',
    (request, s) => s.end(accepting(request).replace('Connection: Upgrade\r\n', '')),
    /^FAIL it ended TCP instead of the message/,
  ],
  [
    '6455/4.2.2/subprotocol-once',
    (request, s) => s.end(accepting(request, 'Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n')),
    /^FAIL it sent 2 lines of Sec-WebSocket-Protocol$/,
  ],
  [
    '9110/8.6/no-length-in-101',
    (request, s) => s.end(accepting(request, 'Content-Length: 0\r\n')),
    /^FAIL it sent content-length: 0$/,
  ],
  ['9110/15.5.6/allow-in-405', (_, s) => s.end('HTTP/1.1 405 No\r\n\r\n'), /^FAIL it answered with 405 without Allow$/],
  ['9110/15.5.6/allow-in-405', (_, s) => s.end('HTTP/1.1 405 No\r\nAllow: GET\r\n\r\n'), /^PASS $/],
  [
    '9110/7.8/upgrade-in-connection',
    (_, s) => s.end('HTTP/1.1 426 No\r\nUpgrade: websocket\r\n\r\n'),
    /^FAIL it sent Upgrade without Connection: Upgrade$/,
  ],
  ['9110/7.8/upgrade-in-426', (_, s) => s.end('HTTP/1.1 426 No\r\n\r\n'), /^FAIL it answered with 426 without Upgrade/],
  ['9110/5.4/large-field', (_, s) => s.end('HTTP/1.1 431 No\r\n\r\n'), /^PASS $/],
  ['9110/5.4/large-field', (_, s) => s.resetAndDestroy(), /^WARN it reset TCP instead of an answer$/],
  ['9110/5.4/large-field', (_, s) => s.end('HTTP/1.1 500 No\r\n\r\n'), /^FAIL it answered with 500, not with 4xx$/],
  ['9110/5.4/large-field', (_, s) => s.end('HTTP/1.1 302 No\r\n\r\n'), /^FAIL it answered with 302, not with 4xx$/],
  ['9112/3/long-target', (_, s) => s.end('HTTP/1.1 414 No\r\n\r\n'), /^PASS $/],
  [
    '9110/7.8/continue-before-switching',
    (request, s) => s.write(request === 'hello' ? 'HTTP/1.1 400 No\r\n\r\n' : 'HTTP/1.1 100 Continue\r\n\r\n'),
    /^PASS $/,
  ],
  ['9110/7.8/continue-before-switching', (_, s) => s.end('HTTP/1.1 417 No\r\n\r\n'), /^PASS $/],
  ['9110/7.8/continue-before-switching', (_, s) => s.end(), /^WARN it ended TCP instead of 100 or an answer: a server/],
  [
    '9110/7.8/continue-before-switching',
    (request, s) => s.end(accepting(request)),
    /^FAIL it answered with 101, without 100 before it$/,
  ],
  ['9110/10.1.1/expects-what-nobody-knows', (_, s) => s.end('HTTP/1.1 417 No\r\n\r\n'), /^PASS $/],
  [
    '9110/10.1.1/expects-what-nobody-knows',
    (_, s) => s.end('HTTP/1.1 400 No\r\n\r\n'),
    /^INFO it answered with 400, not with 417$/,
  ],
  ['9110/10.1.1/expects-100-without-content', (_, s) => s.end('HTTP/1.1 417 No\r\n\r\n'), /^PASS $/],
  [
    '9110/10.1.1/expects-100-without-content',
    (_, s) => s.end('HTTP/1.1 200 OK\r\n\r\n'),
    /^WARN it answered with 200: "A server MAY ignore/,
  ],
  ['9110/10.1.1/expects-100-without-content', (_, s) => s.end('HTTP/1.1 307 There\r\n\r\n'), /^PASS $/],
  [
    '9110/10.1.1/expects-100-of-http-1-0',
    (_, s) => s.end('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 400 No\r\n\r\n'),
    /^FAIL it sent 100 before its answer$/,
  ],
  ['9112/3/long-target', (_, s) => s.end('HTTP/1.1 431 No\r\n\r\n'), /^WARN it answered with 431, not with 414$/],
  [
    '7692/7.1/offer-server-window-15',
    (request, s) => s.end(accepting(request, 'Sec-WebSocket-Extensions: permessage-deflate\r\n')),
    /^FAIL it chose permessage-deflate without server_max_window_bits, which the offer has; it ended TCP instead/,
  ],
  [
    '7692/7.1/offer-server-window-14',
    (request, s) => s.end(accepting(request, 'Sec-WebSocket-Extensions: permessage-deflate\r\n')),
    /^FAIL it chose permessage-deflate, which answers none of the offers$/,
  ],
  ['9112/3/long-target', (_, s) => s.end('HTTP/1.1 400 No\r\n\r\n'), /^FAIL it answered with 400, not with 414$/],
  [
    '9110/7.8/upgrade-in-426',
    (_, s) => s.end(),
    /^WARN it ended TCP instead of a response: whether a response 426 says which protocol it wants: a server that/,
  ],
  ['6455/4.2.2/unknown-subprotocol', (_, s) => s.end(), /^WARN it ended TCP: a server that refuses/],
  ['6455/4.2.2/unknown-subprotocol', () => {}, /^FAIL nothing came instead of a response without another subprotocol$/],
  [
    '6455/4.2.2/unknown-subprotocols',
    (request, s) => s.end(accepting(request, 'Sec-WebSocket-Protocol: x-framewright-two\r\n')),
    /^FAIL it ended TCP instead of the message text "open"$/,
  ],
]

for (const [id, answer, expected] of servers) {
  t.test(`${id}: ${expected}`, async t => {
    const url = await scriptedServer(t, answer)
    const target = { uri: WebSocketUri.parse(url), fieldLines: '' }
    const [result] = await runOnServer(whole(id, 'server'), target, { jobs: 1, seed: 1, patience: impatient })
    t.match(told(result!), expected)
  })
}

t.test('RFC 9110 15.2 interim responses before the last are left aside', async t => {
  const url = await scriptedServer(t, (request, socket) => {
    if (!request.startsWith('GET')) return
    const interim = 'HTTP/1.1 100 Continue\r\n\r\n'
    socket.write(`${interim}HTTP/1.1 103 Early\r\nLink: x\r\n\r\n${accepting(request)}`)
    socket.write(buildRawFrame({ opcode: 1, payload: 'open' }))
  })
  const target = { uri: WebSocketUri.parse(url), fieldLines: '' }
  const runs = whole('6455/4.2.1/cookie', 'server')
  const [result] = await runOnServer(runs, target, { jobs: 1, seed: 1, patience: impatient })
  t.equal(result!.behaviour.verdict, 'PASS')
  const later = await scriptedServer(t, (request, socket) => {
    socket.write('HTTP/1.1 100 Continue\r\n\r\n')
    setImmediate(() => socket.end(accepting(request)))
  })
  const [split] = await runOnServer(
    runs,
    { ...target, uri: WebSocketUri.parse(later) },
    { jobs: 1, seed: 1, patience: impatient },
  )
  t.match(told(split!), /^FAIL it ended TCP instead of the message/)
})

/** [case, the client's fields, what is told] */
const clients: [id: string, lines: string, told: RegExp][] = [
  ['7692/7.1/offers', `${upgrade}Sec-WebSocket-Extensions: a;\r\n${key}`, /^FAIL it offered a;$/],
  [
    '7692/7.1/offers',
    `${upgrade}Sec-WebSocket-Extensions: a; b\r\n${key}`,
    /^FAIL it ended TCP instead of the message/,
  ],
  ['7692/7.1/offers', `${upgrade}${key}`, /^FAIL it ended TCP instead of the message/],
  ['6455/4.1/request-registered-extensions', `${upgrade}${key}`, /^FAIL it ended TCP instead of the message/],
  [
    '6455/4.1/request-registered-extensions',
    `${upgrade}Sec-WebSocket-Extensions: a;\r\n${key}`,
    /^FAIL it ended TCP instead of the message/,
  ],
  ['6455/4.1/request-no-length', `${upgrade}Content-Length: 0\r\n${key}`, /^WARN it sent Content-Length: 0$/],
  [
    '6455/4.1/request-no-empty-elements',
    `${upgrade}Sec-WebSocket-Protocol: a,,b\r\n${key}`,
    /^FAIL it sent sec-websocket-protocol: a,,b$/,
  ],
  ['6455/4.1/request-registered-extensions', `${upgrade}Sec-WebSocket-Extensions: x\r\n${key}`, /^FAIL it offered x$/],
  ['6455/4.1/request-host', `${upgrade}Host: b\r\n${key}`, /^FAIL it sent 2 lines of Host$/],
  ['6455/4.1/request-host', `${upgrade.replace('Host: a', 'Host: a/b')}${key}`, /^FAIL it sent Host: a\/b$/],
  ['6455/4.1/request-upgrade', `${upgrade.replace('websocket', 'h2c')}${key}`, /^FAIL it sent Upgrade: h2c$/],
  [
    '6455/4.1/request-connection',
    `${upgrade.replace('Connection: Upgrade\r\n', '')}${key}`,
    /^FAIL it sent no Connection$/,
  ],
  [
    '6455/4.1/request-subprotocols',
    `${upgrade}Sec-WebSocket-Protocol: a, b\r\n${key}`,
    /^FAIL it ended TCP instead of the message/,
  ],
  ['6455/4.1/request-origin', `${upgrade}Origin: null\r\n${key}`, /^FAIL it ended TCP instead of the message/],
  [
    '6455/4.1/request-origin',
    `${upgrade}Origin: http://a.example:80\r\n${key}`,
    /^FAIL it ended TCP instead of the message/,
  ],
]

for (const [id, lines, expected] of clients) {
  t.test(`${id}: ${expected}`, async t => {
    const result = await judgeClient(t, id, port =>
      ask(port, `GET /runCase?case=1 HTTP/1.1\r\n${lines}\r\n`, socket => socket.end()),
    )
    t.match(told(result), expected)
  })
}

t.test('4.1 a client that neither opens nor ends TCP', async t => {
  const result = await judgeClient(t, '6455/4.1/response-status-403', port => {
    return ask(port, `GET /runCase?case=1 HTTP/1.1\r\n${upgrade}${key}\r\n`, () => {}, false)
  })
  t.equal(told(result), 'FAIL it keeps TCP open')
})

t.test(
  '11.3.1 a client whose key is always that of the RFC is told so once, and judges Sec-WebSocket-Accept well',
  async t => {
    const client = new NaiveClient(new Set(['sends one key always']))
    for (const name of ['accept-for-another-key', 'two-accepts']) {
      const result = await judgeClient(t, `6455/4.1/response-${name}`, port => client.run(port))
      t.equal(told(result), 'PASS ')
    }
  },
)

async function judgeClient(
  t: { teardown(callback: () => unknown): unknown },
  id: string,
  act: (port: number) => unknown,
): Promise<CaseResult> {
  let judged!: (result: CaseResult) => void
  const result = new Promise<CaseResult>(resolve => {
    judged = resolve
  })
  const about = { host: '127.0.0.1', port: 0, seed: 1, patience: impatient, onResult: judged }
  const runner = new ClientRunner(whole(id, 'client'), about)
  t.teardown(() => runner.stop())
  void act(await runner.listen())
  return await result
}

t.test('4.2.2 the value of Sec-WebSocket-Accept for the key of the RFC', async t => {
  t.equal(acceptValue('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})
