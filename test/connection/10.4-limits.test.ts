/** RFC 6455 §10.4: limits on what a peer can make us do and hold, judged from headers and counted over fragments. */
import { constants } from 'node:buffer'
import t from 'tap'
import { type DeadlineOptions, type LimitOptions, resolveLimits } from '../../src/connection/limits.js'
import { ConnectionTrace, frameTooBig, roles } from './connection-trace.js'

const first = { fin: false }
const MiB = 1024 * 1024
const messageTooBig = ['closing', '> fail 1009 §10.4 WS_MESSAGE_TOO_BIG']
const tooManyFragments = ['closing', '> fail 1008 §10.4 WS_TOO_MANY_FRAGMENTS']

/** Octets that Buffer is asked for, and octets that are copied between buffers, while `run` runs: work and memory without a clock. */
function measure(run: () => void): { allocated: number; copied: number } {
  const { alloc, allocUnsafe, allocUnsafeSlow, concat } = Buffer
  const { copy } = Buffer.prototype
  let allocated = 0
  let copied = 0
  const counting = (allocate: (size: number) => Buffer<ArrayBuffer>) => (size: number) => {
    allocated += size
    return allocate(size)
  }
  Object.assign(Buffer, {
    alloc: counting(alloc),
    allocUnsafe: counting(allocUnsafe),
    allocUnsafeSlow: counting(allocUnsafeSlow),
  })
  Buffer.concat = (list, size) => {
    const whole = concat(list, size)
    copied += whole.length
    return whole
  }
  Buffer.prototype.copy = function (...to: Parameters<typeof copy>) {
    const octets = copy.apply(this, to)
    copied += octets
    return octets
  }
  try {
    run()
  } finally {
    Object.assign(Buffer, { alloc, allocUnsafe, allocUnsafeSlow, concat })
    Buffer.prototype.copy = copy
  }
  return { allocated, copied }
}

for (const role of roles) {
  const limit = role === 'server' ? MiB : 16 * MiB

  t.test(
    `M-01 10.4-1 a header that announces more than the limit: 1009 from the header, nothing is allocated (${role})`,
    async t => {
      // The slab that all connections of the process write to exists.
      new ConnectionTrace(role).connection.sendText('before')
      for (const length of [limit + 1, 2 ** 30, 2n ** 62n]) {
        for (const opcode of [0x01, 0x81, 0x02, 0x82]) {
          const trace = new ConnectionTrace(role)
          const header = trace.peer.header(opcode, length)
          const { allocated } = measure(() => void trace.connection.receive(header, 0))
          t.ok(allocated < 1024, `${allocated} octets allocated`)
          t.same(trace.next(), ['closing', frameTooBig(length, limit)], `${length}`)
        }
      }
    },
  )

  t.test(
    `M-02 10.4-2 exactly the limit, announced: memory is that of what has come, not of what will (${role})`,
    async t => {
      const traces = Array.from({ length: 1000 }, () => new ConnectionTrace(role))
      const headers = traces.map(trace => trace.peer.header(0x82, limit))
      const announced = measure(() => traces.forEach((trace, i) => void trace.connection.receive(headers[i]!, 0)))
      t.equal(announced.allocated, 0)
      const octet = Buffer.alloc(1)
      const received = measure(() => traces.forEach(trace => void trace.connection.receive(octet, 0)))
      t.equal(received.allocated, 1000 * 4096)
      t.ok(traces.every(trace => trace.connection.state === 'open'))
    },
  )

  t.test(
    `M-03 M-04 10.4-2 fragments: the limit less one, then two octets; a Ping or an empty fragment between resets nothing (${role})`,
    async t => {
      const between: ((trace: ConnectionTrace) => Buffer[])[] = [
        () => [],
        trace => [trace.peer.ping('p')],
        trace => [trace.peer.more('')],
        trace => [trace.peer.pong('p'), trace.peer.more(''), trace.peer.ping('q')],
      ]
      for (const frames of between) {
        const trace = new ConnectionTrace(role, { maxMessageSize: 1000 })
        trace.receive(trace.peer.binary(Buffer.alloc(999), first), ...frames(trace), trace.peer.more('ab', true))
        t.same(
          trace.next().filter(line => !/p[io]ng/.test(line)),
          messageTooBig,
        )
        const exact = new ConnectionTrace(role, { maxMessageSize: 1000 })
        exact.receive(exact.peer.binary(Buffer.alloc(999), first), ...frames(exact), exact.peer.more('a', true))
        t.equal(
          exact.next().find(line => line.startsWith('binary')),
          'binary of 1000 octets',
        )
      }
    },
  )

  t.test(`10.4-2 the limit counts message by message (${role})`, async t => {
    const trace = new ConnectionTrace(role, { maxMessageSize: 10 })
    const { peer } = trace
    for (let i = 0; i < 5; i++)
      trace.receive(peer.text('1234567890'), peer.text('12345', first), peer.more('67890', true))
    t.equal(trace.next().length, 10)
    t.equal(trace.connection.state, 'open')
  })

  t.test(`10.4-2 maxFrameSize is for each frame, control frames aside (${role})`, async t => {
    const trace = new ConnectionTrace(role, { maxFrameSize: 10, maxMessageSize: 100 })
    const { peer } = trace
    trace.receive(peer.text('1234567890', first), peer.more('1234567890', true), peer.ping('a longer payload'))
    t.same(trace.frames(), ['> pong "a longer payload"'])
    trace.receive(peer.binary('12345678901'))
    t.same(trace.next(), ['closing', '> fail 1009 §10.4 WS_FRAME_TOO_BIG'])
  })

  t.test(`M-05 empty fragments without end: stopped by the fragment budget (${role})`, async t => {
    const trace = new ConnectionTrace(role)
    trace.receive(trace.peer.text('', first))
    const empties = Buffer.concat(Array.from({ length: 1023 }, () => trace.peer.more('')))
    const { allocated } = measure(() => void trace.receive(empties))
    t.ok(allocated <= empties.length + 100, 'nothing is kept of them but what this test copies')
    t.equal(trace.connection.state, 'open')
    trace.receive(trace.peer.more(''))
    t.same(trace.next(), tooManyFragments)
  })

  t.test(`M-05 each 64 octets that have come pay for one fragment more (${role})`, async t => {
    for (const [octets, allowed] of [
      [0, 4],
      [63, 4],
      [64, 5],
      [640, 14],
    ] as const) {
      const trace = new ConnectionTrace(role, { maxFragments: 4 })
      trace.receive(trace.peer.binary(Buffer.alloc(octets), first))
      for (let i = 1; i < allowed; i++) trace.receive(trace.peer.more(''))
      t.equal(trace.connection.state, 'open', `${octets} octets: ${allowed} fragments`)
      trace.receive(trace.peer.more('', true))
      t.same(trace.next(), tooManyFragments)
    }
    const real = new ConnectionTrace(role, { maxMessageSize: 8 * MiB })
    const fragments = Array.from({ length: 65_535 }, () => real.peer.more(Buffer.alloc(64)))
    real.receive(real.peer.binary(Buffer.alloc(64), first), ...fragments, real.peer.more('', true))
    t.same(real.next(), ['binary of 4194304 octets'], '4 MiB in fragments of 64 octets is a message')
  })

  t.test(`M-05 the budget is for each message (${role})`, async t => {
    const trace = new ConnectionTrace(role, { maxFragments: 2 })
    for (let i = 0; i < 10; i++) trace.receive(trace.peer.text('', first), trace.peer.more('', true))
    t.same(new Set(trace.next()), new Set(['text ""']))
  })
}

/** Octets copied to receive one message of this many fragments, each in a chunk of its own. */
function copiedFor(fragments: number, size: number): number {
  const trace = new ConnectionTrace('client', { maxMessageSize: 64 * MiB })
  const start = trace.peer.binary(Buffer.alloc(size), first)
  const rest = Array.from({ length: fragments - 2 }, () => trace.peer.more(Buffer.alloc(size)))
  const end = trace.peer.more(Buffer.alloc(size), true)
  const { copied } = measure(() => {
    for (const chunk of [start, ...rest, end]) trace.connection.receive(chunk, 0)
  })
  t.same(trace.next(), [`binary of ${fragments * size} octets`])
  return copied
}

t.test('M-10 many fragments: what is copied grows as what comes, each octet twice', async t => {
  for (const fragments of [1000, 2000, 4000, 8000, 16_000, 64_000]) {
    t.equal(copiedFor(fragments, 64), 2 * 64 * fragments, `${fragments} fragments of 64 octets`)
  }
})

t.test('M-08 one frame octet by octet: memory and work follow what has come', async t => {
  const size = 300_000
  const trace = new ConnectionTrace('server')
  const frame = trace.peer.binary(Buffer.alloc(size))
  let received = 0
  let memory = 0
  for (let at = 0; at < frame.length; at += 1000) {
    const octets = Array.from(frame.subarray(at, at + 1000), octet => Buffer.from([octet]))
    const { allocated, copied } = measure(() => {
      for (const octet of octets) trace.connection.receive(octet, 0)
    })
    received += octets.length
    memory += allocated
    if (trace.connection.state !== 'open' || memory > 2 * received + 65_536) t.fail(`${memory} octets for ${received}`)
    if (at + 1000 < frame.length && copied > 1100) t.fail(`${copied} octets copied for 1000`)
  }
  t.same(trace.next(), ['binary of 300000 octets'])
})

t.test('M-13 a text longer than a string can be: 1009, not a RangeError', async t => {
  const longest = constants.MAX_STRING_LENGTH
  const limits = { maxMessageSize: 1024 * MiB, maxFrameSize: 'unlimited' as const }
  for (const role of roles) {
    const whole = new ConnectionTrace(role, limits)
    whole.receive(whole.peer.header(0x81, longest + 1))
    t.same(whole.next(), messageTooBig)
    const fragments = new ConnectionTrace(role, limits)
    fragments.receive(fragments.peer.text('a', first), fragments.peer.header(0x80, longest))
    t.same(fragments.next(), messageTooBig)
    for (const [opcode, length, textAsOctets] of [
      [0x81, longest, false],
      [0x82, longest + 1, false],
      [0x81, longest + 1, true],
    ] as const) {
      const fits = new ConnectionTrace(role, { ...limits, textAsOctets })
      fits.receive(fits.peer.header(opcode, length))
      t.equal(fits.connection.state, 'open')
    }
  }
})

const wrong: unknown[] = [
  0,
  -1,
  -0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 53,
  '10',
  '',
  null,
  true,
  {},
  [10],
  10n,
  () => 10,
  'infinite',
]

t.test('M-14 limits that are no limits are a UsageError; "unlimited" is said by that word only', async t => {
  const bounds = [
    'maxMessageSize',
    'maxFrameSize',
    'maxFragments',
    'receiveQueueSize',
    'maxSendBuffer',
    'maxOutgoingFrameSize',
  ] as const
  const counts = ['receiveQueueMessages', 'sendHighWaterMark'] as const
  for (const name of [...bounds, ...counts]) {
    for (const given of [...wrong, 1.5, 'off']) {
      t.throws(
        () => resolveLimits('server', { [name]: given }),
        { name: 'UsageError', code: 'WS_INVALID_LIMIT' },
        `${name}: ${String(given)}`,
      )
    }
    t.equal(resolveLimits('server', { [name]: 7 })[name], 7)
  }
  for (const name of bounds) {
    if (name !== 'maxFrameSize')
      t.equal(resolveLimits('client', { [name]: 'unlimited' })[name], Number.POSITIVE_INFINITY)
  }
  for (const name of counts) {
    t.throws(() => resolveLimits('client', { [name]: 'unlimited' } as LimitOptions), { code: 'WS_INVALID_LIMIT' })
  }
  for (const given of ['Close', '', null, 1, true]) {
    t.throws(() => resolveLimits('server', { sendOverflow: given as 'close' }), { code: 'WS_INVALID_LIMIT' })
  }
  for (const given of ['close', 'drop', 'error'] as const)
    t.equal(resolveLimits('server', { sendOverflow: given }).sendOverflow, given)
})

t.test(
  'M-14 deadlines: milliseconds that a timer can hold, or "off", which the end of a connection has not',
  async t => {
    const periods = ['pingInterval', 'pongTimeout', 'incompleteMessageTimeout', 'idleTimeout'] as const
    for (const name of [...periods, 'closeTimeout'] as const) {
      for (const given of [...wrong, 0.5, 2 ** 31, 'unlimited']) {
        t.throws(
          () => resolveLimits('client', { [name]: given }),
          { name: 'UsageError', code: 'WS_INVALID_PERIOD' },
          `${name}: ${String(given)}`,
        )
      }
      for (const given of [1, 1.5, 2 ** 31 - 1]) t.equal(resolveLimits('client', { [name]: given })[name], given)
    }
    for (const name of periods) t.equal(resolveLimits('client', { [name]: 'off' })[name], Number.POSITIVE_INFINITY)
    t.throws(() => resolveLimits('server', { closeTimeout: 'off' } as unknown as DeadlineOptions), {
      code: 'WS_INVALID_PERIOD',
    })
  },
)

t.test('10.4-1 without options there is a limit to everything', async t => {
  const server = resolveLimits('server')
  t.same(server, {
    maxMessageSize: MiB,
    maxFrameSize: MiB,
    maxFragments: 1024,
    receiveQueueMessages: 16,
    receiveQueueSize: MiB,
    sendHighWaterMark: 65_536,
    maxSendBuffer: 16 * MiB,
    sendOverflow: 'close',
    maxOutgoingFrameSize: Number.POSITIVE_INFINITY,
    pingInterval: 20_000,
    pongTimeout: 20_000,
    closeTimeout: 10_000,
    incompleteMessageTimeout: 120_000,
    idleTimeout: Number.POSITIVE_INFINITY,
  })
  t.same(resolveLimits('client'), {
    ...server,
    maxMessageSize: 16 * MiB,
    maxFrameSize: 16 * MiB,
    receiveQueueSize: 16 * MiB,
  })
  t.equal(
    resolveLimits('server', { maxMessageSize: 10, maxFrameSize: 20 }).maxFrameSize,
    10,
    'a frame is no larger than a message',
  )
  t.ok(Object.isFrozen(server))
})
