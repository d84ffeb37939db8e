/** Reports: of the same results, in every form. */
import t from 'tap'
import { autobahnBehaviour, autobahnIndex } from '../../src/conformance/report/autobahn.js'
import { baselineOf, changesSince, parseBaseline, straysIn } from '../../src/conformance/report/baseline.js'
import { parseReport } from '../../src/conformance/report/conformance-report.js'
import { githubAnnotations } from '../../src/conformance/report/github.js'
import { matrixMarkdown } from '../../src/conformance/report/matrix.js'
import { junitReport, tapReport } from '../../src/conformance/report/test-events.js'
import { detailLines, textReport, totalLine } from '../../src/conformance/report/text.js'
import { mixed, report, result } from './sample-report.js'

t.test('the report as data', async t => {
  t.match(mixed, {
    format: 'framewright conformance report',
    version: 1,
    tool: 'framewright 1.2.3',
    tested: { role: 'server', name: 'ws://a/' },
    started: '1970-01-01T00:00:00.000Z',
    duration: 4321,
    seed: 7,
    counts: { PASS: 1, INFO: 1, SKIP: 1, WARN: 1, FAIL: 2, ERROR: 1 },
  })
  t.match(mixed.cases[2], {
    id: '6455/5.1/bad@octets',
    case: '6455/5.1/bad',
    segmentation: 'octets',
    section: 'RFC 6455 §5.1',
    profile: 'core',
    autobahn: ['1.1.1'],
    closeCode: 1000,
    duration: 1.235,
    reproduce: "run '6455/5.1/bad@octets'",
  })
  t.match(mixed.cases[6], { section: 'RFC 9112 §5', profile: 'strict' })
  const withoutClose = { ...result('5.1/x', 'PASS'), closeCode: undefined }
  t.equal(report([withoutClose]).cases[0]?.closeCode, null)
})

t.test('a report is read back, and nothing else', async t => {
  t.same(parseReport(JSON.stringify(mixed)), mixed)
  for (const text of ['', 'null', '{}', '[]', JSON.stringify({ ...mixed, version: 2 })])
    t.equal(parseReport(text), undefined)
})

t.test('the details of a case', async t => {
  t.equal(
    detailLines(mixed.cases[1]!).join('\n'),
    [
      'FAIL  6455/5.1/bad',
      '  the title of 5.1/bad',
      '  RFC 6455 §5.1, MUST: "An endpoint MUST <do> "it"."',
      '  behaviour FAIL: the reason & more (§5.1)',
      '  closing   PASS',
      '  + sent    text "x"',
      '  ! awaited the message text "x"',
      '    awaited a Pong (not reached)',
      '         0.1 ms -> text "x"  [8101810181018101810181018101810181018101810181018101810181018101…]',
      '         1.0 ms <- TCP ended (FIN)',
      '    3 more in the middle are not shown',
      "  again:     run '6455/5.1/bad'",
    ].join('\n'),
  )
})

t.test('the report for a terminal', async t => {
  const text = textReport(mixed)
  t.notMatch(text, /5.1\/good/)
  t.equal(text.split('the reason & more').length - 1, 5, 'the same finding of two segmentations stands once')
  t.match(text, /\n {2}the same: {2}octets\n/)
  t.match(text, /closing {3}WARN: closed oddly\n/)
  t.match(text, /\nSKIP {2}1 cases: the reason & more\n/)
  t.match(text, /\nRFC 6455 §5.1 {2}PASS 1, FAIL 2\nRFC 6455 §5.2 {2}INFO 1, SKIP 1, WARN 1\nRFC 9112 §5 {4}ERROR 1\n/)
  t.match(text, /\nPASS 1, INFO 1, SKIP 1, WARN 1, FAIL 2, ERROR 1: server ws:\/\/a\/ in 4.3 s\n$/)
  const verbose = textReport(mixed, (as, text) => `<${as}>${text}`, true)
  t.match(verbose, /<PASS>PASS {2}6455\/5.1\/good/)
  t.match(verbose, /<SKIP>SKIP {2}6455\/5.2\/skipped/)
  t.match(verbose, /<dim> {4}awaited a Pong \(not reached\)/)
  t.equal(totalLine(report([result('5.1/a', 'PASS')])), 'PASS 1: server ws://a/ in 4.3 s')
})

t.test('JUnit', async t => {
  const xml = await junitReport(mixed)
  t.match(xml, /<testsuite name="RFC 6455 §5.1" [^>]*tests="3" failures="2"/)
  t.match(xml, /<testcase name="6455\/5.1\/good" [^>]*\/>/)
  t.match(xml, /<testcase name="6455\/5.1\/bad@octets" [^>]*>\s*<failure [^>]*message="the reason &amp; more"/)
  t.match(xml, /RFC 6455 §5.1, MUST: "An endpoint MUST &lt;do/)
  t.match(xml, /<skipped [^>]*message="the reason &amp; more"/)
})

/** Of junit-10.xsd, by which Jenkins reads it: the attributes of each element. */
const junit10: Readonly<Record<string, readonly string[]>> = {
  testsuites: ['name', 'time', 'tests', 'failures', 'errors'],
  testsuite: [
    'name',
    'tests',
    'failures',
    'errors',
    'group',
    'time',
    'skipped',
    'timestamp',
    'hostname',
    'id',
    'package',
  ],
  testcase: ['name', 'time', 'classname', 'group'],
  failure: ['type', 'message'],
  skipped: ['type', 'message'],
}

t.test('JUnit by the schema of Jenkins', async t => {
  const tags = (await junitReport(mixed)).matchAll(/<(\w+)((?: \w+="[^"]*")*)/g)
  const unknown: string[] = []
  const seen = new Set<string>()
  for (const [, element = '', attributes = ''] of tags) {
    seen.add(element)
    for (const [, name = ''] of attributes.matchAll(/ (\w+)="/g)) {
      if (junit10[element]?.includes(name) !== true) unknown.push(`${element} ${name}`)
    }
  }
  t.same(unknown, [])
  t.same([...seen].sort(), Object.keys(junit10).sort())
})

t.test('TAP', async t => {
  const tap = await tapReport(mixed)
  t.match(tap, /^TAP version 13\n/)
  t.match(tap, /\n {4}ok 1 - 6455\/5.1\/good\n/)
  t.match(tap, /\n {4}not ok 3 - 6455\/5.1\/bad@octets\n/)
  t.match(tap, /\n {4}ok 2 - 6455\/5.2\/skipped # SKIP the reason & more\n/)
  t.match(tap, /\nnot ok 1 - RFC 6455 §5.1\n/)
  t.match(tap, /\nok 2 - RFC 6455 §5.2\n/)
  t.match(tap, /\n1\.\.3\n/)
  const skipped = report([{ ...result('5.1/x', 'SKIP'), behaviour: { verdict: 'SKIP', findings: [] } }])
  t.match(await tapReport(skipped), /6455\/5.1\/x # SKIP\n/)
})

t.test('JUnit and TAP say what the exit code says: by the baseline', async t => {
  const expected = { '6455/5.1/bad': 'FAIL', '6455/5.1/bad@octets': 'FAIL', '6455/5.2/broken': 'ERROR' }
  const baseline = { ...baselineOf(mixed), expected }
  const known = changesSince(mixed, baseline)
  const xml = await junitReport(mixed, known)
  t.notMatch(xml, /<failure/)
  t.match(xml, /<testsuite name="RFC 6455 §5.1" [^>]*tests="3" failures="0" skipped="2"/)
  t.match(xml, /"6455\/5.1\/bad" [^>]*>\s*<skipped type="skipped" message="expected to fail: the reason &amp; more"/)
  const tap = await tapReport(mixed, known)
  t.notMatch(tap, /not ok (?!.*# TODO)/)
  t.match(tap, /\n {4}not ok 2 - 6455\/5.1\/bad # TODO expected to fail: the reason & more\n/)
  t.match(tap, /\nok 1 - RFC 6455 §5.1\n/)

  const rotten = { ...baseline, expected: { '6455/5.1/good': 'FAIL', '6455/5.1/gone': 'FAIL' } }
  const changes = changesSince(report([result('5.1/good', 'PASS')]), rotten, {
    known: new Set(['6455/5.1/good']),
  })
  const rottenXml = await junitReport(report([result('5.1/good', 'PASS')]), changes)
  t.match(rottenXml, /"6455\/5.1\/good" [^>]*>\s*<failure [^>]*message="expected to fail, and passes now"/)
  t.match(rottenXml, /<testsuite name="the baseline" [^>]*failures="1"/)
  t.match(rottenXml, /"6455\/5.1\/gone" [^>]*>\s*<failure [^>]*message="expected to fail, and no case"/)
  const rottenTap = await tapReport(report([result('5.1/good', 'PASS')]), changes)
  t.match(rottenTap, /\n {4}not ok 1 - 6455\/5.1\/good\n/)
  t.match(rottenTap, /\nnot ok 2 - the baseline\n/)
})

t.test('the index of Autobahn', async t => {
  t.equal(autobahnBehaviour(mixed.cases[3]!), 'NON-STRICT')
  t.match(autobahnIndex(mixed, 'report.json'), {
    'ws://a/': {
      '6455/5.1/good': {
        behavior: 'OK',
        behaviorClose: 'OK',
        duration: 1,
        remoteCloseCode: 1000,
        reportfile: 'report.json',
      },
      '6455/5.1/bad@octets': { behavior: 'FAILED' },
      '6455/5.2/odd': { behavior: 'NON-STRICT', behaviorClose: 'NON-STRICT' },
      '6455/5.2/skipped': { behavior: 'UNIMPLEMENTED' },
      '6455/5.2/known': { behavior: 'INFORMATIONAL' },
      '6455/5.2/broken': { behavior: 'FAILED', behaviorClose: 'INFORMATIONAL', remoteCloseCode: null },
      '1.1.1': { behavior: 'FAILED' },
    },
  })
})

t.test('baselines', async t => {
  const baseline = baselineOf(mixed)
  t.same(baseline, {
    format: 'framewright conformance baseline',
    version: 1,
    expected: { '6455/5.1/bad': 'FAIL', '6455/5.1/bad@octets': 'FAIL', '6455/5.2/broken': 'ERROR' },
  })
  t.same(parseBaseline(JSON.stringify(baseline)), baseline)
  for (const text of ['', 'null', '{}', JSON.stringify({ ...baseline, version: 2 })])
    t.equal(parseBaseline(text), undefined)
  const none = { failing: [], mended: [], unjudged: [], strays: [] }
  t.same(changesSince(mixed, baseline), { ...none, expected: Object.keys(baseline.expected) })
  t.same(changesSince(mixed).failing, Object.keys(baseline.expected))
  const later = report([result('5.1/bad', 'PASS'), result('5.2/broken', 'SKIP'), result('5.1/good', 'FAIL')])
  t.same(changesSince(later, baseline), {
    expected: [],
    failing: ['6455/5.1/good'],
    mended: ['6455/5.1/bad'],
    unjudged: ['6455/5.2/broken'],
    strays: [],
  })
  t.same(baselineOf(later, baseline).expected, { '6455/5.1/bad@octets': 'FAIL', '6455/5.1/good': 'FAIL' })
  const broken = report([result('5.1/bad', 'ERROR')])
  t.same(changesSince(broken, baseline), { ...none, expected: [], failing: ['6455/5.1/bad'] })
})

t.test('a WARN that counts as a failure, and one that a baseline expects', async t => {
  const failOn = 'WARN'
  const odd = '6455/5.2/odd'
  t.ok(changesSince(mixed, undefined, { failOn }).failing.includes(odd))
  t.notOk(changesSince(mixed).failing.includes(odd))
  const strict = baselineOf(mixed, undefined, { failOn })
  t.match(strict.expected, { [odd]: 'WARN', '6455/5.2/broken': 'ERROR' })
  for (const judged of [changesSince(mixed, strict, { failOn }), changesSince(mixed, strict)]) {
    t.match(judged, { failing: [], mended: [] })
    t.ok(judged.expected.includes(odd))
    t.match(await tapReport(mixed, judged), /not ok \d - 6455\/5.2\/odd # TODO expected to fail: /)
    t.notMatch(githubAnnotations(mixed, judged), /odd/)
  }
  const worse = report([result('5.2/odd', 'FAIL')])
  t.same(changesSince(worse, strict).failing, [odd])
  t.same(changesSince(report([result('5.2/odd', 'PASS')]), strict).mended, [odd])
  t.match(githubAnnotations(mixed, changesSince(mixed, undefined, { failOn })), /::error title=WARN 6455\/5.2\/odd/)
})

t.test('a baseline keeps no ids that are those of no run', async t => {
  const one = { ...baselineOf(mixed), expected: { '6455/5.1/gone': 'FAIL', '6455/5.1/other': 'FAIL' } }
  const strays = straysIn(one, new Set(['6455/5.1/other']))
  t.same(strays, ['6455/5.1/gone'])
  t.same(straysIn(undefined, new Set()), [])
  t.same(changesSince(mixed, one, { known: new Set(['6455/5.1/other']) }).strays, strays)
  const run = report([result('5.1/bad', 'FAIL')])
  t.same(baselineOf(run, one, { strays }).expected, { '6455/5.1/bad': 'FAIL', '6455/5.1/other': 'FAIL' })
})

t.test('the matrix', async t => {
  const other = report(
    [
      result('5.1/good', 'PASS'),
      result('5.1/bad', 'PASS'),
      result('5.9/only|here', 'WARN'),
      result('5.9/fine', 'PASS'),
    ],
    'b',
  )
  t.equal(
    matrixMarkdown([mixed, other]),
    [
      '|  | ws://a/ (server) | b (server) |',
      '| --- | --- | --- |',
      '| PASS | 1 | 3 |',
      '| INFO | 1 | 0 |',
      '| SKIP | 1 | 0 |',
      '| WARN | 1 | 1 |',
      '| FAIL | 2 | 0 |',
      '| ERROR | 1 | 0 |',
      '',
      '| case | ws://a/ (server) | b (server) |',
      '| --- | --- | --- |',
      '| `6455/5.1/bad` | FAIL | PASS |',
      '| `6455/5.1/bad@octets` | FAIL | – |',
      '| `6455/5.2/odd` | WARN | – |',
      '| `6455/5.2/skipped` | SKIP | – |',
      '| `6455/5.2/known` | INFO | – |',
      '| `6455/5.2/broken` | ERROR | – |',
      '| `6455/5.9/only\\|here` | – | WARN |',
      '',
    ].join('\n'),
  )
})

t.test('a breach that is everywhere is told three times, and counted', async t => {
  const names = Array.from({ length: 30 }, (_, i) => `5.1/case-${i}`)
  const many = report(names.map(name => result(name, 'FAIL')))
  const told = textReport(many)
  t.equal(told.match(/^FAIL {2}6455/gm)?.length, 3)
  t.match(told, /\nFAIL {2}27 more: the reason & more\n {2}6455\/5.1\/case-3\n/)
  t.match(told, /\n {2}6455\/5.1\/case-22\n {2}and 7 others; --verbose and --json tell them all\n/)
  t.equal(textReport(many, undefined, true).match(/^FAIL {2}6455/gm)?.length, 30)
  const few = textReport(report(names.slice(0, 5).map(name => result(name, 'FAIL'))))
  t.match(few, /\nFAIL {2}2 more: the reason & more\n {2}6455\/5.1\/case-3\n {2}6455\/5.1\/case-4\n\n/)
})
