/** What the summary says of each workload. */
import t from 'tap'
import { summary } from '../../../src/cli/load/summary.js'
import type { LoadOptions } from '../../../src/load/load-options.js'
import type { LoadReport } from '../../../src/load/report.js'
import { madeReport } from '../../load/made-report.js'

const rows: [string, LoadOptions, Partial<LoadReport['counts']>, RegExp[]][] = [
  [
    'echo',
    {},
    {},
    [/^echo, closed model, 1 under way on each connection; .*, 128 octets of binary each$/m, /^messages$/m],
  ],
  [
    'broadcast',
    { workload: 'broadcast', pipeline: 2, text: true },
    { sent: 10, expected: 40, received: 39 },
    [
      /^broadcast, closed model, 2 under way; .*, 128 octets of text each$/m,
      /^ {2}received +39 .* 97\.50 % of those expected$/m,
    ],
  ],
  [
    'request',
    { workload: 'request', request: { message: '' } },
    { sent: 2, expected: 2, other: 7 },
    [/^request, closed model, 1 under way on each connection; 10 connections, 1 thread$/m, /^ {2}other +7$/m],
  ],
  ['idle', { workload: 'idle' }, { expected: 0, sent: 0 }, [/^idle; 10 connections, 1 thread$/m, /^ {2}sent +0 /m]],
  [
    'connect',
    { workload: 'connect' },
    {},
    [/^connect, closed model, each connection followed by another one; /m, /^connections asked for$/m],
  ],
  ['connect at a rate', { workload: 'connect', rate: 5 }, {}, [/^connect, open model, evenly spaced; /m]],
  ['storm', { workload: 'storm' }, {}, [/^storm; /m, /^connections lost$/m]],
]
for (const [name, options, counts, patterns] of rows) {
  t.test(name, async t => {
    const report = madeReport({ seconds: [[1]], options: { ...options, ...(options.rate && { duration: undefined }) } })
    const text = summary({ ...report, counts: { ...report.counts, ...counts } }, (_, text) => text)
    for (const pattern of patterns) t.match(text, pattern)
  })
}

t.test('nothing was timed, nothing expected, nothing sent', async t => {
  const report = madeReport({ seconds: [[]] })
  const text = summary({ ...report, counts: { ...report.counts, sent: 1 } }, (_, text) => text)
  t.match(text, /^times\n {2}nothing was timed$/m)
  t.notMatch(text, /expected/)
})
