/** Each status code of a range on a connection of its own: what is told of servers that answer them wrongly, or strangely. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import t from 'tap'
import { selfSignedCertificate } from '../../src/cli/self-signed-certificate.js'
import type { Case } from '../../src/conformance/case.js'
import { everyCodeCases } from '../../src/conformance/cases/7.4-every-code.js'
import { ping } from '../../src/conformance/frame-parts.js'
import { defaultPatience, scaled } from '../../src/conformance/patience.js'
import { buildRawFrame, readRawFrame } from '../../src/conformance/raw-frame.js'
import { runOnServer } from '../../src/conformance/server-runner.js'
import { sendEveryCode } from '../../src/conformance/steps/every-code.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import { echoServer } from '../cli/conform-runs.js'
import { accepting, scriptedServer } from './scripted-server.js'

/** For who never answers: everybody else may take as long as a busy machine needs. */
const impatience = scaled(defaultPatience, 0.05)

async function judge(url: string, codes: readonly number[], one: Partial<Case> = {}, patience = defaultPatience) {
  const run = { ...everyCodeCases()[0]!, steps: () => [sendEveryCode(codes, 65_536)], ...one }
  const target = { uri: WebSocketUri.parse(url), fieldLines: '', tls: { rejectUnauthorized: false } }
  const about = { jobs: 1, seed: 1, patience }
  const [result] = await runOnServer([{ id: run.id, case: run, segmentation: 'whole' }], target, about)
  return [result!.behaviour.verdict, ...result!.behaviour.findings.map(({ reason }) => reason)].join(' ')
}

const closeFrame = (...body: number[]) => buildRawFrame({ opcode: 8, payload: Buffer.from(body) })

const silent = 'says nothing'

/** [what, what a Close frame is answered with, the codes, what is told] */
const servers: [what: string, answer: (body: Buffer, socket: Socket) => void, codes: number[], told: RegExp][] = [
  ['fails with 1002', (_, s) => s.end(closeFrame(3, 234)), [0, 1, 1005, 2000], /^PASS$/],
  ['echoes', (body, s) => s.end(closeFrame(...body)), [1000, 3000, 4999], /^PASS$/],
  ['echoes', (body, s) => s.end(closeFrame(...body)), [0, 1, 2, 5], /^FAIL it answered 0 to 2, 5 with the same$/],
  ['ends TCP', (_, s) => s.end(), [0, 1, 2], /^WARN it answered 0 to 2 with the end of TCP$/],
  ['resets TCP', (_, s) => s.resetAndDestroy(), [1, 2], /^WARN it answered 1 to 2 with the end of TCP$/],
  ['ends TCP', (_, s) => s.end(), [3000], /^FAIL it answered 3000 with the end of TCP$/],
  [silent, () => {}, [7], /^FAIL it answered 7 with nothing$/],
  ['closes with nothing', (_, s) => s.end(closeFrame()), [1000], /^WARN it answered 1000 with an empty Close frame$/],
  [
    'answers all with 1000, a Ping before it',
    (_, s) => s.end(Buffer.concat([buildRawFrame(ping('x')), closeFrame(3, 232)])),
    Array.from({ length: 14 }, (_, i) => 2 * i),
    /^WARN it answered 0, 2, 4, .*, 22 and 2 more ranges with 1000$/,
  ],
]

for (const [what, answer, codes, told] of servers) {
  t.test(`a server that ${what}: ${told}`, async t => {
    const url = await scriptedServer(t, (request, socket) => {
      if (!request.startsWith('GET')) {
        const { frame } = readRawFrame(Buffer.from(request, 'latin1'))!
        if (frame.opcode === 8) answer(frame.payload, socket)
        return
      }
      const [start, rest] = [accepting(request).slice(0, 20), accepting(request).slice(20)]
      socket.write(start)
      // Behind the next turn of the event loop, in which the start is read.
      setImmediate(() => setImmediate(() => socket.write(rest)))
    })
    t.match(await judge(url, codes, {}, what === silent ? impatience : defaultPatience), told)
  })
}

/** [what, what is answered to a request instead, how many are accepted before, the codes, what is told] */
const refusing: [what: string, refuse: (socket: Socket) => void, accepted: number, codes: number[], told: RegExp][] = [
  [
    'answers 503',
    s => s.end('HTTP/1.1 503 No\r\n\r\n\x88\x02\x03\xe8'),
    1,
    [1000, 3000],
    /^ERROR 2 of 2 codes were not sent: it answered the Opening Handshake with "HTTP\/1.1 503 No"$/,
  ],
  [
    'answers 503 after a wrong answer',
    s => s.end('HTTP/1.1 503 No\r\n\r\n'),
    2,
    [1, 2, 3],
    /^FAIL it answered [123] with the same; 2 of 3 codes were not sent: it answered/,
  ],
  ['is no HTTP server', s => s.end('SSH\r\n\r\n'), 1, [1000], /^ERROR 1 of 1 codes .* Opening Handshake with "SSH"$/],
  [
    'ends TCP',
    s => s.end(),
    1,
    [1000],
    /^ERROR 1 of 1 codes were not sent: the end of TCP instead of a response to the/,
  ],
  [silent, () => {}, 1, [1000], /^ERROR 1 of 1 codes were not sent: nothing instead of a response to the Opening/],
]

for (const [what, refuse, accepted, codes, told] of refusing) {
  t.test(`a server that ${what} where a connection is to be opened: ${told}`, async t => {
    let left = accepted
    const url = await scriptedServer(t, (request, socket) => {
      if (!request.startsWith('GET')) {
        const { frame } = readRawFrame(Buffer.from(request, 'latin1'))!
        if (frame.opcode === 8) socket.end(closeFrame(...frame.payload))
      } else if (left-- > 0) socket.write(accepting(request))
      else refuse(socket)
    })
    t.match(await judge(url, codes, {}, what === silent ? impatience : defaultPatience), told)
  })
}

t.test('of a server that takes few connections at a time fewer are asked', async t => {
  let open = 0
  let refused = 0
  const held: (() => void)[] = []
  const server = createServer(socket => {
    const tooMany = ++open > 8
    socket.on('error', () => {}).on('close', () => open--)
    socket.on('data', chunk => {
      const request = chunk.toString('latin1')
      if (request.startsWith('GET') && tooMany) {
        refused++
        socket.end('HTTP/1.1 503 No\r\n\r\n')
      } else if (request.startsWith('GET')) socket.write(`HTTP/1.1 103 Early\r\n\r\n${accepting(request)}`)
      else held.push(() => socket.end(closeFrame(...readRawFrame(chunk)!.frame.payload)))
      // None is answered before there have been too many.
      if (refused > 0) for (const answer of held.splice(0)) answer()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const codes = Array.from({ length: 200 }, (_, i) => 3000 + i)
  t.equal(await judge(url, codes), 'PASS')
  t.ok(refused > 0)
})

t.test('a server that says nothing is not asked for thousands of codes', async t => {
  const url = await scriptedServer(t, (request, socket) => {
    if (request.startsWith('GET')) socket.write(accepting(request))
  })
  const codes = Array.from({ length: 200 }, (_, i) => i)
  const told =
    /^FAIL it answered 0 to \d+ with nothing; 1\d\d of 200 codes were not sent: it had answered 32 with nothing$/
  t.match(await judge(url, codes, {}, impatience), told)
})

t.test('a server that sends more interim responses than there is room on the stack', async t => {
  const url = await scriptedServer(t, (request, socket) => {
    if (request.startsWith('GET')) socket.write('HTTP/1.1 100 \r\n\r\n'.repeat(50_000) + accepting(request))
    else socket.end(closeFrame(3, 232))
  })
  t.equal(await judge(url, [1000], { opening: 'raw' }), 'PASS')
})

t.test('a server that takes one connection only', async t => {
  const server = createServer(socket => {
    server.close()
    socket.on('error', () => {}).once('data', chunk => socket.write(accepting(chunk.toString('latin1'))))
    t.teardown(() => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  t.match(await judge(url, [1000], {}, impatience), /^ERROR 1 of 1 codes were not sent: cannot connect: .*ECONNREFUSED/)
})

t.test('over TLS at most some hundred of a range', async t => {
  const url = await echoServer(t, await selfSignedCertificate())
  const [, defined] = everyCodeCases()
  t.equal(await judge(url, [], { steps: defined!.steps }), 'PASS')
})

t.test('the classes are all codes there are', async t => {
  const titles = everyCodeCases().map(({ title }) => Number(/\d+/.exec(title)![0]))
  t.equal(
    titles.reduce((sum, count) => sum + count, 0),
    65_536,
  )
})
