/** Cases put to servers that do not do what is expected: what becomes of the run, and what is told. */
import { once } from 'node:events'
import { type AddressInfo, createServer, Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Case, CaseRun } from '../../src/conformance/case.js'
import { close, continuation, type FrameParts, ping, pong, text } from '../../src/conformance/frame-parts.js'
import { defaultPatience, scaled } from '../../src/conformance/patience.js'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'
import { RawPeer } from '../../src/conformance/raw-peer.js'
import type { CaseResult } from '../../src/conformance/run-case.js'
import { SeededOctets } from '../../src/conformance/seeded-octets.js'
import { runOnServer } from '../../src/conformance/server-runner.js'
import { afterSilence } from '../../src/conformance/silence-clock.js'
import { awaitMessage, awaitNothing, awaitPong } from '../../src/conformance/steps/awaiting.js'
import { awaitCloseOrEnd, awaitEndOfTcp, awaitFailure, awaitFailureSoon } from '../../src/conformance/steps/closing.js'
import { echo } from '../../src/conformance/steps/echo.js'
import { awaitSurvival } from '../../src/conformance/steps/enduring.js'
import { awaitMaskingKeys } from '../../src/conformance/steps/masking-keys.js'
import {
  awaitAccepted,
  awaitAcceptedOrRefused,
  awaitRefused,
  sendRequest,
} from '../../src/conformance/steps/requesting.js'
import { endTcp, sendFrames, sendOctets } from '../../src/conformance/steps/sending.js'
import { trial } from '../../src/conformance/trial.js'
import { WebSocketUri } from '../../src/handshake/websocket-uri.js'
import { accepting, scriptedServer } from './scripted-server.js'
import { toyExtension } from './toy-extension.js'

const impatient = scaled(defaultPatience, 0.05)

function runOf(parts: Partial<Case>, segmentation: CaseRun['segmentation'] = 'whole'): CaseRun {
  const one: Case = {
    id: '6455/5.6/hello',
    title: 'a text',
    requirement: '…',
    level: 'MUST',
    steps: () => echo(text('Hello')),
    ...parts,
  }
  return { id: one.id, case: one, segmentation }
}

async function judge(url: string, run: CaseRun): Promise<CaseResult> {
  const target = { uri: WebSocketUri.parse(url), fieldLines: '' }
  const [result] = await runOnServer([run], target, { jobs: 1, seed: 1, patience: impatient })
  return result!
}

function reasons({ behaviour, closing }: CaseResult): string {
  const all = [...behaviour.findings, ...closing.findings]
  return all.map(({ verdict, section = '', reason }) => `${verdict} ${section} ${reason}`).join('; ')
}

/** [what, the answer to each chunk, the verdict, what is told] */
const servers: [what: string, answer: (request: string, socket: Socket) => void, verdict: string, told: RegExp][] = [
  [
    'a refusal',
    (_, socket) => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno'),
    'ERROR',
    /^ERROR {2}it answered the Opening Handshake with 403$/,
  ],
  ['no HTTP', (_, socket) => socket.end('SSH-2.0-x\r\n'), 'FAIL', /^FAIL 4.2.2 its response is not HTTP: /],
  [
    'a line of 70,000 octets',
    (request, socket) => socket.write(accepting(request, `Set-Cookie: ${'x'.repeat(70_000)}\r\n`)),
    'ERROR',
    /^ERROR {2}its head is larger than this suite reads \(HTTP head too large: limit fieldLine is 65536\)$/,
  ],
  ['nothing at all', (_, socket) => socket.end(), 'ERROR', /^ERROR {2}it ended TCP instead of a response/],
  ['silence', () => {}, 'ERROR', /^ERROR {2}nothing came instead of a response/],
  [
    'a wrong Accept',
    (request, socket) => socket.write(accepting(request.replace(/Key: ./, 'Key: !'))),
    'FAIL',
    /^FAIL 4.2.2 its Sec-WebSocket-Accept is not the value for our key$/,
  ],
  [
    'an extension nobody offered',
    (request, socket) => socket.write(accepting(request, 'Sec-WebSocket-Extensions: x\r\n')),
    'FAIL',
    /^FAIL 4.1 it chose extensions though none were offered: x$/,
  ],
  [
    'part of a frame',
    (request, socket) => {
      if (request.startsWith('GET'))
        socket.write(Buffer.concat([Buffer.from(accepting(request)), Buffer.from('8105', 'hex')]))
    },
    'FAIL',
    /^FAIL {2}only part of a frame came, 2 octets, and then nothing instead of the message text "Hello"$/,
  ],
  [
    'a reset',
    (request, socket) => {
      if (request.startsWith('GET')) socket.write(accepting(request))
      else socket.resetAndDestroy()
    },
    'FAIL',
    /^FAIL {2}it reset TCP instead of the message text "Hello"; FAIL 5.5.1 it reset TCP, without a Close frame; WARN 7.1.1 it reset TCP/,
  ],
]

for (const [what, answer, verdict, told] of servers) {
  t.test(`a server that answers with ${what}`, async t => {
    const result = await judge(await scriptedServer(t, answer), runOf({}))
    t.equal(result.verdict, verdict)
    t.match(reasons(result), told)
  })
}

t.test('no RFC limits a head: fields and lines that many recipients would not take are no fault', async t => {
  const lines = [`Set-Cookie: ${'x'.repeat(60_000)}\r\n`, 'X-Nobody-Knows: 1\r\n'.repeat(900)]
  for (const line of lines) t.equal((await judge(await scriptedServer(t, echoing(line)), runOf({}))).verdict, 'PASS')
})

t.test(
  'a head that is larger than we read is our fault, in cases of the handshake and in the trial as well',
  async t => {
    const url = await scriptedServer(t, (_, socket) => {
      socket.end(`HTTP/1.1 400 No\r\n${'X-Nobody-Knows: 1\r\n'.repeat(1001)}\r\n`)
    })
    for (const step of [awaitRefused(), awaitAcceptedOrRefused(awaitAccepted(), 'unusual')]) {
      const result = await judge(url, runOf({ opening: 'raw', steps: () => [sendRequest(), step] }))
      t.match(reasons(result), /^ERROR {2}its head is larger than this suite reads \(.* limit fields is 1000\)$/)
    }
    t.match(
      await trial({ uri: WebSocketUri.parse(url), fieldLines: '' }, impatient),
      /^its head is larger than this suite/,
    )
  },
)

/** Our end of a connection on which the test says what comes. */
function quietPeer() {
  const socket = new Socket()
  const about = { tested: 'server', segmentation: 'whole', chance: new SeededOctets(1), patience: impatient } as const
  return { socket, peer: new RawPeer(socket, about) }
}

t.test('a response in two parts, and a frame behind it', async t => {
  const { socket, peer } = quietPeer()
  socket.emit('data', Buffer.from('HTTP/1.1 101 Switching'))
  t.equal(peer.response, undefined)
  socket.emit('data', Buffer.from(' Protocols\r\n\r\n\x89\x00', 'latin1'))
  t.equal(peer.response?.status, 101)
  t.equal(peer.behindHead.length, 2)
  peer.startFrames()
  t.equal(peer.inbox.frames, 1)
  t.match(
    peer.transcript.entries.map(({ text }) => text),
    ['TCP connection open', 'HTTP/1.1 101 Switching', ' Protocols', 'Ping (empty)'],
  )
})

t.test('interim responses and what they announce, all at once, however many: each octet is there once', async t => {
  for (const times of [2, 4000]) {
    const { socket, peer } = quietPeer()
    const heads = `${'HTTP/1.1 103 \r\n\r\n'.repeat(times)}HTTP/1.1 404 No\r\n\r\n`
    const octets = Buffer.from(`${heads}!`)
    socket.emit('data', octets)
    t.ok(peer.headOctets.equals(octets), `${peer.headOctets.length} of ${octets.length}`)
    t.equal(peer.behindHead.toString(), '!')
    t.same([peer.interim.length, peer.interim.at(-1), peer.response?.status], [times, 103, 404])
  }
})

t.test('a server that cannot be reached', async t => {
  const result = await judge('ws://127.0.0.1:1', runOf({}))
  t.equal(result.verdict, 'ERROR')
  t.match(reasons(result), /cannot connect: connect ECONNREFUSED/)
  t.same(result.steps, [])
})

t.test('a host that does not answer in time', async t => {
  // TLS, of which it says nothing: how long a host takes that does not even answer TCP is for the network to say.
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const { port } = silent.address() as AddressInfo
  const target = { uri: WebSocketUri.parse(`wss://127.0.0.1:${port}`), fieldLines: '' }
  const [result] = await runOnServer([runOf({})], target, { jobs: 1, seed: 1, patience: impatient })
  t.equal(result?.verdict, 'ERROR')
  t.match(reasons(result!), /cannot connect: no connection within \d+ ms/)
})

t.test('a step that throws is our fault', async t => {
  const url = await scriptedServer(t, (request, socket) => socket.write(accepting(request)))
  const run = async () => {
    throw new Error('a mistake of ours')
  }
  const result = await judge(url, runOf({ steps: () => [{ kind: 'await', text: 'x', run }] }))
  t.equal(result.verdict, 'ERROR')
  t.match(reasons(result), /^ERROR {2}the tool failed: Error: a mistake of ours/)
})

/** Echoes what it is sent; `behind` goes before the first echo. */
function echoing(lines = '', behind: Buffer = Buffer.alloc(0)): (request: string, socket: Socket) => void {
  let first = true
  return (request, socket) => {
    if (request.startsWith('GET')) {
      socket.write(accepting(request, lines))
      return
    }
    if (first) socket.write(Buffer.concat([behind, buildRawFrame(text('Hello'))]))
    else {
      socket.write(buildRawFrame({ opcode: 8, payload: Buffer.of(3, 232) }))
      socket.end()
    }
    first = false
  }
}

t.test('an extension: offered, agreed on, declined', async t => {
  let offered: string | undefined
  const hear = (request: string) => {
    offered = /extensions: (.*)\r/i.exec(request)?.[1] ?? offered
  }
  const agreeing = echoing('Sec-WebSocket-Extensions: toy\r\n')
  const url = await scriptedServer(t, (request, socket) => {
    hear(request)
    agreeing(request, socket)
  })
  t.equal((await judge(url, runOf({ extension: toyExtension }))).verdict, 'PASS')
  t.equal(offered, 'toy; really')
  for (const lines of ['', 'Sec-WebSocket-Extensions: other\r\n']) {
    const result = await judge(await scriptedServer(t, echoing(lines)), runOf({ extension: toyExtension }))
    t.equal(result.verdict, 'SKIP')
    t.match(reasons(result), /^SKIP {2}it did not agree to toy; really$/)
  }
})

t.test('Pings of the server are answered; Pongs that nobody asked for are told', async t => {
  let answered = ''
  const server = echoing('', buildRawFrame(ping('are you there?')))
  const url = await scriptedServer(t, (request, socket) => {
    answered += request
    server(request, socket)
  })
  t.equal((await judge(url, runOf({}))).verdict, 'PASS')
  t.match(answered, /\x8a\x8e/, 'a masked Pong of 14 octets')
  const result = await judge(
    await scriptedServer(t, echoing('', buildRawFrame({ opcode: 10, payload: 'beat' }))),
    runOf({}),
  )
  t.equal(result.verdict, 'INFO')
  t.match(reasons(result), /^INFO 5.5.3 it sent 1 Pongs nobody asked for, the first "beat"$/)
})

t.test('a message that nobody sent is told', async t => {
  const result = await judge(await scriptedServer(t, echoing('', buildRawFrame(text('Hello')))), runOf({}))
  t.equal(result.verdict, 'FAIL')
  t.match(reasons(result), /^FAIL {2}it sent the message text "Hello", which nobody sent to it$/)
})

t.test('in a joined run the neighbour must be echoed', async t => {
  const result = await judge(await scriptedServer(t, echoing()), runOf({}, 'joined'))
  t.equal(result.verdict, 'FAIL')
  t.match(reasons(result), /^FAIL 6.2 the message that came in the same segment/)
})

t.test('in a joined run nobody owes the neighbour an echo who is closed with the same segment', async t => {
  const url = await scriptedServer(t, (request, socket) => {
    if (request.startsWith('GET')) socket.write(accepting(request))
    else socket.end(buildRawFrame(close(1000)))
  })
  const steps = () => [sendFrames(close(1000)), awaitCloseOrEnd({ why: 'so it is' }, 1000)]
  t.match(reasons(await judge(url, runOf({ steps }, 'joined'))), /^INFO 6.2 the message that came in the same segment/)
})

t.test('in a joined run that begins with waiting the neighbour does not wait', async t => {
  const came: string[] = []
  const url = await scriptedServer(t, (request, socket) => {
    if (request.startsWith('GET')) socket.write(accepting(request))
    else came.push(request)
  })
  const result = await judge(url, runOf({ steps: () => [awaitMessage(1, 'first')] }, 'joined'))
  t.match(reasons(result), /^FAIL {2}nothing came instead of the message text "first"/)
  t.equal(came[0]?.length, 2 + 4 + 'the neighbour'.length)
})

async function outcome(
  t: Test,
  steps: Case['steps'],
  frames: Parameters<typeof buildRawFrame>[0][],
  end = false,
  parts: Partial<Case> = {},
): Promise<string> {
  let sent = false
  const url = await scriptedServer(t, (request, socket) => {
    if (request.startsWith('GET')) socket.write(accepting(request))
    else if (!sent) {
      sent = true
      socket.write(Buffer.concat(frames.map(parts => buildRawFrame(parts))))
      if (end) socket.end()
    }
  })
  const result = await judge(url, runOf({ steps, ...parts }))
  return `${result.verdict} ${reasons(result)}`
}

t.test('awaiting nothing: what comes instead', async t => {
  const steps = () => [sendFrames(text('x')), awaitNothing()]
  t.match(await outcome(t, steps, [text('y')]), /^FAIL FAIL {2}it sent the message text "y" instead of nothing/)
  t.match(
    await outcome(t, steps, [{ opcode: 8 }]),
    /^FAIL FAIL {2}it closed with an empty Close frame instead of a Pong/,
  )
})

t.test(
  '5.5.3 a Pong "MAY be sent unsolicited": where nothing is awaited it is told, unless it answers one of ours',
  async t => {
    const probed = { opcode: 10, payload: 'anything else?' }
    const steps = () => [sendFrames(text('x')), awaitNothing()]
    t.match(
      await outcome(t, steps, [{ opcode: 10, payload: 'alive' }, probed, close(1000)], true),
      /^INFO INFO 5.5.3 it sent Pong "alive", which nobody asked for/,
    )
    const ours = () => [sendFrames(pong('ours')), awaitNothing()]
    t.match(
      await outcome(t, ours, [{ opcode: 10, payload: 'ours' }, probed, close(1000)], true),
      /^FAIL FAIL {2}it sent Pong "ours", as if ours had been a Ping/,
    )
  },
)

t.test('awaiting a Pong: another one', async t => {
  const steps = () => [sendFrames(ping('x')), awaitPong('x')]
  t.match(
    await outcome(t, steps, [{ opcode: 10, payload: 'y' }]),
    /^FAIL FAIL {2}it sent Pong "y" instead of a Pong "x"/,
  )
})

t.test('5.5.3 a Pong "MAY be sent unsolicited", before the one that is awaited as well', async t => {
  const steps = () => [sendFrames(ping('x')), awaitPong('x')]
  t.match(
    await outcome(t, steps, [pong('beat'), pong('x'), { opcode: 8, payload: Buffer.of(3, 232) }], true),
    /^INFO INFO 5.5.3 it sent Pong "beat", which nobody asked for$/,
  )
})

t.test('awaiting a Close frame that may be missing', async t => {
  const steps = (ends?: 'reset') => () => [
    sendFrames(close(1000)),
    awaitCloseOrEnd({ why: 'so it is', ...(ends && { ends }) }, 1000),
  ]
  t.match(await outcome(t, steps(), [close(1000)], true), /^PASS $/)
  t.match(
    await outcome(t, steps(), [], true),
    /^WARN WARN 5.5.1 it ended TCP instead of a Close frame with 1000: so it is$/,
  )
  t.match(await outcome(t, steps('reset'), [], true), /^FAIL FAIL {2}it ended TCP instead of a Close frame with 1000; /)
})

t.test('10.4 a limit: 1009, and the end of TCP, instead of an answer', async t => {
  const rows: [end: FrameParts[], parts: Partial<Case>, told: RegExp][] = [
    [[close(1009)], { profile: 'limits' }, /^WARN WARN 10.4 it closed with 1009 instead of .*: it has a limit$/],
    [[close(1009)], { large: true }, /^WARN WARN 10.4 /],
    [[close(1009)], {}, /^FAIL FAIL {2}it closed with 1009 instead of /],
    [[close(1002)], { profile: 'limits' }, /^FAIL FAIL {2}it closed with 1002 instead of /],
    [[], { profile: 'limits' }, /^WARN WARN 10.4 it ended TCP instead of .*: it has a limit$/],
    [[], { large: true }, /^FAIL FAIL {2}it ended TCP instead of /],
  ]
  for (const [frames, parts, told] of rows) {
    t.match(await outcome(t, () => echo(text('large')), frames, true, parts), told)
  }
})

t.test('7.1.4 the end of our side of TCP, without a Close frame, obliges no server', async t => {
  const steps = () => [endTcp(), awaitEndOfTcp()]
  t.match(
    await outcome(t, steps, []),
    /^WARN WARN 7.1.4 nothing came instead of the end of TCP, though ours has ended$/,
  )
})

t.test('a Ping that was forgotten, and one that is answered', async t => {
  let pings = 0
  const url = await scriptedServer(t, (request, socket) => {
    if (request.startsWith('GET')) socket.write(accepting(request))
    else if (++pings === 1) return
    else if (pings === 2) socket.write(buildRawFrame(pong('still there?')))
    else socket.end(buildRawFrame(close(1000)))
  })
  t.match(
    reasons(await judge(url, runOf({ steps: () => [awaitSurvival()] }))),
    /^WARN 5.5.2 it answered no Ping at first/,
  )
})

t.test('awaiting failure: silence, and the end of TCP', async t => {
  const steps = () => [sendFrames(text('x')), awaitFailure(1002)]
  t.match(await outcome(t, steps, []), /^FAIL FAIL {2}nothing came: it did not fail the connection/)
  t.match(await outcome(t, steps, [], true), /^WARN WARN 7.1.7 it ended TCP \(FIN\) without a Close frame: /)
  t.match(
    await outcome(t, steps, [{ opcode: 8, payload: Buffer.of(3, 232) }], true),
    /^WARN WARN 7.1.7 it closed with 1000 instead of 1002/,
  )
})

t.test('awaiting failure where the RFC lets it be silent', async t => {
  const steps = () => [sendFrames(text('x')), awaitFailure(1002, 'silently')]
  t.match(await outcome(t, steps, [], true), /^PASS $/)
})

t.test('of octets behind the head so many are kept and noted', async t => {
  const url = await scriptedServer(t, (_, socket) => {
    socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(300_000)}`)
  })
  let kept = 0
  const awaitEnd = async (peer: RawPeer) => {
    await peer.until(() => false)
    kept = peer.behindHead.length
    return {}
  }
  const steps = () => [
    sendOctets('a request', Buffer.from('GET / HTTP/1.1\r\n\r\n')),
    { kind: 'await', text: 'the end', run: awaitEnd } as const,
  ]
  const { transcript } = await judge(url, runOf({ opening: 'raw', steps }))
  t.equal(kept, 65_536)
  const noted = transcript.filter(({ text }) => text === 'octets behind the head')
  t.ok(noted.length >= 1 && noted.length < 300_000 / 65_536)
})

t.test('octets behind the head that are no frames are kept', async t => {
  const url = await scriptedServer(t, (request, socket) => {
    socket.write(request === 'more' ? 'the body' : 'HTTP/1.1 200 OK\r\n\r\n')
  })
  let body = ''
  const await200 = async (peer: RawPeer) => {
    await peer.until(() => peer.response !== undefined)
    await peer.sendOctets(peer.note('octets', 'more', 'more'))
    await peer.until(() => peer.behindHead.length === 8)
    body = peer.behindHead.toString()
    return {}
  }
  const steps = () => [
    sendOctets('a request', Buffer.from('GET / HTTP/1.1\r\n\r\n')),
    { kind: 'await', text: '200', run: await200 } as const,
  ]
  const result = await judge(url, runOf({ opening: 'raw', steps }))
  t.equal(result.verdict, 'PASS')
  t.equal(body, 'the body')
})

t.test('masking-keys that can be predicted', async t => {
  const keysOf = (next: (i: number) => number) => Array.from({ length: 200 }, (_, i) => next(i) >>> 0)
  const chance = new SeededOctets(3)
  const rows: [keys: number[], told: RegExp | undefined][] = [
    [keysOf(() => chance.word()), undefined],
    [keysOf(() => 7).slice(0, 150), /^it sent 150 masked frames instead of 200$/],
    [keysOf(() => 7), /^of 200 masking-keys only 1 are different; the first is 00000007$/],
    [keysOf(i => i * 5), /^the difference of one masking-key and the next is mostly the same: 00000005$/],
    [keysOf(i => ((chance.word() >>> 2) << 2) | (i & 3)), /^bit 0 of the masking-keys is the same every 2 keys$/],
    [keysOf(() => chance.word() & 0x7fffffff), /^bit 31 is set in 0 of 200 masking-keys$/],
  ]
  for (const [maskingKeys, told] of rows) {
    const peer = { inbox: { maskingKeys } } as unknown as RawPeer
    const { missed } = await awaitMaskingKeys(200).run(peer)
    if (told === undefined) t.equal(missed, undefined)
    else t.match(missed, told)
  }
})

t.test('asking whether it fails already', async t => {
  const steps = () => [sendFrames(text('x')), awaitFailureSoon('between frames', 1007), awaitEndOfTcp()]
  t.match(await outcome(t, steps, [{ opcode: 8, payload: Buffer.of(3, 239) }], true), /^PASS /)
  const waiting = /^FAIL INFO {2}it does not fail before more has come; FAIL {2}nothing came instead of the end of TCP/
  t.match(await outcome(t, steps, []), waiting)
})

t.test('one that reads on to the end of the message before it answers anything fails soon enough', async t => {
  const url = await scriptedServer(t, (request, socket) => {
    if (request.startsWith('GET')) socket.write(accepting(request))
    else if ((request.charCodeAt(0) & 0x8f) === 0x80) socket.end(buildRawFrame(close(1007)))
  })
  const steps = () => [
    sendFrames(text('x', { fin: false })),
    awaitFailureSoon('between frames', 1007),
    sendFrames(continuation('y')),
    awaitFailure(1007),
  ]
  const { verdict, behaviour } = await judge(url, runOf({ steps }))
  t.equal(verdict, 'INFO')
  t.same(behaviour.findings, [{ verdict: 'INFO', reason: 'it does not fail before more has come' }])
})

t.test('awaiting the end of TCP that does not come', async t => {
  const steps = () => [sendFrames(text('x')), awaitEndOfTcp()]
  t.match(await outcome(t, steps, []), /^FAIL FAIL {2}nothing came instead of the end of TCP/)
})

t.test(
  '5.5.1 "The server MUST close the underlying TCP connection immediately": a server that takes its time',
  async t => {
    const url = await scriptedServer(t, (request, socket) => {
      if (request.startsWith('GET')) socket.write(accepting(request))
      else if ((request.charCodeAt(0) & 0x0f) === 8) {
        socket.write(buildRawFrame(close(1000)))
        // By the clock of who waits, three times its patience of 20 ms: late, however busy the machine is.
        afterSilence(20, () => afterSilence(20, () => afterSilence(20, () => socket.end())))
      }
    })
    const target = { uri: WebSocketUri.parse(url), fieldLines: '', insecure: false }
    const handshake = () => [sendFrames(close(1000)), awaitCloseOrEnd({ why: 'it is only asked for' }, 1000)]
    const runs = [runOf({ steps: handshake }), runOf({ steps: () => [...handshake(), awaitEndOfTcp()] })]
    const told = async (prompt: number) => {
      const patience = { ...defaultPatience, prompt }
      const results = await runOnServer(runs, target, { jobs: 1, seed: 1, patience })
      return results.map(result => `${result.closing.verdict} ${reasons(result)}`)
    }
    for (const one of await told(20))
      t.match(one, /^WARN WARN 5.5.1 it ended TCP more than 0.02 s after both Close frames/)
    t.same(await told(4000), ['PASS ', 'PASS '])
    t.same(await told(5000), ['PASS ', 'PASS '], 'nobody is waited for so long')
  },
)

t.test('an empty Close frame for one that is illegal: the same may be said for a valid one without a code', async t => {
  const answers = [{ opcode: 8 }]
  const illegal = () => [sendFrames({ opcode: 8, payload: Buffer.of(3) }), awaitFailure(1002)]
  t.match(
    await outcome(t, illegal, answers, true),
    /^WARN WARN 7.1.7 it closed with an empty Close frame, as if ours had/,
  )
  const unknown = () => [sendFrames({ opcode: 11, payload: Buffer.of(3) }), awaitFailure(1002)]
  t.match(
    await outcome(t, unknown, answers, true),
    /^WARN WARN 7.1.7 it closed with an empty Close frame: "the endpoint/,
  )
})

t.test('large messages that are echoed wrong are compared octet by octet', async t => {
  const payload = Buffer.alloc(100, 'a')
  const other = Buffer.from(payload)
  other[70] = 0x62
  const steps = () => echo(text(payload))
  t.match(await outcome(t, steps, [text(other)]), /which differs from octet 70 on, instead of/)
})

t.test('a server that does not read', async t => {
  const url = await scriptedServer(t, (request, socket) => {
    socket.write(accepting(request))
    socket.pause()
  })
  const result = await judge(url, runOf({ steps: () => echo(text(Buffer.alloc(12 * 2 ** 20, 'a'))) }))
  t.match(reasons(result), /^FAIL {2}it stopped reading: not all of what was sent was taken/)
})

t.test('octets that come without end', async t => {
  const url = await scriptedServer(t, (request, socket) => {
    if (!request.startsWith('GET')) return
    socket.write(accepting(request))
    const flood = () => socket.writable && socket.write(buildRawFrame(ping()), flood)
    flood()
  })
  const target = { uri: WebSocketUri.parse(url), fieldLines: '' }
  const patience = { silence: 200, asking: 50, prompt: 1000, endless: 100 }
  const [result] = await runOnServer([runOf({})], target, { jobs: 1, seed: 1, patience })
  t.equal(result?.verdict, 'FAIL')
})

/** Answers a Close frame, and does not end TCP unless told; counts how many connections are open at a time. */
async function endless(t: Test, onMessage: (echo: () => void) => void, ends = false) {
  const open = new Set<Socket>()
  const seen = { most: 0 }
  const url = await scriptedServer(t, (request, socket) => {
    if (request.startsWith('GET')) {
      seen.most = Math.max(seen.most, open.add(socket).size)
      for (const end of ['end', 'close']) socket.on(end, () => open.delete(socket))
      socket.write(accepting(request))
    } else if ((request.charCodeAt(0) & 0x0f) === 8) {
      socket.write(buildRawFrame(close(1000)))
      if (ends && open.delete(socket)) socket.end()
    } else onMessage(() => socket.write(buildRawFrame(text('Hello'))))
  })
  return { target: { uri: WebSocketUri.parse(url), fieldLines: '' }, seen }
}

t.test(
  'a server that never ends TCP is waited for in each case, and holds up no other one; but where jobs is 1',
  async t => {
    for (const [jobs, least, most] of [
      [1, 1, 1],
      [2, 3, 18],
    ] as const) {
      const { target, seen } = await endless(t, echo => echo())
      const runs = Array.from({ length: jobs * 10 }, () => runOf({}))
      const patience = { silence: 300, asking: 20, prompt: 300, endless: 60_000 }
      const results = await runOnServer(runs, target, { jobs, seed: 1, patience })
      t.equal(new Set(results.map(reasons)).size, 1)
      t.match(reasons(results[0]!), /^FAIL 5.5.1 it keeps TCP open/)
      t.ok(seen.most >= least && seen.most <= most, `${seen.most} at a time`)
    }
  },
)

t.test(
  'a server that says nothing is waited for in each case, and once it has shown that, holds up no other one; but where jobs is 1',
  async t => {
    for (const [jobs, count, least, most] of [
      [1, 3, 1, 1],
      [2, 20, 3, 18],
    ] as const) {
      const { target, seen } = await endless(t, () => {})
      const runs = Array.from({ length: count }, () => runOf({}))
      const patience = { silence: 300, asking: 20, prompt: 300, endless: 60_000 }
      const results = await runOnServer(runs, target, { jobs, seed: 1, patience })
      t.same(new Set(results.map(reasons)), new Set(['FAIL  nothing came instead of the message text "Hello"']))
      t.ok(seen.most >= least && seen.most <= most, `${seen.most} at a time`)
    }
  },
)

t.test('a server that takes its time is not given more to do for that', async t => {
  // By the clock of who waits: longer than a while, and not as long as its patience.
  const { target, seen } = await endless(t, echo => afterSilence(100, echo), true)
  const patience = { silence: 5000, asking: 20, prompt: 5000, endless: 60_000 }
  const runs = Array.from({ length: 8 }, () => runOf({}))
  const results = await runOnServer(runs, target, { jobs: 2, seed: 1, patience })
  t.same(new Set(results.map(({ verdict }) => verdict)), new Set(['PASS']))
  t.equal(seen.most, 2)
})

t.test('however often something has not come, what comes later than usual has come in time', async t => {
  let messages = 0
  // By the clock of who waits, most of what its patience is, and a hundred times as long as the others have taken.
  const { target } = await endless(t, echo => {
    if (++messages === 13) afterSilence(500, echo)
    else echo()
  })
  const runs = Array.from({ length: 13 }, () => runOf({}))
  const patience = { silence: 700, asking: 700, prompt: 700, endless: 60_000 }
  const results = await runOnServer(runs, target, { jobs: 12, seed: 1, patience })
  t.same(new Set(results.map(({ behaviour }) => behaviour.verdict)), new Set(['PASS']))
})

t.test(
  'what onResult throws rejects the run, also while others wait for their turn, and begins nothing more',
  async t => {
    let told = 0
    const url = await scriptedServer(t, echoing())
    const onResult = () => {
      told++
      throw new Error('the disk is full')
    }
    const large = runOf({ profile: 'limits' })
    const run = runOnServer(
      [runOf({}), runOf({}), runOf({}), large],
      { uri: WebSocketUri.parse(url), fieldLines: '' },
      {
        jobs: 1,
        seed: 1,
        patience: impatient,
        onResult,
      },
    )
    await t.rejects(run, { message: 'the disk is full' })
    t.equal(told, 1)
  },
)

t.test('an aborted run begins nothing more', async t => {
  const abort = new AbortController()
  const url = await scriptedServer(t, echoing())
  const target = { uri: WebSocketUri.parse(url), fieldLines: '' }
  const results = await runOnServer([runOf({}), runOf({}), runOf({})], target, {
    jobs: 1,
    seed: 1,
    patience: impatient,
    signal: abort.signal,
    onResult: () => abort.abort(),
  })
  t.equal(results.length, 1)
})
