/** `framewright load merge`, `compare` and `find`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { conclusion, exitCodeOf, stepLine } from '../../../src/cli/load/found-rate.js'
import { main } from '../../../src/cli/main.js'
import type { FoundRate, RateStep } from '../../../src/load/find-rate.js'
import type { LoadReport } from '../../../src/load/report.js'
import { echo, serve, stallingUntil } from '../../load/known-servers.js'
import { type Made, madeReport, steady } from '../../load/made-report.js'
import { FakeTerminal } from '../fake-terminal.js'

const folder = mkdtempSync(join(tmpdir(), 'load-'))
t.teardown(() => rmSync(folder, { recursive: true }))

function file(name: string, made: Made | string): string {
  const path = join(folder, name)
  writeFileSync(path, typeof made === 'string' ? made : JSON.stringify(madeReport(made)))
  return path
}

async function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const terminal = new FakeTerminal()
  const code = await main(['load', ...args], terminal)
  return { code, stdout: terminal.stdout.text, stderr: terminal.stderr.text }
}

const shard = (index: number) => ({ shard: { index, count: 2 } })

t.test('merge: one report of two, with all that it is written to', async t => {
  const one = file('1.json', { seconds: [[1, 2]], options: shard(0) })
  const two = file('2.json', { seconds: [[3, 4]], options: shard(1) })
  const [json, junit, hgrm, html] = ['json', 'xml', 'hgrm', 'html'].map(name => join(folder, `all.${name}`)) as [
    string,
    string,
    string,
    string,
  ]
  const outputs = ['--json', json, '--junit', junit, '--hgrm', hgrm, '--html', html]
  const { code, stdout } = await run('merge', one, two, ...outputs)
  t.equal(code, 0)
  t.match(stdout, /\n {2}received +4 +4\/s\n/)
  t.equal((JSON.parse(readFileSync(json, 'utf8')) as LoadReport).times.rtt?.count, 4)
  t.match(readFileSync(junit, 'utf8'), /<testsuites>[\s\S]*tests="2"/)
  t.match(readFileSync(hgrm, 'utf8'), /Total count += +4\]/)
  t.match(readFileSync(html, 'utf8'), /^<!doctype html>[\s\S]*<\/html>\s*$/i)
})

t.test('merge: of another time the whole distribution', async t => {
  const made = file('stages.json', { seconds: [[1, 2]], stages: { rttFromSend: [7, 7, 8] } })
  const hgrm = join(folder, 'stages.hgrm')
  t.equal((await run('merge', made, '--hgrm', hgrm, '--hgrm-of', 'rttFromSend')).code, 0)
  t.match(readFileSync(hgrm, 'utf8'), /\n +7\.00\d+ +0\.6[\s\S]*\n#\[Max += +8\.00\d+, Total count += +3\]/)
  for (const [args, message] of [
    [['--hgrm', hgrm, '--hgrm-of', 'rttFromSent'], /--hgrm-of "rttFromSent" is not 'dns', .*'rttFromSend', /],
    [['--hgrm-of', 'rtt'], /--hgrm-of needs a --hgrm/],
  ] as const) {
    const { code, stderr } = await run('merge', made, ...args)
    t.equal(code, 2)
    t.match(stderr, message)
  }
})

t.test('merge: shards that are missing, and one that is there twice', async t => {
  const [one, , three] = [0, 1, 2].map(index =>
    file(`third-${index}.json`, { seconds: [[1]], options: { shard: { index, count: 3 } } }),
  ) as [string, string, string]
  const two = join(folder, 'two-thirds.json')
  const { code, stdout, stderr } = await run('merge', one, three, '--json', two)
  t.equal(code, 0)
  t.match(stderr, /careful: shards are missing: 2\/3\n/)
  t.match(stdout, /, 2 of 3 shards\n/)
  const again = await run('merge', two, three)
  t.equal(again.code, 2)
  t.match(again.stderr, /shard 3 of 3 is there twice/)
})

t.test('merge: a report whose single times could not be written says why, and it is no fault of merge', async t => {
  const samples = { written: 1, dropped: 2, error: 'no space' }
  const { code, stdout, stderr } = await run(
    'merge',
    file('full.json', JSON.stringify({ ...madeReport({ seconds: [[1]] }), samples })),
  )
  t.same([code, stderr], [0, ''])
  t.match(stdout, '\n  2 not written: no space\n')
})

t.test('merge: shards that did not run together', async t => {
  const late = [0, 5000].map((startedAt, index) =>
    file(`late-${index}.json`, { seconds: [[1]], startedAt, options: { shard: { index, count: 2 } } }),
  )
  const { code, stdout } = await run('merge', ...late)
  t.equal(code, 0)
  t.match(
    stdout,
    /do not trust these figures\n {2}- the shards began 5 s apart: the load that they add up to never was\n/,
  )
  t.equal((await run('merge', ...late, '--strict')).code, 3)
})

t.test('merge: a shard that reached nobody', async t => {
  const one = file('live.json', { seconds: [[1]], options: shard(0) })
  const alone = { ...madeReport({ seconds: [], opened: 0, options: { ...shard(1), duration: 1000 } }) }
  const two = file('dead.json', JSON.stringify({ ...alone, interrupted: true, interruptedBy: 'disconnected' }))
  const junit = join(folder, 'half.xml')
  for (const files of [
    [one, two],
    [two, one],
  ]) {
    const { code, stdout } = await run('merge', ...files, '--junit', junit)
    t.equal(code, 4, 'as it did by itself')
    const told = 'shard 2/2 (after 0 ms) ended before its time: not one connection was open, and none was to come'
    t.ok(stdout.includes(`\nmeasured for 1 s, ${told}\n`))
    t.ok(readFileSync(junit, 'utf8').includes(`failure="${told}"`))
  }
})

t.test('merge: exit codes', async t => {
  const bound = file('bound.json', { seconds: [[1]], busy: 1, options: { failIf: ['rtt.max > 1us'] } })
  t.equal((await run('merge', bound)).code, 1)
  t.equal((await run('merge', bound, '--strict')).code, 3)
  const rows: [string[], RegExp][] = [
    [[], /which reports\? framewright load merge 1\.json 2\.json/],
    [[join(folder, 'none')], /merge: cannot read \S+: no such file/],
    [
      [file('bad.json', '{}')],
      /bad\.json is no report of a load, or one of another version \(report: there is no format\); framewright load URL --json FILE writes one/,
    ],
    [[bound, file('other.json', { seconds: [] })], /the reports are of different loads/],
  ]
  for (const [args, message] of rows) {
    const { code, stderr } = await run('merge', ...args)
    t.equal(code, 2)
    t.match(stderr, message)
  }
})

t.test('compare: a table, and an exit code for CI', async t => {
  const before = file('before.json', { seconds: steady(10, 100, 1, 0.01) })
  const after = file('after.json', { seconds: steady(10, 100, 2, 0.01) })
  const { code, stdout } = await run('compare', before, after)
  t.equal(code, 0)
  t.match(stdout, /^\| figure \| before \| after \| change \| with 95 % confidence \| noise \| \|\n\|---/)
  t.match(
    stdout,
    /\n\| rtt\.p50 \| 1\.49 ms \| 2\.49 ms \| \+67\.\d % \| \+67\.\d % … \+67\.\d % \| ± 0\.0 % \| \*\*worse\*\* \|\n/,
  )
  t.match(stdout, /\n\| rate\.received \| 100\/s \| 100\/s \| 0\.0 % .* no difference shown \|\n/)
  const html = join(folder, 'compared.html')
  t.equal((await run('compare', before, after, '--html', html)).code, 0)
  t.match(readFileSync(html, 'utf8'), /"compared":\[\{"name":"rtt\.p50"/)
  t.equal((await run('compare', before, after, '--gate', '70%')).code, 0)
  t.equal((await run('compare', before, after, '--gate', '60')).code, 1)
  t.equal((await run('compare', after, before, '--gate', '1%')).code, 0, 'better is not worse')
  const slow = [1, 10].map((least, i) =>
    file(`connect-${i}.json`, { seconds: steady(10, 50, least, 0.01), timed: 'connect' }),
  )
  const connects = await run('compare', ...slow, '--gate', '5%')
  t.match([connects.code, connects.stdout], [1, /\n\| connect\.p99 \| 1\.49 ms \| 10\.5 ms \| .* \*\*worse\*\* \|\n/])
  const busy = file('busy.json', { seconds: steady(5, 2000, 1, 0.001) })
  const once = file('once.json', { seconds: [[1, 2, 3], [], [], [], [], []] })
  t.match((await run('compare', once, once)).stdout, /\| rate\.received \|.* \| any \| no difference shown \|\n/)
  t.match((await run('compare', busy, busy)).stdout, /\| rate\.received \| 2,000\/s \| 2,000\/s \|/)
  t.match((await run('compare', `${before},${before}`, after, '--json')).stdout, /^\[\{"name":"rtt\.p50"/)
})

t.test('compare: the page on stdout, the table on stderr', async t => {
  const report = file('alone.json', { seconds: steady(5, 10, 1, 1) })
  const { code, stdout, stderr } = await run('compare', report, report, '--html', '-')
  t.equal(code, 0)
  t.match(stdout, /^<!doctype html>[^\0]*<\/html>\s*$/)
  t.match(stderr, /^\| figure \| before \| after \|[^\0]*\|\n$/)
  const told = 'framewright: --html - and --json: only one of them can go to stdout\n'
  t.same(await run('compare', report, report, '--html', '-', '--json'), { code: 2, stdout: '', stderr: told })
})

t.test('files are written, too, where nothing can be printed', async t => {
  const report = file('whole.json', { seconds: steady(5, 10, 1, 1) })
  const [json, html] = ['printed.json', 'printed.html'].map(name => join(folder, name)) as [string, string]
  for (const [args, path, whole] of [
    [['merge', report, '--json', json], json, /^\{"format":"framewright-load".*\}\n$/],
    [['merge', report, '--json', '-', '--html', html], html, /^<!doctype html>[^\0]*<\/html>\s*$/],
    [['compare', report, report, '--html', html], html, /^<!doctype html>[^\0]*<\/html>\s*$/],
  ] as const) {
    rmSync(path, { force: true })
    const terminal = new FakeTerminal()
    terminal.stdout.refuse('ENOSPC')
    t.equal(await main(['load', ...args], terminal), 5)
    t.match(terminal.stderr.text, /(^|\n)framewright: cannot write to stdout: no space left on device\n$/)
    t.match(readFileSync(path, 'utf8'), whole)
  }
})

t.test('compare: whatever the name of a part, it stays in its cell', async t => {
  const name = 'a|b\\<i>\n\x1b[2J'
  // No load has such a part; a file may say anything.
  const options = { workload: 'mixed', mix: [{ share: 1, workload: 'echo' }] } as const
  const report = file('named.json', { seconds: steady(5, 10, 1, 1), classes: [name], options })
  const { stdout } = await run('compare', report, report)
  t.match(stdout, /\n\| a\\\|b\\\\&lt;i> \\\\x1b\[2J: rtt\.p50 \| /)
  t.notMatch(stdout, '\x1b')
})

t.test('compare: loads that are not alike, and runs that cannot be trusted, with a warning', async t => {
  const one = file('one.json', { seconds: steady(10, 10, 1, 1) })
  const other = file('bound2.json', { seconds: steady(10, 10, 1, 1), options: { connections: 9 }, busy: 1 })
  const { code, stderr } = await run('compare', one, other, '--gate', '5%')
  t.equal(code, 0)
  t.match(stderr, /careful: the loads differ: connections 10 and 9\n/)
  t.match(stderr, /careful: generator-bound \(after\): do not trust its figures/)
  t.equal((await run('compare', one, one)).stderr, '')
})

t.test('compare: a gate that cannot see is not open, whatever else there is to say', async t => {
  const failing = (made: Made, counts: object) => {
    const report = madeReport(made)
    return JSON.stringify({ ...report, counts: { ...report.counts, ...counts } })
  }
  const short = (least: number, i: number) => failing({ seconds: steady(3, 100, least, 0.01) }, { failed: i + 1 })
  const slower = [1, 500].map((least, i) => file(`failing-${i}.json`, short(least, i)))
  const { code, stdout, stderr } = await run('compare', ...slower, '--gate', '5%')
  t.match(stdout, /\n\| connections failed \|.* no difference shown \|\n/)
  t.match([code, stderr], [1, /framewright: --gate cannot judge: each side needs at least 5 seconds/])
  const nobody = file('nobody.json', failing({ seconds: steady(10, 0, 1, 1), lost: 5, opened: 0 }, { failed: 10 }))
  const closed = await run('compare', nobody, nobody, '--gate', '5%')
  t.match([closed.code, closed.stderr], [1, /--gate cannot judge: in one of the runs not one connection was opened\n/])
  t.equal((await run('compare', nobody, nobody)).code, 0, 'only a gate has to see')
})

t.test('compare: a gate is not open for a server that crashed, though few draws have the second', async t => {
  const good = file('good.json', { seconds: steady(10, 10, 1, 1) })
  const { counts, perSecond, ...lost } = madeReport({ seconds: steady(10, 10, 1, 1) })
  const [last, ...others] = perSecond.toReversed()
  const crash = {
    ...lost,
    ...{ interrupted: true, interruptedBy: 'disconnected', counts: { ...counts, dropped: 2 } },
    perSecond: [...others.reverse(), { ...last!, counts: { ...last!.counts, dropped: 2 } }],
  }
  const crashed = file('crashed.json', JSON.stringify(crash))
  for (const sides of [
    [good, crashed],
    [crashed, good],
    [`${good},${crashed}`, good],
  ]) {
    const { code, stdout, stderr } = await run('compare', ...sides, '--gate', '5%')
    t.match(stdout, /\n\| connections dropped \|.* no difference shown \|\n/)
    const why = 'in one of the runs, or of their shards, all connections were lost before the end\n'
    t.match([code, stderr], [1, `framewright: --gate cannot judge: ${why}`])
  }
})

t.test('compare: a gate has to see what the load is about: what is beside it opens none', async t => {
  for (const [workload, timed] of [
    ['storm', 'reconnect'],
    ['idle', 'upgrade'],
  ] as const) {
    // All of them come within a second, as those of one storm do; of the others it is known that nothing is missing.
    const runs = (least: number) =>
      [1, 2, 3, 4, 5].map(i =>
        file(`${workload}-${least}-${i}.json`, {
          ...{
            seconds: [...steady(1, 100, least + i / 100, 0.01), ...steady(9, 0, 1, 1)],
            timed,
            options: { workload },
          },
        }),
      )
    const [fast, slow] = [runs(1), runs(10)]
    const one = await run('compare', fast[0]!, slow[0]!, '--gate', '5%')
    t.match(one.stdout, /\n\| reach \|.* no difference shown \|\n/)
    const blind = `--gate cannot judge: each side needs at least 5 seconds in which ${timed} was measured, and one has 1: `
    t.match([one.code, one.stderr], [1, `${blind}those of several runs count together (a.json,b.json,…)\n`])
    const [before, after] = [fast.join(), slow.join()]
    t.match(await run('compare', before, after, '--gate', '5%'), { code: 1, stderr: /^$/ }, 'worse')
    t.match(await run('compare', after, before, '--gate', '5%'), { code: 0, stderr: /^$/ }, 'better')
  }
  const [silent, good] = [0, 5].map(count =>
    file(`of-${count}.json`, { seconds: steady(10, count, 1, 1), lost: 5 - count }),
  )
  const gone = await run('compare', silent!, good!, '--gate', '5%')
  t.match([gone.code, gone.stderr], [1, 'in which rtt was measured, and one has 0: '], 'nobody knows what it was')
  t.match(await run('compare', good!, silent!, '--gate', '5%'), { code: 1, stderr: /^$/ }, 'worse')
  t.equal((await run('compare', silent!, silent!, '--gate', '5%')).code, 0, 'where nothing is timed all else counts')
  const brief = file('brief.json', { seconds: steady(2, 0, 1, 1), lost: 5 })
  const early = await run('compare', brief, brief, '--gate', '5%')
  t.match(
    [early.code, early.stderr],
    [1, /--gate cannot judge: each side needs at least 5 seconds in which something was measured\n$/],
  )
})

t.test('merge, compare: a report that was edited, or damaged, is none: with its name, and the place', async t => {
  const good = madeReport({ seconds: [[1]] })
  const sound = file('sound.json', JSON.stringify(good))
  const bad = file('damaged.json', JSON.stringify({ ...good, counts: { ...good.counts, received: -5 } }))
  const told =
    /damaged\.json is no report .* \(report\.counts\.received: expected a whole number from 0 on, got -5\); framewright/
  for (const args of [
    ['merge', bad],
    ['compare', bad, sound, '--gate', '5%'],
    ['compare', sound, bad],
  ]) {
    const { code, stdout, stderr } = await run(...args)
    t.match([code, stdout, stderr], [2, '', told])
  }
  const few = { ...good, shards: { count: 1e9, indexes: [0, 2], apart: 0 } }
  const { stderr } = await run('merge', file('few.json', JSON.stringify(few)))
  t.match(stderr, /careful: shards are missing: 2\/1000000000, 4\/\d+, .* 22\/1000000000, and 999999978 more\n/)
})

t.test('merge, compare: what is read is not written over, however its path is spelt', async t => {
  const [before, after] = ['kept.json', 'other.json'].map(name => file(name, { seconds: [[1]] })) as [string, string]
  const spelt = `${folder}/x/.././kept.json`
  for (const args of [
    ['compare', before, after, '--html', spelt],
    ['compare', after, `${after},${before}`, '--html', before],
    ['merge', before, '--json', spelt],
    ['merge', before, '--hgrm', before],
  ]) {
    const { code, stdout, stderr } = await run(...args)
    t.match([code, stdout, stderr], [2, '', /--\w+: \S+ is read: it would be lost\n$/])
  }
  t.match(JSON.parse(readFileSync(before, 'utf8')), { format: 'framewright-load' })
})

t.test('compare: short runs, nothing before, and mistakes', async t => {
  const short = file('short.json', { seconds: steady(2, 10, 1, 1) })
  const lossy = file('lossy.json', { seconds: steady(2, 10, 1, 1), lost: 10 })
  t.match(
    (await run('compare', short, lossy)).stdout,
    /\| not answered \| 0 % \| 50 % \| from nothing \| too short to say \| {2}\| {2}\|\n$/,
  )
  const gated = await run('compare', short, lossy, '--gate', '5%')
  t.equal(gated.code, 1)
  t.match(gated.stderr, /framewright: --gate cannot judge: each side needs at least 5 seconds/)
  const rows: [string[], RegExp][] = [
    [[short], /which reports\? framewright load compare before\.json after\.json/],
    [[short, short, short], /unexpected argument \S+; several runs of a side: a\.json,b\.json/],
    [[short, short, '--gate', 'much'], /--gate "much" is not a share such as 5%/],
  ]
  for (const [args, message] of rows) {
    const { code, stderr } = await run('compare', ...args)
    t.equal(code, 2)
    t.match(stderr, message)
  }
})

t.test('find: the rate, and each run on stderr', async t => {
  const server = await serve(t, echo)
  const brief = ['--duration', '50ms', '--warm-up', '0', '--connections', '1', '--from', '20/s', '--to', '20']
  const none = await run('find', server.url, ...brief, '--slo', 'rtt.count < 0', '--quiet')
  // A busy machine may keep the generator from keeping up.
  const [code, stdout] = none.code === 3 ? [3, /^nothing can be said of the server/] : [1, /^no rate holds: the server/]
  t.match(none, { code, stdout, stderr: '' })
  const told = await run('find', server.url, ...brief, '--slo', 'rtt.count < 0', '--precision', '10%', '--json')
  t.match(told.stderr, /^20\/s {2}does not hold {2}rtt p99 [\d.]+ ms\n {2}- rtt\.count < 0 does not hold: it was 1\n/)
  const found = JSON.parse(told.stdout) as FoundRate
  t.equal(found.rate, 0)
  t.match(found.steps[0]?.report.counts, { received: 1 })
})

t.test('find: what is known beforehand is told once, before the first run', async t => {
  const server = await serve(t, echo)
  const brief = ['--duration', '20ms', '--warm-up', '0', '--connections', '2', '--threads', '3', '--from', '100']
  const { stderr } = await run('find', server.url, ...brief, '--slo', 'rtt.count < 0')
  t.match(stderr, /^2 threads instead of 3: no more can share 2 connections\n100\/s {2}does not hold/)
  t.equal(stderr.split('instead of').length, 2)
  t.match(stderr, /^50\/s {2}does not hold/m)
})

t.test('find: what is told of a rate that holds, and of one that does not', async t => {
  const holding: RateStep = { rate: 1234.5, holds: true, reasons: [], report: madeReport({ seconds: [[1, 2]] }) }
  t.equal(stepLine(holding), '1,234/s  holds  rtt p99 2.00 ms')
  const failing: RateStep = { rate: 50, holds: false, reasons: ['a', 'b'], report: madeReport({ seconds: [[]] }) }
  t.equal(stepLine(failing), '50/s  does not hold\n  - a\n  - b')
  const refused = { ...failing, report: madeReport({ seconds: [[]], errors: ['refused with 503'] }) }
  t.equal(stepLine(refused), '50/s  does not hold\n  - a\n  - b\n  - 1 error: refused with 503: of refused with 503')
  const unsent = { ...failing, report: { ...refused.report, errors: [{ kind: 'not sent', count: 2, example: '' }] } }
  t.match(stepLine(unsent), /\n {2}- 2 errors: not sent$/, 'nothing else is known of it')
  t.equal(stepLine({ ...refused, holds: true, reasons: [] }), '50/s  holds')
  const late = madeReport({ seconds: [[1, 2]], stages: { lateness: [3] }, options: { rate: 2 } })
  t.equal(
    stepLine({ ...holding, report: late }),
    '1,234/s  holds  rtt p99 2.00 ms\n  - in spite of the generator: half of all messages left 3.00 ms or more after the plan',
  )
  const found: FoundRate = { rate: 1234.5, limit: 'server', steps: [holding, failing] }
  t.equal(conclusion(found), '1,234 messages a second; the server does not hold more\n')
  t.equal(exitCodeOf(found), 0)
  const bound = { ...failing, report: madeReport({ seconds: [[1]], busy: 1 }) }
  const untold: FoundRate = { rate: 0, limit: 'generator', steps: [{ ...bound, rate: 1000 }, bound, bound] }
  t.equal(
    conclusion(untold),
    'nothing can be said of the server: the generator was the bottleneck at 1,000/s and at 50/s\n' +
      'give this machine less to do, or use more --threads, another machine, or a lower --from\n',
  )
  const least = conclusion({ ...untold, steps: [bound, { ...bound, rate: 1 }] })
  t.match(least, /at 50\/s and at 1\/s\ngive .*, or use more --threads or another machine\n$/, 'none is lower')
  t.equal(exitCodeOf(untold), 3)
  t.equal(exitCodeOf({ rate: 0, limit: 'server', steps: [failing] }), 1)
  const ended: FoundRate = { rate: 50, limit: 'unreachable', steps: [refused] }
  t.equal(conclusion(ended), '50 messages a second; the server has ended\n')
  t.equal(conclusion({ ...ended, rate: 0 }), 'no rate holds: the server has ended\n')
  t.equal(exitCodeOf(ended), 4)
  const early: FoundRate = { rate: 0, limit: 'interrupted', steps: [failing] }
  t.equal(conclusion(early), 'no rate has held yet: the search was ended before its time\n')
})

t.test('find: a rate is never told as more than was tried', async t => {
  const report = madeReport({ seconds: [[1]] })
  for (const [rate, text] of [
    [1.04, '1.04'],
    [1.15, '1.15'],
    [1.999, '1.99'],
    [50.7, '50.7'],
    [99.99, '99.9'],
    [100.9, '100'],
    [12_345.6, '12,345'],
  ] as const) {
    const step = { rate, holds: true, reasons: [], report }
    t.match(stepLine(step), new RegExp(`^${text.replaceAll('.', '\\.')}/s {2}holds`))
    t.match(conclusion({ rate, limit: 'maximum', steps: [step] }), new RegExp(`^${text} messages a second; `))
  }
})

t.test('find: of connections the rate is one of connections, and the time is theirs', async t => {
  const options = { workload: 'connect', rate: 40 } as const
  const report = madeReport({ seconds: [[]], stages: { connect: [3, 3] }, options })
  const step = { rate: 40, holds: true, reasons: [], report }
  t.equal(stepLine(step), '40/s  holds  connect p99 3.00 ms')
  t.match(conclusion({ rate: 40, limit: 'server', steps: [step] }), /^40 connections a second; /)
})

t.test('find: nobody listens, and mistakes', async t => {
  // Port 1 is nobody's.
  const gone = 'ws://127.0.0.1:1'
  const args = ['--duration', '1ms', '--warm-up', '0', '--connections', '1', '--from', '1', '--to', '1', '--quiet']
  t.equal((await run('find', gone, ...args, '--slo', 'rtt.p99 < 1s')).code, 4)
  const rows: [string[], RegExp][] = [
    [[], /find needs a URL/],
    [['ws://a', 'b'], /unexpected argument b/],
    [
      ['chat.yaml'],
      /find needs a URL: the rates of chat\.yaml are those of its phases; framewright load chat\.yaml runs it/,
    ],
    [['ws://a'], /--slo is a list of conditions, at least one/],
    [['ws://a', '--slo', 'rtt < 1'], /--slo "rtt < 1": rtt needs a figure/],
    [['ws://a', '--slo', 'tls.p99 < 1s'], /--slo "tls\.p99 < 1s": this load never measures tls/],
    [
      ['ws://a', '--slo', 'rtt.p99 < 1s', '--from', '2', '--to', '1'],
      /--from and --to are rates from 1 to 10000000, the lower /,
    ],
    [['ws://a', '--slo', 'rtt.p99 < 1s', '--from', 'slow'], /--from "slow" is not a rate such as 1000\/s/],
    [['ws://a', '--slo', 'rtt.p99 < 1s', '--to', '50%'], /--to "50%" is not a rate such as 1000\/s/],
    [
      ['ws://a', '--slo', 'rtt.p99 < 1s', '--precision', '0.05'],
      /--precision "0\.05" is not a share from 0\.1% to below 100%, such as 5%/,
    ],
    [['ws://a', '--slo', 'rtt.p99 < 1s', '--precision', '100%'], /--precision "100%" is not a share/],
    [['ws://a', '--slo', 'rtt.p99 < 1s', '--precision', '0%'], /--precision "0%" is not a share/],
    [['ws://a', '--slo', 'lost <= 0', '-w', 'storm'], /--workload "storm" is not 'echo', .*'download' or 'mixed'/],
    [['ws://a', '--rate', '1'], /unknown option --rate/],
  ]
  for (const [args, message] of rows) {
    const { code, stderr } = await run('find', ...args)
    t.equal(code, 2)
    t.match(stderr, message)
  }
})

t.test('what is exited with where stdout takes nothing, --help says', async t => {
  const server = await serve(t, echo)
  const report = file('unprinted.json', { seconds: [[1]] })
  const brief = ['--slo', 'lost <= 0', '--from', '20', '--to', '20', '--duration', '50ms', '--warm-up', '0', '--quiet']
  for (const [name, ...args] of [
    ['find', server.url, ...brief],
    ['compare', report, report],
    ['merge', report],
  ] as const) {
    const terminal = new FakeTerminal()
    terminal.stdout.refuse('ENOSPC')
    t.equal(await main(['load', name, ...args], terminal), 5, name)
    t.match((await run(name, '--help')).stdout, /^ {2}5 {4}stdout cannot be written to: /m)
  }
})

t.test('find: Ctrl-C', async t => {
  const terminal = new FakeTerminal()
  const server = await serve(t, () => terminal.interrupt())
  const args = ['--duration', '1h', '--connections', '1', '--warm-up', '0', '--slo', 'lost <= 0', '--drain', '0']
  t.equal(await main(['load', 'find', server.url, ...args], terminal), 130)
  t.equal(terminal.stdout.text, 'nothing is known yet: the search was ended before its first run was over\n')
  t.equal(terminal.interruptible, 0)
})

t.test('find: a second Ctrl-C cuts the connections', async t => {
  const terminal = new FakeTerminal()
  // The first Ctrl-C alone would wait for an answer to its Close frame.
  const twice = () => [terminal.interrupt(), terminal.interrupt()]
  const server = await serve(t, stallingUntil(twice))
  const args = ['--duration', '1h', '--connections', '4', '--warm-up', '0', '--slo', 'lost <= 0', '--drain', '1h']
  t.equal(await main(['load', 'find', server.url, ...args], terminal), 130)
  t.equal(terminal.interruptible, 0)
})

t.test('help of each', async t => {
  for (const name of ['find', 'compare', 'merge']) {
    const { stdout } = await run(name, '--help')
    t.match(stdout, new RegExp(`^Usage: framewright load ${name} `))
    t.same(
      stdout.split('\n').filter(line => line.length > 120),
      [],
    )
  }
  t.match((await run('--help')).stdout, /\nCommands:\n {2}find +finds .*\n {2}compare .*\n {2}merge /)
})

t.test('find: a server whose metrics cannot be had says so while it runs', async t => {
  const server = await serve(t, echo)
  const url = 'http://127.0.0.1:1/metrics'
  const options = ['--from', '50', '--to', '50', '--duration', '100ms', '--warm-up', '0', '--server-metrics', url]
  const { stderr } = await run('find', server.url, '--slo', 'lost <= 0', ...options)
  t.match(stderr, /^the server's metrics at http:\/\/127\.0\.0\.1:1\/metrics cannot be had: bad port$/m)
})
