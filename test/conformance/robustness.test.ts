/**
 * What an endpoint endures: the proof for its cases, as in mutants-server.test.ts; how octets are read, mutated and made
 * fewer.
 */
import type { Socket } from 'node:net'
import t from 'tap'
import { octetsCases, robustnessCases } from '../../src/conformance/cases/10-robustness.js'
import { ClientRunner } from '../../src/conformance/client-runner.js'
import { mutatedOctets } from '../../src/conformance/mutated-octets.js'
import { naiveReading } from '../../src/conformance/naive-reading.js'
import { defaultPatience, scaled } from '../../src/conformance/patience.js'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { SeededOctets } from '../../src/conformance/seeded-octets.js'
import { selectRuns } from '../../src/conformance/selection.js'
import { runOnServer } from '../../src/conformance/server-runner.js'
import { shrink } from '../../src/conformance/shrink.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import { ask, get } from './asking.js'
import { areCaught, passesAll } from './mutants/judging.js'
import type { Break } from './mutants/mutants.js'
import { NaiveClient } from './mutants/naive-client.js'
import { NaiveServer } from './mutants/naive-server.js'
import { accepting, scriptedServer } from './scripted-server.js'

// Of the mutated sessions, which differ in their seed only, a few are run.
const cases = robustnessCases.filter(({ id }) => !/bomb-of-64|mutated-(?:[4-9]\d|1\d\d)$/.test(id))

for (const tested of ['server', 'client'] as const) {
  t.test(`a correct ${tested} passes`, async t => await passesAll(t, tested, cases))
  t.test(`a broken ${tested} is caught`, async t => await areCaught(t, tested, cases))
}

/** [case, what the server sends behind its 101, and for the second chunk; verdict, what is told] */
const servers: [id: string, first: string, second: string | undefined, told: RegExp][] = [
  ['6455/10.4/flood-of-pongs', '880203f1', undefined, /^PASS /],
  ['6455/10.4/flood-of-pongs', '', undefined, /^FAIL nothing came: it neither answers a Ping nor has it failed/],
  ['6455/10.7/octets-8281000000004f8285', echoOf('before the mutation'), '880203f1', /^PASS /],
  [
    '6455/10.7/octets-8281000000004f8285',
    echoOf('before the mutation'),
    '',
    /^FAIL nothing came instead of the message/,
  ],
  [
    '6455/10.7/octets-8285',
    echoOf('before the mutation'),
    '',
    /^WARN nothing came instead of the end of TCP, though ours has ended/,
  ],
  ['6455/10.7/octets-8885', echoOf('before the mutation'), '880203f1', /^PASS /],
]

function echoOf(payload: string): string {
  return buildRawFrame({ opcode: 1, payload }).toString('hex')
}

for (const [id, first, second = '', expected] of servers) {
  t.test(`10.4 ${id}: ${expected}`, async t => {
    const sent = new Set<Socket>()
    const url = await scriptedServer(t, (request, socket) => {
      if (request.startsWith('GET')) socket.write(accepting(request))
      else {
        const octets = Buffer.from(sent.has(socket) ? second : first, 'hex')
        sent.add(socket)
        socket.write(octets)
        if (octets[0] === 0x88) socket.end()
      }
    })
    const runs = selectRuns([...robustnessCases, ...octetsCases([id])], { tested: 'server', wanted: [id] })
    const target = { uri: WebSocketUri.parse(url), fieldLines: '' }
    const patience = scaled(defaultPatience, 0.02)
    const [result] = await runOnServer(runs, target, { jobs: 1, seed: 1, patience })
    t.match(`${result!.verdict} ${result!.behaviour.findings.map(({ reason }) => reason).join('; ')}`, expected)
  })
}

/** [octets to a client, how they end, the messages in them] */
const readings: [octets: string, end: string, ...messages: string[]][] = [
  ['', 'open'],
  ['8100', 'open', '1 '],
  ['810141 8900 8201ff', 'open', '1 41', '2 ff'],
  ['010141 8900 8a00 800142', 'open', '1 4142'],
  ['0101', 'within'],
  ['010141', 'within'],
  ['81', 'within'],
  ['817e00', 'within'],
  ['817e007e', 'within'],
  ['817f0000000000010000', 'within'],
  ['8800', 'close'],
  ['880203e8 ff', 'close'],
  ['810141 c100', 'violation', '1 41'],
  ['8300', 'violation'],
  ['8b00', 'violation'],
  ['8180', 'within'],
  ['818001020304', 'violation'],
  ['0900', 'violation'],
  ['897e', 'within'],
  ['897e0000', 'violation'],
  ['817e007d', 'within'],
  ['817e0000', 'violation'],
  ['827f0000000000000000', 'violation'],
  ['827f8000000000000000', 'within'],
  ['8000', 'violation'],
  ['0100 8100', 'violation'],
  ['8101ff', 'violation'],
  ['880103', 'violation'],
  ['880203ed', 'violation'],
  ['880303e8ff', 'violation'],
]

for (const [octets, end, ...messages] of readings) {
  t.test(`10.7 ${octets === '' ? 'nothing' : octets}: ${end}`, async t => {
    const read = naiveReading(Buffer.from(octets.replaceAll(' ', ''), 'hex'), 'client')
    t.equal(read.end, end)
    t.same(
      read.messages.map(({ opcode, payload }) => `${opcode} ${payload.toString('hex')}`),
      messages,
    )
  })
}

t.test('10.7 a frame for a server is masked', async t => {
  t.equal(naiveReading(Buffer.from('8100', 'hex'), 'server').end, 'violation')
  t.match(naiveReading(Buffer.from('81800102030489800102030f', 'hex'), 'server'), { end: 'open', pings: { length: 1 } })
})

t.test('mutated sessions: the same for the same seed, of all kinds', async t => {
  const session = (seed: number) => mutatedOctets('server', new SeededOctets(seed))
  const ends = new Set<string>()
  for (let seed = 1; seed <= 200; seed++) {
    t.ok(session(seed).equals(session(seed)))
    ends.add(naiveReading(session(seed), 'server').end)
  }
  t.same([...ends].sort(), ['close', 'open', 'violation', 'within'])
})

t.test('shrinking keeps what fails, and is bounded', async t => {
  const octets = Buffer.from([...Array.from({ length: 100 }, (_, i) => i), 200, 201])
  const both = async (fewer: Buffer) => fewer.includes(7) && fewer.includes(200)
  t.same([...(await shrink(octets, both))], [7, 200])
  let tries = 0
  await shrink(octets, async () => ++tries < 0, 10)
  t.equal(tries, 10)
  t.same([...(await shrink(Buffer.of(1), async () => true))], [1], 'never nothing')
})

t.test('what a client makes of a mutated session is told in few octets, too, as the turns allow', async t => {
  const judge = async (wanted: readonly string[], ...breaks: Break[]) => {
    const client = new NaiveClient(new Set(breaks))
    const runs = selectRuns([...robustnessCases, ...octetsCases(wanted)], { tested: 'client', wanted })
    const patience = scaled(defaultPatience, 0.2)
    const runner = new ClientRunner(runs, { host: '127.0.0.1', port: 0, seed: 1, patience })
    const port = await runner.listen()
    await client.run(port)
    const { results } = await runner.report
    const spare = await ask(port, get(`/getCaseInfo?case=${runs.length + 1}`))
    t.match(spare, wanted[0]!.includes('mutated') ? /a turn to shrink what has failed/ : /no such case/)
    runner.stop()
    return results
  }
  const found = (await judge(['6455/10.7/mutated-??'], 'ignores RSV bits')).filter(({ verdict }) => verdict === 'FAIL')
  // What fails once, by a pause of this machine, is not made fewer.
  const { shrunkTo } = found.find(({ shrunkTo }) => shrunkTo !== undefined)!
  t.match(shrunkTo, /^6455\/10\.7\/octets-[0-9a-f]{2,60}$/)
  t.match(await judge([shrunkTo!], 'ignores RSV bits'), [{ verdict: 'FAIL' }])
  t.same(
    (await judge(['6455/10.7/mutated-?'])).map(({ verdict }) => verdict),
    Array.from({ length: 9 }, () => 'PASS'),
  )
})

t.test('what a mutated session comes to is told in few octets, which are a case of their own', async t => {
  const judge = async (broken: Break, ids: readonly string[]) => {
    const server = new NaiveServer(new Set([broken]))
    const uri = WebSocketUri.parse(await server.listen())
    t.teardown(() => server.stop())
    const runs = selectRuns([...robustnessCases, ...octetsCases(ids)], { tested: 'server', wanted: ids })
    const patience = scaled(defaultPatience, 0.1)
    return await runOnServer(runs, { uri, fieldLines: '' }, { jobs: 8, seed: 1, patience })
  }
  const found = (await judge('ignores RSV bits', ['6455/10.7/mutated-??'])).filter(({ verdict }) => verdict === 'FAIL')
  t.not(found.length, 0)
  for (const { shrunkTo = '' } of found) {
    const [again] = await judge('ignores RSV bits', [shrunkTo])
    t.equal(again?.verdict, 'FAIL', shrunkTo)
  }
  t.same(octetsCases(['6455/10.7', '6455/10.7/octets-1', '6455/10.7/octets-xx']), [])
})
