/** What the reporter of the tests tells: every failure whole and, at the end, in short; the counts that tap gave. */
import { once } from 'node:events'
import type { Transform } from 'node:stream'
import t from 'tap'

const url = new URL('../../test/reporter.mjs', import.meta.url)
const { default: Reporter } = (await import(url.href)) as { default: new () => Transform }

/** What is printed of the output of tap, which comes in pieces of so many characters. */
async function report(tap: string, size = tap.length): Promise<string> {
  const reporter = new Reporter()
  let text = ''
  reporter.setEncoding('utf8').on('data', (part: string) => (text += part))
  for (let at = 0; at < tap.length; at += size) reporter.write(tap.slice(at, at + size))
  reporter.end()
  await once(reporter, 'end')
  return text
}

const passing = `# Subtest: build/test/a.test.js
    # Subtest: 5.5-1 a title
        ok 1 - one
        ok 2 - two # SKIP no peer
        1..2
    ok 1 - 5.5-1 a title # time=1ms
    1..1
ok 1 - build/test/a.test.js # time=2ms
`

/** A file with failures: the names of assertions, each with a difference of so many lines. */
function failing(names: readonly string[], lines: number): string {
  const point = (name: string) => `        not ok 1 - ${name}
          ---
          diff: |
            --- expected
${'            +x\n'.repeat(lines)}          at:
            fileName: test/b.test.ts
            lineNumber: 7
          stack: |
            Test.<anonymous> (test/b.test.ts:7:3)
          source: >
            left out
          ...
`
  return `# Subtest: build/test/b.test.js
    # Subtest: outer
${names.map(point).join('')}        1..${names.length}
    not ok 1 - outer # time=1ms
      ---
      at:
        fileName: build/test/b.test.js
      ...
    1..1
not ok 2 - build/test/b.test.js # time=2ms
  ---
  exitCode: 1
  ...
`
}

const killed = `# Subtest: build/test/c.test.js
    a line that is no TAP
not ok 3 - build/test/c.test.js # time=3ms
  ---
  command: node
  exitCode: null
  signal: SIGKILL
  ...
`

/** A process that runs these files, of which it names each. */
function together(files: readonly [path: string, tap: string][], end: string): string {
  const inside = files.map(([path, tap]) => {
    const lines = tap.split('\n')
    return [`    # build/test/${path}`, ...lines.slice(1, lines.lastIndexOf('    1..1')), ''].join('\n')
  })
  return `# Subtest: build/test/grouped/1.js\n${inside.join('')}    1..2\n${end}`
}

const head = 'TAP version 14\n1..3\n'

t.test('what passed is a line, what was skipped is told with its reason, the counts are those of tap', async t => {
  const printed = await report(`${head}${passing}# { total: 2, pass: 1, skip: 1 }\n# time=9ms\n`)
  const lines = [
    '[1/3] ok   a.test.js (2 assertions, 2ms)',
    'skipped: a.test.js > 5.5-1 a title > two: no peer',
    '1 skipped',
    '1 passed, 0 failed',
    '',
  ]
  t.equal(printed, lines.join('\n'))
})

t.test(
  'a failure is told whole where it stands, and again before the counts: file, name, place, difference',
  async t => {
    const tap = `${head}${passing}${failing(['is wrong'], 1)}${killed}# { total: 4, pass: 1, fail: 2, skip: 1 }\n`
    const printed = await report(tap)
    const [whole = '', list] = printed.split('failed:\n')
    t.match(whole, /FAIL b\.test\.js \(2ms\)\n {2}not ok: outer > is wrong\n.*stack: \|.*left out/s)
    t.notMatch(whole, /not ok: outer\n/, 'a test that failed by what is within it is not told twice')
    t.match(whole, /FAIL c\.test\.js \(3ms\)\n {4}a line that is no TAP\n/)
    const listed = [
      'b.test.js: outer > is wrong',
      '    at test/b.test.ts:7',
      '    diff: |',
      '    --- expected',
      '    +x',
      'c.test.js: no test of it failed, it ended badly',
      '    exitCode: null',
      '    signal: SIGKILL',
      '1 passed, 2 failed',
      '',
    ]
    t.equal(list, listed.join('\n'))
    t.equal(await report(tap, 7), printed, 'however it is cut')
  },
)

t.test('of a process that runs many files each is told', async t => {
  const ok = 'ok 1 - build/test/grouped/1.js # time=5ms\n'
  const passed = together(
    [
      ['a.test.js', passing],
      ['api/d.test.js', passing],
    ],
    ok,
  )
  t.equal(
    await report(`${head}${passed}`),
    [
      '[1/3] ok   grouped/1.js (4 assertions, 5ms)',
      '  a.test.js (2 assertions, 1ms)',
      '  api/d.test.js (2 assertions, 1ms)',
      'skipped: 2 tests: no peer',
      '0 passed, 0 failed',
      '',
    ].join('\n'),
  )
})

t.test('of a process that runs many files the one that failed is named, and where it ended', async t => {
  const end = 'not ok 1 - build/test/grouped/1.js # time=5ms\n  ---\n  exitCode: 1\n  ...\n'
  const failed = together(
    [
      ['a.test.js', passing],
      ['api/b.test.js', failing(['is wrong'], 1)],
      ['c.test.js', passing],
    ],
    end,
  )
  const printed = await report(`${head}${failed}`)
  t.match(printed, /^\[1\/3\] FAIL grouped\/1\.js \(5ms\)\n {2}not ok: outer > is wrong\n/)
  t.match(printed, /\nfailed:\napi\/b\.test\.js: outer > is wrong\n {4}at test\/b\.test\.ts:7\n/)
  const died = together(
    [
      ['a.test.js', passing],
      ['c.test.js', passing],
    ],
    end,
  )
  const list = ['failed:', 'grouped/1.js: no test of it failed, it ended badly at c.test.js', '    exitCode: 1']
  t.match(await report(`${head}${died}`), list.join('\n'))
})

t.test('the list is short, however much failed', async t => {
  const names = Array.from({ length: 40 }, (_, number) => `assertion ${number}`)
  const printed = await report(`${head}${failing(names, 30)}# { total: 40, fail: 40 }\n`)
  const list = printed.slice(printed.indexOf('failed:\n')).trimEnd().split('\n')
  t.equal(list.length, 63)
  t.same(list.slice(1, 13), [
    'b.test.js: outer > assertion 0',
    '    at test/b.test.ts:7',
    '    diff: |',
    '    --- expected',
    ...Array.from({ length: 7 }, () => '    +x'),
    '    …',
  ])
  t.same(list.slice(-2), ['… and 420 more lines: see above', '0 passed, 40 failed'])
})
