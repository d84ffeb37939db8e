/** Clients that take orders, and what is said of those that do otherwise: their programs are bent between us and them. */
import { connect, createServer } from 'node:net'
import t from 'tap'
import { allCases } from '../../src/conformance/cases/all-cases.js'
import { type ClientEvent, Control, type Order } from '../../src/conformance/control.js'
import { type OrderedRunAbout, runOrdered } from '../../src/conformance/ordered-runner.js'
import { defaultPatience, scaled } from '../../src/conformance/patience.js'
import { selectRuns } from '../../src/conformance/selection.js'
import { listening } from '../cli/conform-runs.js'
import { NaiveOrdered } from './mutants/naive-ordered.js'

const patience = scaled(defaultPatience, 0.05)

/** What becomes of an order: another one, what is told instead of obeying, or nothing. */
type BendOrder = (order: Order) => Order | ClientEvent | undefined
/** What is told in place of an event; undefined for nothing. */
type BendEvent = (event: ClientEvent) => ClientEvent | undefined

const same = <T>(one: T) => one

function run(
  wanted: string,
  bendOrder: BendOrder = same,
  bendEvent: BendEvent = same,
  about: Partial<OrderedRunAbout> = {},
) {
  const control: Control = new Control(line => {
    const { connection, ...order } = JSON.parse(line) as Order & { connection: number }
    const bent = bendOrder(order)
    if (bent === undefined) return
    const bentLine = JSON.stringify({ connection, ...bent })
    if ('event' in bent) control.receive(bentLine)
    else program.obey(bentLine)
  })
  const program = new NaiveOrdered(new Set(), line => {
    const { connection, ...event } = JSON.parse(line) as ClientEvent & { connection: number }
    const bent = bendEvent(event)
    if (bent !== undefined) control.receive(JSON.stringify({ connection, ...bent }))
  })
  const runs = selectRuns(allCases, { tested: 'controlled client', wanted: [wanted] })
  return runOrdered(runs, control, { host: '127.0.0.1', port: 0, seed: 1, patience, ...about })
}

/** These orders come to this; all others are obeyed. */
function instead(what: Order['do'], bent: (order: Order) => Order | ClientEvent | undefined): BendOrder {
  return order => (order.do === what ? bent(order) : order)
}

const refused = (what: Order['do']) => instead(what, () => ({ event: 'refused', do: what, why: 'no' }))
const cannot = (what: Order['do']) => instead(what, () => ({ event: 'cannot', do: what }))
const ignored = (what: Order['do']) => instead(what, () => undefined)

function retold(name: ClientEvent['event'], bent: ClientEvent | undefined): BendEvent {
  return event => (event.event === name ? bent : event)
}

const rows: [what: string, id: string, bendOrder: BendOrder, bendEvent: BendEvent, verdict: string, reason?: RegExp][] =
  [
    [
      'refuses to close',
      '6455/7.1.2/closes-with-1001',
      refused('close'),
      same,
      'INFO',
      /it lets nobody order that: .*"why":"no"/,
    ],
    ['cannot close', '6455/7.1.2/closes-with-1001', cannot('close'), same, 'SKIP', /its library has no close/],
    [
      'does not close',
      '6455/7.1.2/closes-with-1001',
      ignored('close'),
      same,
      'FAIL',
      /nothing came instead of a Close frame with 1001/,
    ],
    [
      'does nothing',
      '6455/7.4/does-not-close-with-1005',
      ignored('close'),
      same,
      'INFO',
      /it took the order, and did nothing/,
    ],
    ['refuses to ping', '6455/5.5.2/sends-ping', refused('ping'), same, 'INFO', /it lets nobody order that/],
    ['cannot ping', '6455/5.5.2/sends-ping', cannot('ping'), same, 'SKIP', /its library has no ping/],
    ['does not ping', '6455/5.5.2/sends-ping', ignored('ping'), same, 'INFO', /nothing came instead of a Ping "Hello"/],
    [
      'pings with another payload',
      '6455/5.5.2/sends-ping',
      instead('ping', () => ({ do: 'ping', payload: 'x' })),
      same,
      'INFO',
      /it sent a Ping "x" instead of a Ping "Hello"/,
    ],
    ['cannot send fragments', '6455/5.4/sends-fragments', cannot('send'), same, 'SKIP', /its library has no send/],
    [
      'sends nothing',
      '6455/5.4/sends-fragments',
      ignored('send'),
      same,
      'FAIL',
      /nothing came instead of the text "fragmented"/,
    ],
    [
      'sends one frame',
      '6455/5.4/sends-fragments',
      instead('send', () => ({ do: 'send', text: 'fragmented' })),
      same,
      'INFO',
      /it sent one frame, though fragments were ordered/,
    ],
    [
      'tells no end',
      '6455/7.1.5/reports-code-1000',
      same,
      retold('close', undefined),
      'FAIL',
      /not told that the connection is over/,
    ],
    [
      'tells no code',
      '6455/7.1.5/reports-code-1000',
      same,
      retold('close', { event: 'close' }),
      'SKIP',
      /does not tell code/,
    ],
    [
      'tells another code',
      '6455/7.1.5/reports-code-1000',
      same,
      retold('close', { event: 'close', code: 1 }),
      'FAIL',
      /its program was told .*"code":1\}, which differs in code/,
    ],
    [
      'tells no opening',
      '6455/7.1.5/reports-code-1000',
      same,
      retold('open', undefined),
      'FAIL',
      /not told that the connection is open/,
    ],
    [
      'tells an error',
      '6455/7.1.5/reports-code-1000',
      same,
      retold('open', { event: 'error' }),
      'FAIL',
      /not told that the connection is open/,
    ],
    [
      'tells no subprotocol',
      '6455/4.1/reports-the-second-subprotocol',
      same,
      retold('open', { event: 'open' }),
      'PASS',
    ],
    [
      'tells nothing',
      '6455/7.1.4/reports-that-there-is-no-connection',
      same,
      () => undefined,
      'FAIL',
      /not told that there is no connection/,
    ],
    [
      'tells of the end only',
      '6455/7.1.4/reports-that-there-is-no-connection',
      same,
      retold('error', undefined),
      'PASS',
    ],
    [
      'does not connect',
      '6455/5.6/sends-text',
      ignored('connect'),
      same,
      'ERROR',
      /^its program opened no connection$/,
    ],
    [
      'fails to connect',
      '6455/5.6/sends-text',
      instead('connect', () => ({ event: 'error', why: 'no' })),
      same,
      'ERROR',
      /opened no connection: .*"no"/,
    ],
    [
      'refuses to connect for nothing',
      '6455/5.6/sends-text',
      refused('connect'),
      same,
      'INFO',
      /it lets nobody order that: .*"no"/,
    ],
    [
      'leaves out what is illegal',
      '6455/4.1/ordered-a-subprotocol-twice',
      instead('connect', order => ({ do: 'connect', url: (order as Extract<Order, { do: 'connect' }>).url })),
      same,
      'PASS',
    ],
    ['refuses to connect', '6455/4.1/ordered-a-subprotocol-twice', refused('connect'), same, 'PASS'],
    [
      'does not connect, which is no refusal',
      '6455/4.1/ordered-a-subprotocol-twice',
      ignored('connect'),
      same,
      'ERROR',
      /opened no connection/,
    ],
  ]

for (const [what, id, bendOrder, bendEvent, verdict, reason] of rows) {
  t.test(`a client whose program ${what}`, async t => {
    const [result, ...more] = await run(id, bendOrder, bendEvent)
    t.same(more, [])
    t.equal(result?.verdict, verdict)
    const reasons = result!.behaviour.findings.map(finding => finding.reason)
    if (reason === undefined) t.same(reasons, [])
    else t.match(reasons.join('\n'), reason)
  })
}

t.test('the transcript has the orders, and what was told', async t => {
  const [result] = await run('6455/5.6/sends-text')
  const lines = result!.transcript.filter(({ kind }) => kind === 'control').map(({ from, text }) => `${from} ${text}`)
  t.same(lines.slice(0, 2).sort(), [
    'peer told {"event":"open","protocol":""}',
    'us order {"do":"send","text":"Hello"}',
  ])
})

for (const stray of ['GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n', 'what?\r\n\r\n']) {
  t.test(`a connection that nobody ordered is let go: ${JSON.stringify(stray)}`, async t => {
    const order = instead('connect', order => {
      const { hostname, port } = new URL((order as Extract<Order, { do: 'connect' }>).url)
      connect(Number(port), hostname)
        .on('error', () => {})
        .write(stray)
      return order
    })
    const [result] = await run('6455/5.6/sends-text', order)
    t.equal(result?.verdict, 'PASS')
  })
}

t.test('no case is begun once the run is cut', async t => {
  const cut = new AbortController()
  const results = await run('6455/5.6/sends-*', same, same, { signal: cut.signal, onResult: () => cut.abort() })
  t.equal(results.length, 1)
})

t.test('what onResult throws rejects the run, and the port is free again', async t => {
  let port = 0
  const order = instead('connect', order => {
    port = Number(new URL((order as Extract<Order, { do: 'connect' }>).url).port)
    return order
  })
  const onResult = () => {
    throw new Error('the disk is full')
  }
  await t.rejects(run('6455/5.6/sends-*', order, same, { onResult }), { message: 'the disk is full' })
  const server = createServer()
  t.teardown(() => server.close())
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
})

t.test('it listens where it is told to', async t => {
  const urls: string[] = []
  const order = instead('connect', order => {
    urls.push((order as Extract<Order, { do: 'connect' }>).url)
    return { event: 'error' }
  })
  await run('6455/5.6/sends-text', order, same, { host: '::1' })
  t.match(urls, [/^ws:\/\/\[::1\]:\d+\/ordered\/1$/])
  const taken = await listening(t, createServer())
  await t.rejects(run('6455/5.6/sends-text', same, same, { port: taken }), { code: 'EADDRINUSE' })
})

t.test('the lines of a program', async t => {
  const orders: string[] = []
  const control = new Control(line => orders.push(line))
  const client = control.client(1)
  t.equal(control.client(1), client)
  for (const line of ['hello', '3', 'null', '{"event":"open"}', '{"connection":2,"event":"open"}'])
    control.receive(line)
  t.same(control.strays, ['hello', '3', 'null', '{"event":"open"}', '{"connection":2,"event":"open"}'])
  control.receive('{"event":"ready"}')
  t.equal(await control.ready, 'unknown')
  client.order({ do: 'ping', payload: '' })
  t.same(orders, ['{"connection":1,"do":"ping","payload":""}'])
  const waiting = client.until(() => client.events.length === 2, 200)
  control.receive('{"connection":1,"event":"open"}')
  control.receive('{"connection":1,"event":"close","code":1000}')
  t.equal(await waiting, true)
  t.equal(await client.until(() => false, 10), false)
  t.same(client.told('close'), { event: 'close', code: 1000 })
})
