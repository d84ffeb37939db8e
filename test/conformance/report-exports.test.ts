/** What other tools read: SARIF, annotations and the summary of GitHub, the badge, the capture file. */
import { readFileSync } from 'node:fs'
import ajv from 'ajv-draft-04'
import formats from 'ajv-formats'
import t from 'tap'
import { sectionOf } from '../../src/conformance/case.js'
import { allCases } from '../../src/conformance/cases/all-cases.js'
import { proxyCases } from '../../src/conformance/cases/proxy.js'
import { badgeOf } from '../../src/conformance/report/badge.js'
import { baselineOf, type Changes, changesSince } from '../../src/conformance/report/baseline.js'
import { githubAnnotations, githubSummary } from '../../src/conformance/report/github.js'
import { pcapngOf } from '../../src/conformance/report/pcapng.js'
import { sarifReport } from '../../src/conformance/report/sarif.js'
import { sectionLink } from '../../src/conformance/report/section-link.js'
import type { TranscriptEntry } from '../../src/conformance/transcript.js'
import { readPcapng, streamOf } from './pcapng.js'
import { mixed, report, result } from './sample-report.js'

/** Of OASIS, as Microsoft's sarif-js-sdk has it. */
const schema = JSON.parse(
  readFileSync(new URL('../../../test/conformance/sarif-2.1.0-rtm.5.json', import.meta.url), 'utf8'),
)
const validator = new ajv.default({ strict: false, unicodeRegExp: false, allErrors: true })
formats.default(validator as never)
const isSarif = validator.compile(schema)

const none: Changes = { expected: [], failing: [], mended: [], unjudged: [], strays: [] }

t.test('SARIF by its schema', async t => {
  const baseline = { ...baselineOf(mixed), expected: { '6455/5.1/bad': 'FAIL' } }
  for (const log of [sarifReport(mixed), sarifReport(mixed, changesSince(mixed, baseline)), sarifReport(report([]))]) {
    isSarif(JSON.parse(JSON.stringify(log)))
    t.same(isSarif.errors, null)
  }
  const broken = JSON.parse(JSON.stringify(sarifReport(mixed)))
  broken.runs[0].results[0].level = 'fatal'
  t.notOk(isSarif(broken), 'which finds fault with what is none')
})

t.test('SARIF: a rule for each case, a result for what is not well', async t => {
  const [run] = (JSON.parse(JSON.stringify(sarifReport(mixed))) as { runs: [Sarif] }).runs
  t.match(run.tool.driver, { name: 'framewright', semanticVersion: '1.2.3' })
  t.same(run.invocations, [
    { executionSuccessful: true, startTimeUtc: '1970-01-01T00:00:00.000Z', endTimeUtc: '1970-01-01T00:00:04.321Z' },
  ])
  const { rules } = run.tool.driver
  t.same(
    rules.map(({ id }) => id),
    ['5.1/good', '5.1/bad', '5.2/odd', '5.2/skipped', '5.2/known', '5.2/broken'].map(name => `6455/${name}`),
  )
  t.match(rules[1], {
    shortDescription: { text: 'the title of 5.1/bad' },
    fullDescription: { text: 'RFC 6455 §5.1, MUST: "An endpoint MUST <do> "it"."' },
    helpUri: 'https://www.rfc-editor.org/rfc/rfc6455#section-5.1',
    defaultConfiguration: { level: 'error' },
    properties: { autobahn: ['1.1.1'] },
  })
  t.match(rules[5], { defaultConfiguration: { level: 'warning' }, helpUri: /rfc9112#section-5$/ })
  t.match(run.results, [
    { ruleId: '6455/5.1/bad', level: 'error', partialFingerprints: { primaryLocationLineHash: '6455/5.1/bad' } },
    { ruleId: '6455/5.1/bad', level: 'error', partialFingerprints: { primaryLocationLineHash: '6455/5.1/bad@octets' } },
    { ruleId: '6455/5.2/odd', level: 'warning', message: { text: 'WARN: the reason & more; closed oddly\nagain: ' } },
    { ruleId: '6455/5.2/broken', level: 'error', message: { text: 'ERROR: ' } },
  ])
  t.match(run.results[0], {
    message: { text: "FAIL: the reason & more\nagain: run '6455/5.1/bad'" },
    locations: [{ physicalLocation: { artifactLocation: { uri: '6455/5.1/bad' } } }],
    properties: { verdict: 'FAIL', segmentation: 'whole', closeCode: 1000, reproduce: "run '6455/5.1/bad'" },
  })
  for (const { ruleId, ruleIndex } of run.results) t.equal(rules[ruleIndex]?.id, ruleId)
})

interface Sarif {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
  readonly invocations: unknown
  readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number; readonly suppressions?: unknown }[]
}

t.test('SARIF: what the baseline expects is suppressed', async t => {
  const baseline = { ...baselineOf(mixed), expected: { '6455/5.1/bad': 'FAIL', '6455/5.2/broken': 'FAIL' } }
  const [run] = (sarifReport(mixed, changesSince(mixed, baseline)) as { runs: [Sarif] }).runs
  const accepted = { kind: 'external', status: 'accepted', justification: 'the baseline expects it' }
  t.same(
    run.results.map(({ suppressions }) => suppressions),
    [[accepted], [], [], []],
  )
})

t.test('every case has a section that can be linked to', async t => {
  const links = [...allCases, ...proxyCases].map(one => sectionLink(sectionOf(one)))
  t.same(
    links.filter(link => !/^https:\/\/www\.rfc-editor\.org\/rfc\/rfc\d{4}#section-\d+(\.\d+)*$/.test(link)),
    [],
  )
})

t.test('annotations: escaped as GitHub asks, told once where many found the same', async t => {
  const odd = result('5.1/odd', 'FAIL', 'whole', { requirement: '100 %\r\nof it' })
  const alike = report([odd, result('5.1/a', 'FAIL'), result('5.1/b', 'WARN'), result('5.1/c', 'INFO')])
  t.equal(
    githubAnnotations(alike, changesSince(alike)),
    [
      '::error title=FAIL 6455/5.1/odd and 1 more::the reason & more%0ARFC 6455 §5.1, MUST: "100 %25%0D%0Aof it"%0Aagain: run \'6455/5.1/odd\'\n',
      '::warning title=WARN 6455/5.1/b::the reason & more; closed oddly%0ARFC 6455 §5.1, MUST: "An endpoint MUST <do> "it"."%0Aagain: run \'6455/5.1/b\'\n',
    ].join(''),
  )
  const named = report([result('5.1/a,b:c', 'ERROR')])
  t.match(githubAnnotations(named, changesSince(named)), /^::error title=ERROR 6455\/5\.1\/a%2Cb%3Ac::/)
  t.equal(githubAnnotations(mixed, none).match(/^::/gm)?.length, 1)
  const mended = { ...none, mended: ['a', 'b'] }
  t.equal(githubAnnotations(report([]), mended), '::error title=expected to fail%2C and passes now::a%0Ab\n')
})

t.test('annotations: ten of a kind, as many as GitHub shows', async t => {
  const different = (length: number) =>
    report(
      Array.from({ length }, (_, i) => {
        const { behaviour, ...rest } = result(`5.1/${i}`, 'FAIL')
        return { ...rest, behaviour: { ...behaviour, findings: [{ verdict: 'FAIL' as const, reason: `reason ${i}` }] } }
      }),
    )
  const lines = (length: number) => githubAnnotations(different(length), changesSince(different(length))).split('\n')
  t.equal(lines(10).length - 1, 10)
  t.match(lines(10)[9], /reason 9/)
  t.equal(lines(30).length - 1, 10)
  t.equal(lines(30)[9], '::error title=21 more findings::the log tells them all')
})

t.test('the summary of the job', async t => {
  const text = githubSummary(mixed, {
    ...none,
    failing: ['6455/5.1/bad'],
    expected: ['6455/5.1/bad@octets', '6455/5.2/broken'],
  })
  t.match(text, /^### WebSocket conformance\n\nPASS 1, INFO 1, SKIP 1, WARN 1, FAIL 2, ERROR 1: server ws:\/\/a\/ in/)
  t.same(
    text.split('\n').filter(line => line.startsWith('| ') && line.includes('`')),
    [
      '| ERROR, as expected | `6455/5.2/broken` | [RFC 9112 §5](https://www.rfc-editor.org/rfc/rfc9112#section-5), SHOULD | the reason & more |',
      '| FAIL | `6455/5.1/bad` | [RFC 6455 §5.1](https://www.rfc-editor.org/rfc/rfc6455#section-5.1), MUST | the reason & more |',
      '| FAIL, as expected | `6455/5.1/bad@octets` | [RFC 6455 §5.1](https://www.rfc-editor.org/rfc/rfc6455#section-5.1), MUST | the reason & more |',
      '| WARN | `6455/5.2/odd` | [RFC 6455 §5.2](https://www.rfc-editor.org/rfc/rfc6455#section-5.2), MUST | the reason & more; closed oddly |',
    ],
  )
  const fine = githubSummary(report([result('5.1/a', 'PASS')], '<b>|'), none)
  t.equal(fine, '### WebSocket conformance\n\nPASS 1: server &lt;b>\\| in 4.3 s\n\n\n')
  const many = report(Array.from({ length: 203 }, (_, i) => result(`5.1/${i}`, 'FAIL')))
  const cut = githubSummary(many, changesSince(many))
  t.equal(cut.match(/^\| FAIL/gm)?.length, 200)
  t.match(cut, /\nand 3 more\n/)
})

t.test('the badge', async t => {
  const rows: [verdicts: Parameters<typeof result>[1][], message: string, color: string, isError: boolean][] = [
    [['PASS', 'INFO', 'SKIP'], '2 cases passed', 'brightgreen', false],
    [['PASS', 'WARN'], '2 cases passed, 1 with warnings', 'yellow', false],
    [['PASS', 'FAIL', 'WARN'], '1 of 3 fail', 'red', false],
    [['PASS', 'FAIL', 'ERROR'], '1 of 3 fail, 1 not judged', 'red', true],
    [['PASS', 'ERROR'], '1 not judged', 'lightgrey', true],
  ]
  for (const [verdicts, message, color, isError] of rows) {
    const badge = badgeOf(report(verdicts.map((verdict, i) => result(`5.1/${i}`, verdict))))
    t.same(badge, { schemaVersion: 1, label: 'WebSocket conformance', message, color, isError })
  }
})

function entry(at: number, from: 'us' | 'peer', text: string, parts: Partial<TranscriptEntry> = {}): TranscriptEntry {
  return { at, from, kind: parts.hex === undefined ? 'tcp' : 'frame', text, offset: 0, hex: '', length: 0, ...parts }
}

t.test('the capture file', async t => {
  const transcript = [
    entry(0, 'us', 'TCP connection open'),
    entry(1.5, 'us', 'a Ping', { hex: '8980aabbccdd', length: 6 }),
    entry(2, 'peer', 'a Pong', { hex: '8a00', length: 2 }),
    entry(3, 'peer', 'long', { hex: '827f'.padEnd(320, '0'), offset: 2, length: 70_000 }),
    entry(4, 'us', 'behind what is left out', { hex: '8a80', offset: 1000, length: 2 }),
    entry(5, 'peer', 'TCP ended (FIN)'),
    entry(5.5, 'peer', 'told of the end, beside the connection', { kind: 'control', offset: 70_002 }),
    entry(6, 'us', 'TCP reset (ECONNRESET)'),
  ]
  const runs = ['one', 'two'].map(name => ({ ...result(`5.1/${name}`, 'FAIL'), transcript, duration: 10 }))
  const [client, server] = ['192.0.2.1:1024', '192.0.2.2:80'] as const
  const { about, packets } = readPcapng(pcapngOf(report(runs)))
  t.equal(about, 'drawn from the transcripts of framewright 1.2.3: server ws://a/')
  const [first, second] = [packets.filter(({ from, to }) => [from, to].includes(client)), packets.slice(10)]
  t.equal(first.length, 10)
  t.same(
    first.map(({ time, from, flags, sequence, acknowledged, payload, length }) =>
      [time, from === client ? '>' : '<', flags, sequence, acknowledged, payload.length, length].join(' '),
    ),
    [
      '0 > SYN 0 0 0 0',
      '0 < SYN ACK 0 1 0 0',
      '0 > ACK 1 1 0 0',
      '1500 > PSH ACK 1 1 6 6',
      '2000 < PSH ACK 1 7 2 2',
      '3000 < PSH ACK 3 7 160 65495',
      '3000 < PSH ACK 65498 7 0 4505',
      '4000 > PSH ACK 1001 70003 2 2',
      '5000 < FIN ACK 70003 1003 0 0',
      '6000 > RST ACK 1003 70004 0 0',
    ],
  )
  t.same(
    first.map(({ comment }) => comment.split('\n')[0]),
    [
      'FAIL 6455/5.1/one',
      '',
      '',
      'a Ping',
      'a Pong',
      'long',
      '',
      'behind what is left out',
      'TCP ended (FIN)',
      'TCP reset (ECONNRESET)',
    ],
  )
  t.match(first[0]?.comment, /\nthe title of 5.1\/one\nRFC 6455 §5.1, MUST: ".*"\nthe reason & more\nagain: run '6455/)
  t.equal(streamOf(first, server, client).length, 70_002)
  t.match(second[0], { from: '192.0.2.1:1025', time: 10_000n })
  const reversed = report(runs).cases
  const ours = readPcapng(pcapngOf({ ...report([]), tested: { role: 'client', name: 'x' }, cases: reversed })).packets
  t.match(ours[0], { from: client, flags: 'SYN' })
  t.match(ours[3], { from: server, to: client, comment: 'a Ping' })
})
