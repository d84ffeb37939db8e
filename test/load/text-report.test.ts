/** What the text says of each workload. */
import t from 'tap'
import { absentFrom } from '../../src/load/absent-replies.js'
import type { LoadOptions } from '../../src/load/load-options.js'
import { mergeReports } from '../../src/load/merge-reports.js'
import type { LoadReport } from '../../src/load/report.js'
import type { ServerReport } from '../../src/load/server/server-report.js'
import { textReport } from '../../src/load/text-report.js'
import { madeReport, madeThread } from './made-report.js'

const server = { pid: 7, cores: 0.5, memoryBefore: 2 ** 20, memoryMax: 2 ** 31, threads: 3 }

const rows: [string, LoadOptions, Partial<LoadReport['counts']>, RegExp[]][] = [
  [
    'echo',
    {},
    {},
    [
      /^echo, closed model, 1 under way on each connection; .*, 128 octets of binary each$/m,
      /^messages$/m,
      /^ {2}round trip, from when it left \(closed model\) /m,
    ],
  ],
  [
    'broadcast',
    { workload: 'broadcast', pipeline: 2, text: true },
    { sent: 10, expected: 40, received: 39 },
    [
      /^broadcast, closed model, 2 under way; .*, 128 octets of text each$/m,
      /^ {2}received +39 .* 97\.50 % of 40 expected$/m,
    ],
  ],
  [
    'request',
    { workload: 'request', request: { message: '' } },
    { sent: 2, expected: 2, other: 7 },
    [
      /^ {2}received +1 .* 50\.00 % of 2 expected$/m,
      /^request, closed model, 1 under way on each connection; 10 connections, 1 thread$/m,
      /^ {2}other +7 {2}nobody asked for them$/m,
    ],
  ],
  [
    'upload',
    { workload: 'upload' },
    {
      sent: 3,
      sentOctets: 3 * 2 ** 20,
      sentInTime: 2,
      sentWireOctets: 3 * 2 ** 20 + 42,
      sentWireOctetsInTime: 2 * 2 ** 20 + 28,
      receivedOctets: 0,
      receivedWireOctets: 7,
      receivedWireOctetsInTime: 7,
      received: 0,
      receivedInTime: 0,
    },
    [
      /^upload, .*, 1,048,576 octets of binary each$/m,
      /^octets +payload +on the wire +a message\n {2}sent +3\.0 MiB +0 octets\/s +3\.0 MiB +0 octets\/s +1048590\.0\n {2}received +0 octets +0 octets\/s +7 octets +0 octets\/s +$/m,
    ],
  ],
  ['idle', { workload: 'idle' }, { expected: 0, sent: 0 }, [/^idle; 10 connections, 1 thread$/m, /^ {2}sent +0 /m]],
  [
    'connect',
    { workload: 'connect' },
    {},
    [
      /^connect, closed model, each connection followed by another one; /m,
      /^connections asked for$/m,
      /^ {2}CPU 1\.00 s, 1000000\.0 µs for each connection$/m,
    ],
  ],
  [
    'connect at a rate',
    { workload: 'connect', rate: 5 },
    {},
    [/^connect, open model, evenly spaced; /m, /^ {2}round trip, from when it was due /m, /^ {2}CPU 1\.00 s$/m],
  ],
  ['storm', { workload: 'storm' }, {}, [/^storm; /m, /^connections lost$/m]],
  [
    'ended while connections were opened',
    {},
    { opened: 12, failed: 3, unopened: 1985 },
    [/^ {2}12 opened, 3 failed, 0 dropped, 1,985 not open yet when it was over$/m],
  ],
]
for (const [name, options, counts, patterns] of rows) {
  t.test(name, async t => {
    const report = madeReport({ seconds: [[1]], options: { ...options, ...(options.rate && { duration: undefined }) } })
    const text = textReport({ ...report, counts: { ...report.counts, ...counts } })
    for (const pattern of patterns) t.match(text, pattern)
  })
}

t.test('an error is one line, and not too long a one', async t => {
  const report = madeReport({ seconds: [[1]] })
  const text = (example: string) => textReport({ ...report, errors: [{ kind: 'a', count: 1, example }] })
  t.ok(text(`${'x'.repeat(120)}\n${'y'.repeat(119)}`).includes(`1  a  ${'x'.repeat(120)} ${'y'.repeat(119)}\n`))
  t.ok(text('x'.repeat(241)).includes(`1  a  ${'x'.repeat(240)}…\n`))
})

t.test('parts of a mixed load', async t => {
  const report = madeReport({ seconds: [[1]] })
  const { counts, times } = report
  const classes = {
    echo: { counts, times, errors: [] },
    files: { counts: { ...counts, sent: 7 }, times: {}, errors: [] },
  }
  const text = textReport({ ...report, classes })
  t.match(
    text,
    /^parts\n +sent +received .*\n {2}echo +1 +1 +0 +0 +0 +1\.00 +1\.00 +1\.00\n {2}files +7 +1 +0 +0 +0\n/m,
  )
})

t.test('peers that do not behave, where there are some', async t => {
  const counts = { opened: 3, failed: 0, dropped: 2, sent: 7000, received: 5 }
  const badPeers = {
    slowReaders: { connections: 2, counts, closeCodes: { 1006: 1, 1011: 1 } },
    halfOpen: { connections: 1, counts: { ...counts, dropped: 0 }, closeCodes: {} },
  }
  const text = textReport(madeReport({ seconds: [[1]], badPeers }))
  t.ok(
    text.includes(
      'peers that do not behave, counted apart\n' +
        '  slow readers  2 connections: opened 3 times, 0 failed; 7,000 sent, 5 received; ' +
        'the server ended 2 with 1006 (1), 1011 (1)\n' +
        '  half-open     1 connection: opened 3 times, 0 failed; 7,000 sent, 5 received; the server ended none\n' +
        '  14,000 messages beside the plan of 1: the server had both to do\n\n',
    ),
    text,
  )
})

t.test('the generator and its threads; the server, where somebody looks', async t => {
  const report = madeReport({ seconds: [[1], [1]], server: { ...server, cores: 0.25 }, cpu: 2 })
  const thread = { ...madeThread(0.5), delayP99: 0.25, delayMax: 12.3 }
  const threads = [thread, { ...thread, cpu: 1.5, waited: 0.015, buffered: 2048 }]
  const text = textReport({ ...report, generator: { ...report.generator, threads } })
  t.ok(
    text.includes(
      'generator\n  CPU 2.00 s, 1000000.0 µs for each message sent\n' +
        '  thread 1: busy for 50 % of the time; event loop late by 0.250 ms at p99, 12.3 at most\n' +
        '  thread 2: busy for 50 % of the time, ran for 1.50 s, waited for a core for 2 % of the time; ' +
        'event loop late by 0.250 ms at p99, 12.3 at most; at most 2.0 KiB waited in its sockets\n',
    ),
    text,
  )
  t.match(
    text,
    /^server, process 7\n {2}CPU 0\.25 cores, 250000\.0 µs for each message received; 3 threads\n {2}memory 1\.0 MiB before the first connection, 2\.0 GiB at most\n\n/m,
  )
  const counts = { ...report.counts, received: 9 }
  t.match(
    textReport({ ...report, counts, server: { ...server, cores: 0.25 } }),
    / 250000\.0 µs for each message received/,
    'as its CPU those of the measured time',
  )
  const later = textReport({ ...report, server: { ...server, memoryBefore: undefined } })
  t.match(later, /^ {2}memory 2\.0 GiB at most$/m)
  t.match(
    textReport({ ...report, server: { ...server, endedAfter: 7 } }),
    /^server, process 7\n {2}it was last seen 7 s into the measured time, and ended before that was over: its CPU and memory are of until then\n {2}CPU 0\.50 cores; 3 threads\n {2}memory 1/m,
  )
  const restarted = textReport({ ...report, server: { ...server, endedAfter: 7, restarts: 2 } })
  const last = 'it was restarted, and what it took last before that is not in its CPU'
  t.match(
    restarted,
    `  its CPU was seen to begin anew 2 times while it was measured: ${last}; it was last seen 7 s into`,
  )
  t.match(textReport({ ...report, server: { ...server, restarts: 1 } }), `anew 1 time while it was measured: ${last}\n`)
  const rarely = textReport({ ...report, verdict: { ...report.verdict, caveat: 'one of a hundred was so' } })
  t.match(
    rarely,
    '  it kept up: the figures are those of the server, but for the longest times: one of a hundred was so\n',
  )
  const perConnection = { octets: 150_000, error: 100, samples: 65 }
  const idle = {
    ...report,
    counts: { ...report.counts, received: 0, receivedInTime: 0 },
    server: { ...server, perConnection },
  }
  const said = textReport(idle)
  t.match(said, /CPU 0\.50 cores; 3 threads$/m)
  t.match(said, /^ {2}146 KiB for each connection, ± 200 octets \(by regression over 65 samples\)$/m)
  t.notMatch(said, /no shard can tell/)
  const unknown = { ...server, perConnection: { unknown: 'for a reason', samples: 65 } }
  t.match(
    textReport({ ...report, server: unknown }),
    /at most\n {2}what each connection takes of it cannot be told: for a reason$/m,
  )
  const share = { ...report, settings: { ...report.settings, shard: { index: 0, count: 2 } } }
  t.match(textReport(share), /CPU 0\.25 cores; 3 threads\n.*\n {2}what each connection takes of it no shard can tell: /)
  const merged = (indexes: number[]) => textReport({ ...report, shards: { count: 2, indexes, apart: 0 } })
  t.match(
    merged([0, 1]),
    /CPU 0\.25 cores, 250000\.0 µs .*\n.*\n {2}what each connection takes of it no shard can tell: /,
  )
  t.match(merged([1]), /CPU 0\.25 cores; 3 threads\n/)
})

t.test('what the server told of itself', async t => {
  const told = {
    eventLoopDelay: { mean: 3.25, p99: 12, max: 40 },
    metrics: {
      queue: { min: 0, mean: 2.5, max: 12_345, counter: false },
      'jobs_total{a="b"}': { min: 1, mean: 2, max: 3, counter: true },
    },
    scrapes: { answered: 9, failed: 2 },
  }
  const said = (server: ServerReport) => {
    const text = textReport({ ...madeReport({ seconds: [[1]] }), server })
    return /^server(?:.*\n)(?: .*\n)*/m.exec(text)![0]
  }
  t.equal(
    said(told),
    'server\n' +
      '  event loop late, as it told: 3.25 ms on average; in its worst second 12.0 ms at p99, 40.0 ms at most\n' +
      '                                min          mean           max\n' +
      '  queue                           0           2.5        12,345\n' +
      '  jobs_total{a="b"}               1             2             3  a second\n' +
      '  its metrics could not be had 2 of 11 times\n',
  )
  t.equal(
    said({ scrapes: { answered: 9, failed: 0 } }),
    'server\n  none of its figures is known: neither its CPU and memory, nor how late its event loop was\n',
  )
  const cgroup = {
    cgroup: '/sys/fs/cgroup/a',
    threads: 2,
    eventLoopDelay: { mean: 1 },
    scrapes: { answered: 1, failed: 0 },
  }
  t.equal(
    said({ eventLoopDelay: { now: 2 } }),
    'server\n  event loop late, as it told: in its worst second 2.00 ms when it was asked\n',
  )
  t.equal(said(cgroup), 'server, /sys/fs/cgroup/a\n  2 threads\n  event loop late, as it told: 1.00 ms on average\n')
})

t.test('conditions of a run that one of them ended', async t => {
  const failIf = ['rtt.p50 > 1ms', 'received < 100', 'lost > 0']
  const fallen = new Map([['rtt.p50 > 1ms', 3]])
  const text = textReport(madeReport({ seconds: [[0.5]], options: { failIf }, fallen }))
  const rows = [
    'fail if',
    '  FAILED  rtt.p50 > 1ms  it was 3 ms, and ended the run',
    '  –       received < 100  not judged: the run was cut short; it was 1',
    '  ok      lost > 0  it was 0',
  ]
  t.same(text.trimEnd().split('\n').slice(-4), rows)
})

t.test('compression, where it was asked for', async t => {
  const said = (options: LoadOptions) => textReport(madeReport({ seconds: [[1]], options })).split('\n')[1]
  t.match(said({ connect: { perMessageDeflate: true } }), /, 128 octets of binary each, compression asked for$/)
  t.match(said({}), /, 128 octets of binary each$/)
})

t.test('when it began, where that was told', async t => {
  const said = (startAt: number, startedAt: number) =>
    textReport(madeReport({ seconds: [[1]], options: { startAt }, startedAt })).split('\n')[2]
  t.equal(said(0, 8300), 'measured for 1 s')
  t.equal(said(5000, 5000), 'measured for 1 s')
  t.equal(said(4999.5, 5000), 'measured for 1 s', 'it is told in whole milliseconds')
  t.equal(said(5000, 8300), 'measured for 1 s, began 3.3 s after it was to')
})

t.test('of shards that were put together: the connections and threads of those that are there', async t => {
  const said = (indexes: number[]) => {
    const parts = indexes.map(index =>
      madeReport({ seconds: [[1]], options: { connections: 14, shard: { index, count: 3 } } }),
    )
    return textReport(mergeReports(parts)).split('\n')[1]
  }
  t.match(said([0]), /; 5 connections, 1 thread, .*, 1 of 3 shards$/)
  t.match(said([0, 2]), /; 9 connections, 2 threads, .*, 2 of 3 shards$/)
  t.match(said([0, 1, 2]), /; 14 connections, 3 threads, .*, 3 of 3 shards$/)
  const mix = [{ share: 1, workload: 'echo' as const }]
  const mixed = madeReport({ seconds: [[1]], classes: ['echo'], options: { workload: 'mixed', mix, connections: 14 } })
  const shards = { count: 3, indexes: [1, 2], apart: 0 }
  t.match(textReport({ ...mixed, shards }), /; 14 connections in all shards, 1 thread, 2 of 3 shards$/m)
})

t.test('what is in no percentile is said beside them', async t => {
  const report = madeReport({ seconds: [[1]] })
  const said = (counts: Partial<LoadReport['counts']>) => {
    const text = textReport({ ...report, counts: { ...report.counts, ...counts } })
    return /^ {2}in none of these: .*$/m.exec(text)?.[0].trim()
  }
  t.equal(said({}), undefined)
  t.equal(
    said({ expected: 2000, lost: 100, unanswered: 899, wrong: 1 }),
    'in none of these: 1,000 without a reply, or with a wrong one (50.00 % of 2,000 expected)',
  )
  t.equal(said({ missed: 1 }), 'in none of these: 1 message that could not be sent')
  t.equal(
    said({ expected: 4, lost: 1, missed: 2 }),
    'in none of these: 1 without a reply, or with a wrong one (25.00 % of 4 expected); 2 messages that could not be sent',
  )
})

t.test('of a load of connections these are connections', async t => {
  const { counts, ...report } = madeReport({ seconds: [[1]], options: { workload: 'connect' } })
  const said = (more: Partial<LoadReport['counts']>) => absentFrom({ ...report, counts: { ...counts, ...more } })
  t.equal(said({ expected: 4, lost: 1 }), 'in none of these: 1 connection that failed (25.00 % of 4 begun)')
  t.equal(
    said({ expected: 4000, lost: 2000, missed: 2 }),
    'in none of these: 2,000 connections that failed (50.00 % of 4,000 begun); 2 connections that could not be begun',
  )
  t.equal(said({ missed: 1 }), 'in none of these: 1 connection that could not be begun')
})

t.test('of a storm these are connections that are not back', async t => {
  const { counts, ...report } = madeReport({ seconds: [[1]], options: { workload: 'storm' } })
  const said = (more: Partial<LoadReport['counts']>) => absentFrom({ ...report, counts: { ...counts, ...more } })
  const many = 'in none of these: 16 connections that had not come back (80.00 % of 20)'
  t.equal(said({ expected: 20, unanswered: 16 }), many)
  const one = 'in none of these: 1 connection that had not come back (5.00 % of 20)'
  t.equal(said({ expected: 20, unanswered: 1 }), one)
})

t.test('nothing was timed, nothing expected, nothing sent', async t => {
  const report = madeReport({ seconds: [[]] })
  const text = textReport({ ...report, counts: { ...report.counts, sent: 1 } })
  t.match(text, /^times\n {2}nothing was timed$/m)
  t.notMatch(text, /expected/)
})
