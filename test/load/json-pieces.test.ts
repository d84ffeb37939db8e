/** A report as JSON in pieces: together what it is in one. */
import t from 'tap'
import { jsonPieces } from '../../src/load/json-pieces.js'
import { parseReport } from '../../src/load/parse-report.js'
import { madeReport, steady } from './made-report.js'

t.test('together they are the report, and none has more than a second or a part of it', async t => {
  for (const seconds of [0, 1, 300]) {
    const report = { ...madeReport({ seconds: steady(seconds, 10, 1, 1) }), backlog: undefined }
    const pieces = [...jsonPieces(report)]
    t.equal(pieces.join(''), `${JSON.stringify(report)}\n`)
    const parts = Object.entries(report).filter(([name]) => name !== 'perSecond')
    const longest = Math.max(...[...parts, ...report.perSecond].map(part => JSON.stringify(part).length))
    t.ok(
      pieces.every(({ length }) => length <= longest + 1),
      `${seconds} seconds`,
    )
    t.ok(pieces.length > seconds)
    t.same(parseReport(pieces.join('')), JSON.parse(JSON.stringify(report)))
  }
})
