/** One distribution as a file, which says of which time it is. */
import t from 'tap'
import { hgrmReport } from '../../src/load/hgrm-report.js'
import type { LoadOptions } from '../../src/load/load-options.js'
import type { TimeName } from '../../src/load/tally.js'
import { madeReport } from './made-report.js'

/** As plotters read it: what begins with # is a comment, and what has four numbers is a point. */
function points(file: string): string[] {
  return file.split('\n').filter(line => !line.startsWith('#') && /^(?: *[\d.]+| *inf){4}$/i.test(line))
}

const stages = { upgrade: [5], firstMessage: [6] }
const rows: [LoadOptions, TimeName, comment: string][] = [
  [{}, 'rtt', '#[rtt, in milliseconds: round trip, from when it left (closed model)]'],
  [{ rate: 1 }, 'rtt', '#[rtt, in milliseconds: round trip, from when it was due]'],
  [{ workload: 'connect', rate: 1 }, 'connect', '#[connect, in milliseconds: connection, from when it was due]'],
  [{ workload: 'storm' }, 'reconnect', '#[reconnect, in milliseconds: from the end until open again]'],
]
for (const [options, timed, comment] of rows) {
  t.test(`${timed}: the first line says so`, async t => {
    const file = hgrmReport(madeReport({ seconds: [[1, 2]], timed, options, stages }))
    t.equal(file.split('\n')[0], comment)
    t.ok(points(file).length > 1, file)
    t.match(file, /Max += {2,}2\.0\d+, Total count += +2\]/)
  })

  t.test(`${timed} that was not measured: no other time stands in its place`, async t => {
    const file = hgrmReport(madeReport({ seconds: [[]], options, stages }))
    t.equal(file.split('\n')[0], comment.replace(']', '; none was measured]'))
    t.same(points(file), [])
  })
}

t.test('connections that are only held, and another time', async t => {
  const idle = madeReport({ seconds: [[]], options: { workload: 'idle' }, stages })
  t.match(hgrmReport(idle), /^#\[upgrade, in milliseconds: request to 101\]\n[\s\S]*Total count += +1\]/)
  t.match(hgrmReport(madeReport({ seconds: [[1]], stages }), 'firstMessage'), /^#\[firstMessage, in milliseconds: /)
})

t.test('a time that there is not', async t => {
  const message = 'there is no time rt: did you mean rtt?'
  t.throws(() => hgrmReport(madeReport({ seconds: [[1]] }), 'rt' as TimeName), { code: 'WS_INVALID_OPTION', message })
})
