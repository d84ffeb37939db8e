/**
 * RFC 9110 §5.1 and §5.5: what the application may add, and that it can add nothing else.
 */
import t from 'tap'
import { UsageError } from '../../src/errors.js'
import { fieldLines, type HeaderInit } from '../../src/http/field-lines.js'

t.test('pairs, maps and objects', async t => {
  t.equal(fieldLines(undefined, []), '')
  t.equal(fieldLines([], []), '')
  t.equal(fieldLines({}, []), '')
  t.equal(
    fieldLines(
      [
        ['A', '1'],
        ['a', ''],
      ],
      [],
    ),
    'A: 1\r\na: \r\n',
  )
  t.equal(fieldLines(new Map([['X-Y', 'é\tz']]), []), 'X-Y: é\tz\r\n')
  t.equal(fieldLines({ A: '1', 'Set-Cookie': ['a=b', 'c=d'] }, []), 'A: 1\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n')
  t.equal(fieldLines({ A: undefined, B: '2' }, []), 'B: 2\r\n')
  t.equal(fieldLines(JSON.parse('{"__proto__":"x"}') as HeaderInit, []), '__proto__: x\r\n', 'X-10')
})

t.test('what is no list of fields', async t => {
  for (const pair of [[], ['A'], ['A', 'b', 'c']]) {
    t.throws(() => fieldLines([pair], []), { code: 'WS_HEADER', message: /a pair/ }, `a pair of ${pair.length}`)
  }
  for (const headers of [null, 5, 'A: b', true] as unknown as HeaderInit[]) {
    t.throws(() => fieldLines(headers, []), { name: 'UsageError', code: 'WS_HEADER' }, String(headers))
  }
})

t.test('X-14 an object brings its own fields only', async t => {
  const inherited = Object.create({ Polluted: 'yes' }) as Record<string, string>
  inherited['Own'] = 'yes'
  t.equal(fieldLines(inherited, []), 'Own: yes\r\n')
})

t.test('H-39 C-13 nothing that could end a line gets through', async t => {
  const names = ['', 'a b', 'a:', 'a\r\nb', 'a\n', 'é', 'a\0', 1, null]
  for (const name of names) {
    const headers = [[name, 'x']] as unknown as HeaderInit
    t.throws(() => fieldLines(headers, []), { name: 'UsageError', code: 'WS_HEADER' }, JSON.stringify(name))
  }
  const values = ['a\r\nb', 'a\nb', 'a\rb', 'a\0', '\x01', '\x7f', 'Ā', '😀', 1, null, undefined]
  for (const value of values) {
    const headers = [['X', value]] as unknown as HeaderInit
    t.throws(() => fieldLines(headers, []), { name: 'UsageError', code: 'WS_HEADER' }, JSON.stringify(value))
  }
})

t.test('C-14 reserved names, in any case', async t => {
  const framing = [
    'Connection',
    'CONTENT-LENGTH',
    'transfer-encoding',
    'Trailer',
    'TE',
    'Keep-Alive',
    'Proxy-Connection',
  ]
  for (const name of [...framing, 'Host', 'Sec-WebSocket-Key', 'sec-websocket-anything']) {
    const headers = [[name, 'x']] as const
    t.throws(() => fieldLines(headers, ['host', 'sec-websocket-*']), { code: 'WS_HEADER_RESERVED' }, name)
  }
  t.equal(
    fieldLines({ Hosts: 'x', 'Sec-WebSocke': 'y' }, ['host', 'sec-websocket-*']),
    'Hosts: x\r\nSec-WebSocke: y\r\n',
  )
  t.ok(new UsageError('WS_X', '4', 'x') instanceof TypeError)
})
