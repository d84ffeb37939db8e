/** The loop that a client under test goes through, and clients that do not. */
import { EventEmitter, on } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Case, CaseRun } from '../../src/conformance/case.js'
import { ClientRunner } from '../../src/conformance/client-runner.js'
import { close, text } from '../../src/conformance/frame-parts.js'
import { requestFault } from '../../src/conformance/meant-request.js'
import { defaultPatience, scaled } from '../../src/conformance/patience.js'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import type { CaseResult } from '../../src/conformance/run-case.js'
import { awaitMessage } from '../../src/conformance/steps/awaiting.js'
import { echo } from '../../src/conformance/steps/echo.js'
import { sendOctets } from '../../src/conformance/steps/sending.js'
import { HandshakeError } from '../../src/errors.js'
import { ask, get, key, upgrade } from './asking.js'
import { toyExtension } from './toy-extension.js'

const one: Case = {
  id: '6455/5.6/hello',
  title: 'a text',
  requirement: '…',
  level: 'MUST',
  steps: () => echo(text('Hello')),
}

const cases: Case[] = [
  one,
  { ...one, id: '6455/9/extended', extension: toyExtension },
  {
    ...one,
    id: '6455/4/raw',
    opening: 'raw',
    steps: () => [sendOctets('a refusal', Buffer.from('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n'))],
  },
]

cases.push({ ...one, id: '6455/5.6/first', steps: () => [awaitMessage(1, 'Hello')] })

const runs = cases.map((one): CaseRun => ({ id: one.id, case: one, segmentation: 'whole' }))

async function listening(t: Test, scale = 0.1) {
  const results = new EventEmitter()
  const ended = on(results, 'result')
  const strangers: string[] = []
  const runner = new ClientRunner(runs, {
    host: '127.0.0.1',
    port: 0,
    seed: 1,
    patience: scaled(defaultPatience, scale),
    onResult: result => results.emit('result', result),
    onStranger: fault => strangers.push(fault),
  })
  const port = await runner.listen()
  t.teardown(() => runner.stop())
  const next = async () => ((await ended.next()).value as [CaseResult])[0]
  return { runner, port, next, strangers }
}

t.test('the loop', async t => {
  const { runner, port, next } = await listening(t)
  const count = Buffer.from(await ask(port, get('/getCaseCount')), 'latin1')
  t.equal(count.subarray(count.indexOf('\r\n\r\n') + 4).toString('hex'), '810134880203e8')
  t.match(await ask(port, get('/getCaseInfo?case=1')), /\{"id":"6455\/5.6\/hello","description":"a text"\}/)
  t.match(await ask(port, get('/getCaseStatus?case=1&agent=me')), /"behavior":"UNKNOWN"/)
  await ask(port, get('/runCase?case=1&agent=me'), socket => {
    socket.write(buildRawFrame(text('Hello', { maskingKey: Buffer.from('abcd') })))
  })
  await next()
  t.match(await ask(port, get('/getCaseStatus?case=1&agent=me')), /"behavior":"OK"/)
  await ask(port, get('/runCase?case=1&agent=you'), socket => socket.write(buildRawFrame(close())))
  await next()
  t.match(await ask(port, get('/getCaseStatus?case=1&agent=you')), /"behavior":"FAILED"/)
  t.same(runner.agents, ['me', 'you'])
  await ask(port, get('/updateReports?agent=me'))
  const { agent, results } = await runner.report
  t.equal(agent, 'me')
  t.match(
    results.map(({ verdict }) => verdict),
    ['PASS', 'ERROR'],
  )
  t.match(results[1]?.behaviour.findings, [{ reason: 'the client did not ask for this case, nor for 2 others' }])
})

t.test('the report waits for the case that still runs', async t => {
  const { runner, port } = await listening(t)
  await new Promise<void>(resolve => void ask(port, get('/runCase?case=4&agent=me'), () => resolve()))
  await ask(port, get('/updateReports?agent=me'))
  t.equal((await runner.report).results.at(-1)?.verdict, 'FAIL')
})

t.test('what is not in the loop', async t => {
  const { port } = await listening(t)
  t.match(await ask(port, get('/')), /^HTTP\/1.1 404 Not Found[\s\S]*no such case/)
  t.match(await ask(port, get('/runCase?case=0')), /404[\s\S]*no such case/)
  t.match(await ask(port, get('/other?case=1')), /404[\s\S]*there are \/getCaseCount/)
  t.match(await ask(port, get('/getCaseCount', 'Host: a\r\n')), /404[\s\S]*this is for WebSocket clients/)
})

t.test('a request that is not HTTP is read for what it means, and who cannot be understood is told of', async t => {
  const { port, strangers } = await listening(t)
  const good = get('/getCaseCount')
  const odd: [request: string, answer: RegExp, told?: RegExp][] = [
    [good.replaceAll('\r\n', '\n'), /^HTTP\/1.1 101 /],
    [`\r\n\r\n${good}`, /^HTTP\/1.1 101 /],
    [good.replace('\r\n\r\n', '\r\nX: folded\r\n line\r\nno field\r\nSpace : here\r\n\r\n'), /^HTTP\/1.1 101 /],
    [get('/getCaseCount', 'Host : a\r\n'), /this is for WebSocket clients/],
    ['no HTTP\r\n\r\n', /^$/, /^its request is not HTTP \(malformed HTTP head: a start line .*\): "no HTTP\\r\\n/],
    [
      'GET / HTTP/1.1\nHost: a\n',
      /^$/,
      /^its request is not HTTP \(malformed HTTP head: an octet .*\): "GET \/ HTTP\/1.1\\nH/,
    ],
    ['\x16\x03\x01', /^$/, /^it speaks TLS: ws:\/\/ instead of wss:\/\/\?$/],
    ['GET / HTTP/1.1\r\n', /^$/],
  ]
  for (const [request, answer, told] of odd) {
    t.match(await ask(port, request), answer)
    if (told === undefined) t.same(strangers, [])
    else t.match(strangers.splice(0), [told])
  }
})

t.test('a request that is too large for us is HTTP', async t => {
  const headError = new HandshakeError('WS_HEAD_TOO_LARGE', 'RFC 9110 §5.4', 'too large')
  t.equal(requestFault({ headError, headOctets: Buffer.from('GET / HTTP/1.1\r\n') }), undefined)
})

t.test('request targets that nobody is held to, and the loop goes on', async t => {
  const { port, strangers } = await listening(t)
  for (const target of ['//', '//runCase?case=1', '/%', '/\\[', 'http://localhost/', 'localhost:x'])
    t.match(await ask(port, get(target)), /^HTTP\/1.1 404 Not Found[\s\S]*\n(no such case|there are)/, target)
  for (const target of ['http://[/', '*', 'x'])
    t.match(await ask(port, get(target)), /^HTTP\/1.1 400 Bad Request[\s\S]*the request target is no URL/, target)
  await ask(port, get(`*${'x'.repeat(60_000)}`))
  const told = ['http://[/', '*', 'x', `*${'x'.repeat(119)}`]
  t.same(
    strangers,
    told.map(target => `its request target is no URL: "${target}"`),
  )
  t.match(await ask(port, get(`ws://127.0.0.1:${port}/getCaseInfo?case=1`)), /"id":"6455\/5.6\/hello"/)
})

t.test('a client whose request is no Opening Handshake fails the case', async t => {
  const { port, next } = await listening(t)
  for (const lines of [key, upgrade]) {
    await ask(port, get('/runCase?case=1', lines))
    t.match((await next()).behaviour, {
      verdict: 'FAIL',
      findings: [{ section: '4.1', reason: 'its request is no Opening Handshake' }],
    })
  }
})

t.test('an extension: offered, or not', async t => {
  const { port, next } = await listening(t)
  await ask(port, get('/runCase?case=2'))
  t.equal((await next()).verdict, 'SKIP')
  const hello = (socket: Socket) => socket.write(buildRawFrame(text('Hello', { maskingKey: Buffer.from('abcd') })))
  const answer = await ask(port, get('/runCase?case=2', `${upgrade}${key}Sec-WebSocket-Extensions: toy\r\n`), hello)
  t.match(answer, /Sec-WebSocket-Extensions: toy\r\n/)
  t.equal((await next()).verdict, 'PASS')
})

t.test('a client that never answers is waited for less after ten times, and the report says so', async t => {
  // A request of ours may take a twentieth of the silence, or nothing is learnt from it.
  const { port, next } = await listening(t, 0.8)
  const come = () => void ask(port, get('/runCase?case=1'))
  for (let i = 0; i < 10; i++) come()
  const told: string[] = []
  while (told.length < 11) {
    if (told.length === 10) come()
    told.push((await next()).behaviour.findings.map(({ reason }) => reason).join('; '))
  }
  const plain = 'nothing came instead of the message text "Hello"'
  const last = told.pop()
  t.same(told, Array(10).fill(plain))
  // How much less, by how long its requests have taken: see learned-patience.test.ts.
  t.match(last, new RegExp(`^${plain}; waited [0-3]\\.\\d s instead of 4\\.0 s, after ten silences before$`))
})

t.test('a case that begins with waiting: our response does not wait', async t => {
  const { port, next } = await listening(t)
  await ask(port, get('/runCase?case=4'), socket => {
    socket.write(buildRawFrame(text('Hello', { maskingKey: Buffer.from('abcd') })))
  })
  t.equal((await next()).verdict, 'PASS')
})

t.test('a case that does the opening itself', async t => {
  const { port, next } = await listening(t)
  t.match(await ask(port, get('/runCase?case=3')), /^HTTP\/1.1 403/)
  t.match(await next(), { verdict: 'PASS', closing: { verdict: 'SKIP' } })
})

t.test(
  'what onResult throws rejects the report, and ends the runner: who waits for a turn is told to nobody',
  async t => {
    let told = 0
    const runner = new ClientRunner(runs, {
      host: '127.0.0.1',
      port: 0,
      seed: 1,
      patience: scaled(defaultPatience, 0.1),
      jobs: 1,
      onResult: () => {
        told++
        throw new Error('the disk is full')
      },
    })
    const port = await runner.listen()
    t.teardown(() => runner.stop())
    const come = () => ask(port, get('/runCase?case=1&agent=me'), socket => socket.write(buildRawFrame(close())))
    await Promise.all([come(), come()])
    // Later than it is rejected: nobody need wait for it all the time.
    await t.rejects(runner.report, { message: 'the disk is full' })
    for (let turn = 0; turn < 100; turn++) await setImmediate()
    t.equal(told, 1)
    t.match(runner.reportOf('me').results[0], { verdict: 'FAIL' }, 'what there was until then can be had')
    t.equal(await ask(port, get('/getCaseCount')), '', 'nobody listens')
  },
)

t.test('what onStranger throws rejects the report, too', async t => {
  const runner = new ClientRunner(runs, {
    host: '127.0.0.1',
    port: 0,
    seed: 1,
    patience: defaultPatience,
    onStranger: fault => {
      throw new Error(fault)
    },
  })
  const port = await runner.listen()
  t.teardown(() => runner.stop())
  t.equal(await ask(port, '\x16\x03\x01'), '')
  await t.rejects(runner.report, { message: /^it speaks TLS/ })
})

t.test('a port that is in use', async t => {
  const { port } = await listening(t)
  const second = new ClientRunner(runs, { host: '127.0.0.1', port, seed: 1, patience: defaultPatience })
  await t.rejects(second.listen(), { code: 'EADDRINUSE' })
})

t.test('clients that do not come, or not again', async t => {
  const about = { host: '127.0.0.1', port: 0, seed: 1, patience: defaultPatience }
  const lonely = new ClientRunner(runs, { ...about, wait: { first: 1, next: 1 } })
  await lonely.listen()
  await lonely.gone
  lonely.stop()
  t.match(lonely.reportOf('nobody').results, [{ verdict: 'ERROR' }])
  const left = new ClientRunner(runs.slice(0, 2), { ...about, wait: { first: 600_000, next: 1 } })
  const port = await left.listen()
  t.teardown(() => left.stop())
  await ask(port, get('/runCase?case=1&agent=me'), socket => socket.write(buildRawFrame(close())))
  await left.gone
  const { results } = left.reportOf('me')
  t.match(results, [
    { verdict: 'FAIL' },
    { verdict: 'ERROR', behaviour: { findings: [{ reason: 'the client did not ask for this case' }] } },
  ])
})
