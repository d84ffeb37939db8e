/** Amounts that make no sense: each is refused in words before the run, or done; none ends in what a stack would tell. */
import t from 'tap'
import { loadOptions } from '../../../src/cli/load/load-arguments.js'
import { main } from '../../../src/cli/main.js'
import { load as loaded } from '../../../src/load.js'
import { echo, serve } from '../../load/known-servers.js'
import { FakeTerminal } from '../fake-terminal.js'

const digits = '9'.repeat(15)
const count = (least: number, most: number) => new RegExp(`is not a whole number from ${least} to ${most}\n`)
const time = (least: number) => new RegExp(`is not a time from ${least}ms to 576h `)
const size = /is not a size from 0 to 1GiB \(128, 64KiB, 1MiB, …\)\n/
const rate = /--rate is a positive number, or segments of positive ones, and at most 10000000 in all\n/
const share = (upTo: 'below' | 'up to') => new RegExp(`is not a share ${upTo} 100%, such as 5%\n`)

/** What is given, and what is said of it: undefined where it is done. */
type Row = readonly [value: string, says: RegExp | undefined, ...beside: string[]]

const asking = ['-w', 'request', '--message', '{}']

const absurd: Readonly<Record<string, readonly Row[]>> = {
  connections: [
    [digits, count(1, 10_000_000)],
    ['0', count(1, 10_000_000)],
  ],
  threads: [
    [digits, count(1, 256)],
    ['0', count(1, 256)],
  ],
  pipeline: [
    [digits, count(1, 100_000)],
    ['100001', count(1, 100_000)],
    ['0', count(1, 100_000)],
  ],
  replies: [
    [digits, count(1, 1_000_000), ...asking],
    ['0', count(1, 1_000_000), ...asking],
    // None but the first one comes.
    ['1000000', undefined, ...asking],
  ],
  opening: [
    [digits, undefined],
    [digits, undefined, '--resetting', '50%', '-c', '2'],
    ['0', /is not a whole number from 1 on\n/],
  ],
  seed: [
    [digits, undefined],
    [digits, undefined, '-w', 'mixed', '--mix', '1 echo', '-r', '9', '--arrival', 'poisson'],
    ['-1', /is not a whole number from 0 on\n/],
  ],
  size: [
    ['5GiB', size],
    ['5GiB', size, '-w', 'storm'],
    [digits, size],
    ['-1', size],
    ['0', undefined],
  ],
  mix: [
    ['1 echo 5GiB', size, '-w', 'mixed'],
    ['1 upload -1', size, '-w', 'mixed'],
    ['1 echo 0', undefined, '-w', 'mixed'],
    [`${digits}${digits} echo`, undefined, '-w', 'mixed'],
    ['0 echo', /^framewright: --mix is a list of parts, each of a share, /, '-w', 'mixed'],
  ],
  rate: [
    [digits, rate],
    ['10000001', rate],
    ['0', rate],
    [`0.${'0'.repeat(300)}1`, undefined],
    [`1:${digits}h`, time(1)],
    ['1:577h', time(1)],
    ['1:0', time(1)],
  ],
  duration: [
    [`${digits}h`, time(1)],
    ['577h', time(1)],
    ['576h', /^framewright: the load would last 24.0 days, and the most is 24 days: /, '--warm-up', '1s'],
    ['0', time(1)],
  ],
  'warm-up': [
    [`${digits}h`, time(0)],
    ['576h', /^framewright: the load would last 24\.\d days, and the most is 24 days: /],
  ],
  drain: [[`${digits}h`, time(0)]],
  'reply-timeout': [
    [`${digits}h`, time(1)],
    ['576h', undefined],
    ['0', time(1)],
  ],
  backoff: [
    [`1ms..${digits}h`, time(0), '-w', 'storm'],
    ['577h', time(0), '-w', 'storm'],
    ['2s..1s', undefined, '-w', 'storm'],
  ],
  timeout: [
    [`${digits}h`, /is not a time from 1ms to 596h .* or 'off'\n/],
    ['596h', undefined],
  ],
  'max-message': [
    [digits, undefined],
    ['0', /is not a size of at least one octet /],
  ],
  'deflate-options': [
    [`window_memory=${digits}GiB`, /is not a size of at least one octet /, '--deflate'],
    [`window_memory=${digits}`, undefined, '--deflate'],
    [`release_after=${digits}h`, /is not a time from 1ms to 596h .* or 'off'\n/, '--deflate'],
  ],
  random: [[`${digits}%`, share('up to')]],
  'slow-readers': [['99.9999%', share('below')]],
  'slow-writers': [['-1%', share('below')]],
  'half-open': [[`${digits}%`, share('below')]],
  resetting: [
    ['0.0000001%', /^framewright: --resetting have none of 1 /],
    ['99%', /none is left that behaves\n/, '--half-open', '99%'],
  ],
  shard: [
    ['1/999999', /^framewright: 999999 shards need as many --connections\n/],
    [`1/${digits}`, /is not a share of several, such as 1\/5 … 5\/5\n/],
  ],
  'start-at': [
    ['9999-12-31T00:00:00Z', /^framewright: --start-at is too far away: /],
    ['0000-01-01T00:00:00Z', /is not a time such as 2026-01-31T12:00:00Z\n/],
  ],
  'source-addresses': [['0.0.0.0-255.255.255.255', /is not a range such as 127\.0\.0\.2-127\.0\.0\.9\n/]],
  'server-pid': [
    [digits, /there is no such process/],
    ['0', /is not a whole number from 1 on\n/],
  ],
}

t.test('all options that take an amount are here', async t => {
  const amounts = /^(?:N|I\/N|PID|SIZE|TIME|TIME\.\.TIME|RATE|SHARE|PART|LIST)$/
  const options = Object.entries(loadOptions).filter(([, { value = '' }]) => amounts.test(value))
  t.same(Object.keys(absurd).sort(), options.map(([name]) => name).sort())
})

// What is given twice is refused for that.
const brief = { connections: '1', 'warm-up': '0', duration: '20ms', drain: '20ms' }
for (const [option, rows] of Object.entries(absurd)) {
  t.test(`--${option} is refused with exit code 2, or done`, async t => {
    const { url } = await serve(t, echo)
    for (const [value, says, ...beside] of rows) {
      const given = [`--${option}`, ...beside]
      const others = Object.entries(brief).filter(([name]) => {
        if (given.includes(`--${name}`) || (name === 'connections' && given.includes('-c'))) return false
        return !(name === 'duration' && value.includes(':'))
      })
      const terminal = new FakeTerminal()
      const args = [...others.flatMap(([name, value]) => [`--${name}`, value]), ...beside, `--${option}=${value}`]
      const code = await main(['load', url, '-q', ...args], terminal)
      t.equal(code, says === undefined ? 0 : 2, args.join(' '))
      if (says !== undefined) t.match(terminal.stderr.text, says)
    }
  })
}

t.test('programs are told, too', async t => {
  const request = { message: '{}', replies: 1_000_001 }
  const rows: [object, RegExp][] = [
    [{ size: 2 ** 30 + 1 }, /^size is a whole number from 0 to 1073741824$/],
    [
      { workload: 'mixed', mix: [{ share: 1, workload: 'echo', size: 2 ** 30 + 1 }] },
      /^size is a whole number from 0 /,
    ],
    [{ workload: 'mixed', mix: [{ share: 1, workload: 'request', request }] }, /^request is an object /],
    [{ pipeline: 100_001 }, /^pipeline is a whole number from 1 to 100000$/],
    [{ workload: 'request', request }, /^request is an object .*, at most 1000000$/],
  ]
  for (const [options, message] of rows) {
    await t.rejects(loaded('ws://127.0.0.1:1', options), { code: 'WS_INVALID_OPTION', message })
  }
})
