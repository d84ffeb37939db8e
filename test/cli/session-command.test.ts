/** What is typed at the prompt, what is shown of a peer, and how an end is told. */
import t from 'tap'
import { connectFailure } from '../../src/cli/connect-failure.js'
import { connectionEnd } from '../../src/cli/connection-end.js'
import { inputLines } from '../../src/cli/input-lines.js'
import { milliseconds } from '../../src/cli/session.js'
import { parseClose, parseSessionCommand } from '../../src/cli/session-command.js'
import type { CloseRecord } from '../../src/connection/close-record.js'
import { HandshakeError, ProtocolError, TransportError, UsageError } from '../../src/errors.js'
import { visibleText } from '../../src/visible-text.js'

t.test('lines at the prompt', async t => {
  const rows: [string, ReturnType<typeof parseSessionCommand>][] = [
    ['', { kind: 'text', text: '' }],
    ['hello', { kind: 'text', text: 'hello' }],
    ['//quit', { kind: 'text', text: '/quit' }],
    ['/binary', { kind: 'binary', octets: Buffer.alloc(0) }],
    ['/binary 00 ff', { kind: 'binary', octets: Buffer.from([0, 255]) }],
    ['/binary 0x00,0xFF:7e', { kind: 'binary', octets: Buffer.from([0, 255, 126]) }],
    ['/binary 0', { kind: 'wrong', message: '/binary takes pairs of hexadecimal digits' }],
    ['/binary zz', { kind: 'wrong', message: '/binary takes pairs of hexadecimal digits' }],
    ['/ping', { kind: 'ping', payload: '' }],
    ['/ping a b', { kind: 'ping', payload: 'a b' }],
    [`/ping ${'é'.repeat(63)}`, { kind: 'wrong', message: 'a Ping carries 125 octets at most' }],
    ['/close', { kind: 'quit' }],
    ['/close 1000', { kind: 'close', code: 1000, reason: '' }],
    ['/close 3001 good bye', { kind: 'close', code: 3001, reason: 'good bye' }],
    ['/quit', { kind: 'quit' }],
    ['/info', { kind: 'info' }],
    ['/help', { kind: 'help' }],
    ['/foo bar', { kind: 'wrong', message: 'unknown command /foo; /help lists them, //foo sends it as text' }],
    ['/ foo', { kind: 'wrong', message: 'unknown command /; /help lists them, // sends it as text' }],
  ]
  for (const [line, command] of rows) t.same(parseSessionCommand(line), command, line)
  t.match(parseSessionCommand('/close 1006'), { kind: 'wrong', message: /^\/close takes a code that may be sent/ })
})

t.test('§7.4: codes and reasons to close with', async t => {
  const rows: [string, { code: number; reason: string } | undefined][] = [
    ['1000', { code: 1000, reason: '' }],
    ['1000:bye', { code: 1000, reason: 'bye' }],
    ['4999 bye: all', { code: 4999, reason: 'bye: all' }],
    [`3000:${'x'.repeat(123)}`, { code: 3000, reason: 'x'.repeat(123) }],
    [`3000:${'x'.repeat(124)}`, undefined],
    ['1005', undefined],
    ['999', undefined],
    ['10000', undefined],
    ['1000bye', undefined],
    ['', undefined],
  ]
  for (const [text, close] of rows) t.same(parseClose(text), close, text.slice(0, 20))
})

t.test('5.5.1-4 control characters of a peer do nothing on a terminal', async t => {
  const rows: [string, string][] = [
    ['plain ✓ text\twith tabs\nand lines', 'plain ✓ text\twith tabs\nand lines'],
    ['\x1b[2J\x1b]0;title\x07', '\\x1b[2J\\x1b]0;title\\x07'],
    ['a\rb\x7f\x9b', 'a\\x0db\\x7f\\x9b'],
    ['a\u202eb\u2066', 'a\\u202eb\\u2066'],
  ]
  for (const [text, shown] of rows) t.equal(visibleText(text), shown)
})

t.test('lines of the input, however it is cut', async t => {
  const rows: [string, string[]][] = [
    ['', []],
    ['a', ['a']],
    ['a\n', ['a']],
    ['a\n\nb\r\nc', ['a', '', 'b', 'c']],
    ['\r\n', ['']],
    ['a\rb\n', ['a\rb']],
  ]
  for (const [text, lines] of rows) {
    for (let size = 1; size <= text.length + 1; size++) {
      async function* input() {
        for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
      }
      const found: string[] = []
      for await (const line of inputLines(input())) found.push(line.toString())
      t.same(found, lines, `${JSON.stringify(text)} by ${size}`)
    }
  }
})

const record: CloseRecord = {
  code: 1000,
  reason: '',
  clean: true,
  initiator: 'local',
  sent: { code: 1000, reason: '' },
  received: { code: 1000, reason: '' },
  phase: 'closing',
  error: undefined,
  octetsReceived: 0,
  octetsSent: 0,
  octetsUnsent: 0,
  roundTripTimes: undefined,
}

/** Who began, with what (code, or code and reason), and what was answered. */
function ended(initiator: 'local' | 'peer', first: string, answer = first.slice(0, 4)): Partial<CloseRecord> {
  const [begun, answered] = [first, answer].map(text => ({ code: Number(text.slice(0, 4)), reason: text.slice(5) }))
  return {
    initiator,
    sent: initiator === 'local' ? begun : answered,
    received: initiator === 'local' ? answered : begun,
  }
}

t.test('how an end is told, and what is exited with', async t => {
  const lost = { clean: false, code: 1006, sent: undefined, received: undefined }
  const rows: [Partial<CloseRecord>, string, number][] = [
    [{}, 'closed with 1000', 0],
    [ended('local', '4000 done\x1b'), 'closed with 4000 (done\\x1b)', 0],
    [ended('local', '1005'), 'closed without a code', 0],
    [ended('local', '4000', '1000 well'), 'closed with 4000; the server answered with 1000 (well)', 0],
    [ended('local', '4000', '1005'), 'closed with 4000; the server answered without a code', 0],
    [ended('peer', '1000'), 'the server closed with 1000', 0],
    [ended('peer', '1001'), 'the server closed with 1001', 0],
    [ended('peer', '1005'), 'the server closed without a code', 0],
    [ended('peer', '1011 oh'), 'the server closed with 1011 (oh)', 1],
    [
      { ...lost, initiator: 'local', error: new ProtocolError('WS_X', 1002, '5.2', 'bad\x1bopcode') },
      'closed with 1002: bad\\x1bopcode (RFC 6455 §5.2)',
      1,
    ],
    [
      { ...lost, initiator: 'local', error: new ProtocolError('WS_X', 1002, 'RFC 7692 §7.2', 'bad') },
      'closed with 1002: bad (RFC 7692 §7.2)',
      1,
    ],
    [
      { ...lost, initiator: 'local', error: new ProtocolError('WS_X', 1009, '10.4', 'too long') },
      'closed with 1009: too long; --max-message SIZE takes more',
      1,
    ],
    [
      { ...lost, initiator: 'transport', error: new TransportError('WS_X', 'it broke') },
      'the connection was lost: it broke',
      1,
    ],
    [{ ...lost, initiator: 'transport' }, 'the connection was lost: the server left without a Close frame', 1],
  ]
  for (const [about, line, exitCode] of rows) {
    t.same(connectionEnd({ ...record, ...about }), { line, exitCode }, line)
  }
})

function refusal(type: string, body: string, status = 403, location?: string): HandshakeError {
  const response = {
    status,
    reason: 'No',
    headers: [['content-type', type], ...(location === undefined ? [] : [['Location', location] as const])],
    body: Buffer.from(body),
  } as const
  return new HandshakeError('WS_REFUSED', '4.1', `refused: ${status}`, { response })
}

const caused = (code: string, message = `broken: ${code}`) =>
  new TransportError('WS_X', message, { cause: Object.assign(new Error(message), { code }) })

t.test('why there is no connection, in one line, and what is exited with', async t => {
  const rows: [unknown, string, number][] = [
    [refusal('text/html', '<h1>No'), 'no WebSocket at ws://x: refused: 403', 3],
    [refusal('text/plain', ' No\x1b entry\nfor you'), 'no WebSocket at ws://x: refused: 403: No\\x1b entry', 3],
    [refusal('text/plain; charset=utf-8', ''), 'no WebSocket at ws://x: refused: 403', 3],
    [
      refusal('text/plain', 'Moved', 301, 'https://y/'),
      'no WebSocket at ws://x: refused: 301: Moved; it redirects to https://y/',
      3,
    ],
    [refusal('text/plain', '', 304), 'no WebSocket at ws://x: refused: 304', 3],
    [refusal('text/plain', '', 201, 'https://y/'), 'no WebSocket at ws://x: refused: 201', 3],
    [new HandshakeError('WS_X', '4.1', 'no response'), 'no WebSocket at ws://x: no response', 3],
    [new TransportError('WS_X', 'no TLS:\n broken\n'), 'cannot reach ws://x: no TLS: broken', 4],
    [caused('ECONNREFUSED'), 'cannot reach ws://x: nothing listens there (connection refused)', 4],
    [caused('EHOSTUNREACH'), 'cannot reach ws://x: host is unreachable', 4],
    [caused('ERR_WHATEVER'), 'cannot reach ws://x: broken: ERR_WHATEVER', 4],
    [caused('ERR_SSL_WRONG_VERSION_NUMBER'), 'cannot reach ws://x: it does not speak TLS: ws:// instead of wss://?', 4],
    [
      caused('DEPTH_ZERO_SELF_SIGNED_CERT', 'no TLS'),
      'cannot reach ws://x: no TLS; --tls-insecure accepts it, --tls-ca FILE trusts its issuer',
      4,
    ],
    [caused('CERT_HAS_EXPIRED', 'no TLS'), 'cannot reach ws://x: no TLS; --tls-insecure accepts it', 4],
    [new UsageError('WS_HEADER_RESERVED', '4.1', 'Host is ours'), '--header: Host is ours', 2],
  ]
  for (const [error, message, exitCode] of rows) {
    t.match(connectFailure('ws://x', error), { name: 'CommandError', message, exitCode }, message)
  }
  for (const bug of [new RangeError('a mistake of ours'), new UsageError('WS_X', '4.1', 'another')]) {
    t.equal(connectFailure('ws://x', bug), bug)
  }
})

t.test('how long something took: hundredths where they tell something', async t => {
  const rows: [number, string][] = [
    [0, '0.00 ms'],
    [0.126, '0.13 ms'],
    [9.99, '9.99 ms'],
    [10, '10 ms'],
    [1234.5678, '1235 ms'],
  ]
  for (const [time, text] of rows) t.equal(milliseconds(time), text)
})
