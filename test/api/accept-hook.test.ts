// RFC 6455 §4.2.2: the application decides, now or later; whatever it answers, the peer gets a sound response.
import { once } from 'node:events'
import t from 'tap'
import { HandshakeError } from '../../src/errors.js'
import { deferred, turns, until } from '../transport/event-loop.js'
import { openingRequest } from '../transport/raw-client.js'
import { serve } from './serving.js'

// biome-ignore lint/suspicious/noExplicitAny: answers that the types forbid are the point
type Anything = any

t.test('what the hook sees: the request as it was sent', async t => {
  const seen: Anything[] = []
  const { open } = await serve(
    t,
    { protocols: ['chat'] },
    {
      accept: request => {
        const { path, url, host, origin, protocols, remoteAddress } = request
        seen.push({ path, url, host, origin, protocols, remoteAddress, cookie: request.headers.get('COOKIE') })
        t.notOk(request.signal.aborted)
        return undefined
      },
    },
  )
  const { connection, head } = await open('/a%20b?c=d', {
    Origin: 'http://localhost',
    Cookie: 'a=b',
    'Sec-WebSocket-Protocol': 'superchat, chat',
  })
  const seenThen = {
    path: '/a%20b?c=d',
    url: 'ws://localhost/a%20b?c=d',
    host: 'localhost',
    origin: 'http://localhost',
    protocols: ['superchat', 'chat'],
    remoteAddress: '127.0.0.1',
    cookie: 'a=b',
  }
  t.same(seen, [seenThen])
  t.match(head, 'Sec-WebSocket-Protocol: chat\r\n')
  t.equal(connection.protocol, 'chat')
  t.equal(connection.origin, 'http://localhost')
  t.equal(connection.request.path, '/a%20b?c=d')
  t.equal(connection.request.url, 'ws://localhost/a%20b?c=d')
  t.equal(connection.request.headers.get('cookie'), 'a=b')
})

const choices: [rule: string, options: Anything, accept: Anything, offered: string | undefined, chosen: string][] = [
  ['4.2.2-8 the first offered that we speak', { protocols: ['a', 'b'] }, undefined, 'c, b, a', 'b'],
  ['4.2.2-8 none of ours: none', { protocols: ['a', 'b'] }, undefined, 'c', ''],
  ['none offered: none', { protocols: ['a'] }, undefined, undefined, ''],
  ['we speak none: none', {}, undefined, 'a', ''],
  ['a function chooses: the first offered', { protocols: (offered: string[]) => offered[0] }, undefined, 'c, b', 'c'],
  ['a function chooses none', { protocols: () => undefined }, undefined, 'c, b', ''],
  ['the hook chooses', { protocols: ['c'] }, () => ({ protocol: 'b' }), 'c, b', 'b'],
  ['the hook chooses none', { protocols: ['c'] }, () => ({ protocol: '' }), 'c, b', ''],
]

for (const [rule, options, accept, offered, chosen] of choices) {
  t.test(`subprotocol: ${rule}`, async t => {
    const { open } = await serve(t, options, accept === undefined ? {} : { accept })
    const { head, connection } = await open('/', { 'Sec-WebSocket-Protocol': offered })
    t.equal(connection.protocol, chosen)
    t.equal(/Sec-WebSocket-Protocol: (.*)\r/.exec(head)?.[1] ?? '', chosen)
  })
}

const misspelt: Anything[] = [
  { statusCode: 401 },
  { stauts: 403 },
  { accept: false },
  { body: 'no' },
  { body: 'no', headers: {} },
  { status: undefined, reason: 'no' },
  { status: 403, text: 'no' },
  [],
]
for (const answer of misspelt) {
  t.test(`an answer that is neither, ${JSON.stringify(answer)}: 500, and not open`, async t => {
    const { dial, server } = await serve(t, {}, { accept: () => answer })
    const refused = once(server, 'refused')
    const client = await dial()
    client.write(openingRequest())
    t.match(await client.head(), /^HTTP\/1.1 500 /)
    t.match(await refused, [{ code: 'WS_ACCEPT_ANSWER' }])
    t.equal(server.connections.size, 0)
  })
}

t.test('what the hook returns as data is the data of the connection; its headers are in the response', async t => {
  const { open } = await serve(
    t,
    { serverName: 'fw/1' },
    { accept: async () => ({ data: { user: 'eve' }, headers: { 'Set-Cookie': ['a=b', 'c=d'] } }) },
  )
  const { head, connection } = await open()
  t.same(connection.data, { user: 'eve' })
  t.match(head, 'Set-Cookie: a=b\r\nSet-Cookie: c=d\r\n')
  t.match(head, 'Server: fw/1\r\n')
})

const answers: [rule: string, answer: () => Anything, status: number][] = [
  ['refused with what it says', () => ({ status: 401, headers: { 'WWW-Authenticate': 'Basic' }, body: 'who?' }), 401],
  ['refused later', async () => ({ status: 404 }), 404],
  ['a redirect', () => ({ status: 302, headers: { Location: '/there' } }), 302],
  ['H-39 a subprotocol that injects', () => ({ protocol: 'a\r\nX: y' }), 500],
  ['H-39 a subprotocol that was not offered', () => ({ protocol: 'other' }), 500],
  ['H-39 a header that injects', () => ({ headers: { 'Set-Cookie': 'a\r\nb: c' } }), 500],
  ['H-39 a header that is not its own', () => ({ headers: { 'Sec-WebSocket-Accept': 'x' } }), 500],
  ['H-39 a reason that injects', () => ({ status: 400, reason: 'no\nway' }), 500],
  ['H-39 a refusal with 101', () => ({ status: 101 }), 500],
  ['H-39 a refusal with 200', () => ({ status: 200 }), 500],
  ['H-39 a refusal with 700', async () => ({ status: 700 }), 500],
  ['H-39 a refusal with "403"', async () => ({ status: '403' }), 500],
  ['false is no answer', () => false, 500],
  ['true is no answer', async () => true, 500],
  ['null is no answer', () => null, 500],
  ['H-41 a throw', () => thrown(new Error('no')), 500],
  ['H-41 a throw of nothing', () => thrown(undefined), 500],
  ['H-41 a rejection', () => Promise.reject(new Error('no')), 500],
  ['H-41 a thenable that rejects', () => thenable((_, reject) => reject(new Error('no'))), 500],
  ['H-41 a thenable that throws', () => thenable(() => thrown(new Error('no'))), 500],
  [
    "another server's refusal, thrown on",
    () => thrown(new HandshakeError('WS_REFUSED', '4.1', 'refused', { status: 101, headers: [['Upgrade', 'x']] })),
    500,
  ],
]

/** What is like a promise and is none. */
function thenable(then: (resolve: (value: unknown) => void, reject: (error: Error) => void) => void): Anything {
  return { then }
}

function thrown(error: unknown): never {
  throw error
}

for (const [rule, answer, status] of answers) {
  t.test(`hook: ${rule}`, async t => {
    const { dial, server } = await serve(t, {}, { accept: answer })
    const refused: unknown[] = []
    server.on('refused', error => refused.push(error))
    const client = await dial()
    client.write(openingRequest('/', { 'Sec-WebSocket-Protocol': 'chat' }))
    const response = (await client.end()).toString('latin1')
    t.match(response, new RegExp(`^HTTP/1.1 ${status} `))
    t.notMatch(response, /X: y|b: c|way|no\b/, 'nothing is injected, nothing is told')
    t.equal(refused.length, status === 500 ? 1 : 0, 'the application hears of its fault')
    t.equal(server.connections.size, 0)
    if (status === 401) t.match(response, /WWW-Authenticate: Basic\r\n.*\r\nwho\?$/s)
  })
}

t.test('H-41 a hook that never answers: 503 in time, its signal aborts', async t => {
  let signal: AbortSignal | undefined
  const late = deferred<object>()
  const { dial, timers, server } = await serve(
    t,
    {},
    {
      accept: request => {
        signal = request.signal
        return late.promise
      },
    },
  )
  const client = await dial()
  client.write(openingRequest())
  await until(() => signal !== undefined)
  timers.advance(10_100)
  t.ok(signal!.aborted)
  t.match(signal!.reason, { code: 'WS_HANDSHAKE_TIMEOUT', status: 503 })
  t.match((await client.end()).toString(), /^HTTP\/1.1 503 /)
  server.on('connection', () => t.fail('an answer that comes too late is none'))
  late.resolve({})
  await turns()
})

t.test('H-41 a hook that rejects after the peer has left is heard of no more', async t => {
  const late = deferred<object>()
  const { dial, server } = await serve(t, {}, { accept: () => late.promise })
  const refused: unknown[] = []
  server.on('refused', error => refused.push(error))
  const client = await dial()
  client.write(openingRequest())
  client.stream.end()
  await client.end()
  late.reject(new Error('too late'))
  await turns()
  t.match(refused, [{ code: 'WS_PEER_ENDED' }])
})

t.test('H-41 of two answers the first counts', async t => {
  const { open, server } = await serve(
    t,
    {},
    {
      accept: () =>
        thenable(resolve => {
          resolve({ data: undefined })
          resolve({ status: 403 })
        }),
    },
  )
  const { head } = await open()
  t.match(head, / 101 /)
  t.equal(server.connections.size, 1)
})

t.test('10.2 a function decides about origins, now or later, before the hook', async t => {
  const asked: string[] = []
  const { dial, open } = await serve(
    t,
    {
      allowedOrigins: (origin, request) => {
        asked.push(`${origin} ${request.path}`)
        if (origin.includes('later')) return Promise.resolve(origin.includes('good'))
        return origin.includes('odd') ? (1 as unknown as boolean) : origin.includes('good')
      },
    },
    { accept: request => void asked.push(`hook ${request.origin}`) },
  )
  for (const origin of ['http://bad', 'http://bad.later', 'http://odd']) {
    const client = await dial()
    client.write(openingRequest('/', { Origin: origin }))
    t.match((await client.end()).toString(), /^HTTP\/1.1 403 /, origin)
  }
  await open('/', { Origin: 'http://good' })
  await open('/', { Origin: 'http://good.later' })
  await open('/')
  t.same(asked, [
    'http://bad /',
    'http://bad.later /',
    'http://odd /',
    'http://good /',
    'hook http://good',
    'http://good.later /',
    'hook http://good.later',
    'hook undefined',
  ])
})

t.test('10.2 a function that throws: 500', async t => {
  const { dial } = await serve(t, { allowedOrigins: () => thrown(new Error('broken')) })
  const client = await dial()
  client.write(openingRequest('/', { Origin: 'http://good' }))
  t.match((await client.end()).toString(), /^HTTP\/1.1 500 /)
})

t.test('a listener of `refused` that throws is no reason to stop serving', async t => {
  const { dial, open, server } = await serve(t)
  server.on('refused', () => thrown(new Error('a bad listener')))
  const warned = once(process, 'warning')
  const client = await dial()
  client.write('nonsense\r\n')
  t.match((await client.end()).toString(), /^HTTP\/1.1 400 /)
  t.match(await warned, [{ message: 'a bad listener' }])
  await open()
})

t.test('a listener of `refused` may close the server', async t => {
  const { dial, server } = await serve(t)
  server.on('refused', () => void server.close())
  const client = await dial()
  client.write('nonsense\r\n')
  const response = (await client.end()).toString()
  t.equal(response.match(/HTTP\/1.1/g)?.length, 1)
  client.stream.end()
  await server.close()
})

t.test('plain requests: 426 unless the application answers', async t => {
  const plain = 'GET /page?x HTTP/1.1\r\nHost: a\r\n\r\n'
  const hooks: [rule: string, request: Anything, octets: string, expected: RegExp][] = [
    ['without a hook', undefined, plain, /^HTTP\/1.1 426 .*Sec-WebSocket-Version: 13\r\n.*\r\nThis is/s],
    ['a hook that passes', () => undefined, plain, /^HTTP\/1.1 426 /],
    [
      'a page',
      (request: Anything) => ({
        status: 200,
        body: `${request.method} ${request.path} ${request.headers.get('host')}`,
      }),
      plain,
      /^HTTP\/1.1 200 OK\r\n.*\r\n\r\nGET \/page\?x a$/s,
    ],
    ['a page, later', async () => ({ status: 200, body: 'ok' }), plain, /\r\n\r\nok$/],
    ['HEAD', () => ({ status: 200, body: 'ok' }), plain.replace('GET', 'HEAD'), /Content-Length: 2\r\n.*\r\n\r\n$/s],
    ['HTTP/1.0, as a health check', () => ({ status: 200 }), 'GET / HTTP/1.0\r\n\r\n', /^HTTP\/1.1 200 /],
    ['a throw', () => thrown(new Error('no')), plain, /^HTTP\/1.1 500 /],
    ['a rejection', () => Promise.reject(new Error('no')), plain, /^HTTP\/1.1 500 /],
    ['an answer that cannot be', () => ({ status: 99 }), plain, /^HTTP\/1.1 500 /],
    ['an answer that is none', () => 'ok', plain, /^HTTP\/1.1 500 /],
    [
      'an upgrade to something else',
      () => ({ status: 200 }),
      plain.replace('Host', 'Upgrade: h2c\r\nHost'),
      /^HTTP\/1.1 200 /,
    ],
  ]
  for (const [rule, request, octets, expected] of hooks) {
    await t.test(rule, async t => {
      const { dial } = await serve(t, {}, request === undefined ? {} : { request })
      const client = await dial()
      client.write(octets)
      t.match((await client.end()).toString('latin1'), expected)
    })
  }
})

const unclear: [rule: string, fields: string, status: number][] = [
  ['Host twice', 'Host: a\r\nHost: a\r\n', 400],
  ['no Host', '', 400],
  ['Content-Length twice', 'Host: a\r\nContent-Length: 0\r\nContent-Length: 0\r\n', 400],
  ['Content-Length that is no number', 'Host: a\r\nContent-Length: +1\r\n', 400],
  ['both lengths', 'Host: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n', 400],
  ['a body', 'Host: a\r\nContent-Length: 0\r\n', 204],
]
for (const [rule, fields, status] of unclear) {
  t.test(`RFC 9112 §3.2, §6.3 a plain request that two readers could read in two ways: ${rule}`, async t => {
    const { dial, server } = await serve(t, {}, { request: () => ({ status: 204 }) })
    const refused: unknown[] = []
    server.on('refused', error => refused.push(error))
    const client = await dial()
    client.write(`GET / HTTP/1.1\r\n${fields}\r\n`)
    t.match((await client.end()).toString(), new RegExp(`^HTTP/1.1 ${status} `))
    t.equal(refused.length, status === 400 ? 1 : 0)
  })
}

t.test('RFC 9112 §9.6 a client that half-closes behind a plain request gets its answer, later too', async t => {
  let signal: AbortSignal | undefined
  const { dial } = await serve(
    t,
    {},
    {
      async request(request) {
        signal = request.signal
        await turns(10)
        return { status: 200, body: 'ok' }
      },
    },
  )
  const client = await dial()
  client.stream.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.match((await client.end()).toString(), /\r\n\r\nok$/)
  t.notOk(signal?.aborted)
})

t.test('plain requests: the signal, the stream', async t => {
  let signal: AbortSignal | undefined
  const { dial } = await serve(
    t,
    {},
    {
      request: request => {
        signal = request.signal
        t.ok(request.stream.readable)
        return new Promise(() => {})
      },
    },
  )
  const client = await dial()
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await until(() => signal !== undefined)
  client.reset()
  await until(() => signal!.aborted)
  t.pass()
})
