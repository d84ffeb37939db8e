/** What a command line makes of options, and what is wrong with it. */
import t from 'tap'
import { parseArguments } from '../../../src/cli/arguments.js'
import { loadOptions, parseLoad } from '../../../src/cli/load/load-arguments.js'
import { parseRate } from '../../../src/cli/load/rate-argument.js'
import { main } from '../../../src/cli/main.js'
import { count, milliseconds, period, rate, sparkline } from '../../../src/load/figures.js'
import { FakeTerminal } from '../fake-terminal.js'

t.test('options become those of the API', async t => {
  const rows: [string[], object][] = [
    [[], { connections: undefined, rate: undefined, burst: undefined, text: false, failIf: [], abortOnFail: false }],
    [['-c', '7', '-t', '2', '-r', '9/s', '-d', '1min'], { connections: 7, threads: 2, rate: 9, duration: 60_000 }],
    [['--pipeline', '4', '--burst', '--text'], { pipeline: 4, burst: true, text: true }],
    [['--reply-timeout', '2s'], { replyTimeout: 2000 }],
    [['--warm-up', '0', '--drain', '0', '--seed', '0', '--opening', '9'], { warmUp: 0, drain: 0, seed: 0, opening: 9 }],
    [['--size', '0'], { size: 0 }],
    [['--size', '1KiB', '--arrival', 'poisson'], { size: 1024, arrival: 'poisson' }],
    [['--shard', '2/5'], { shard: { index: 1, count: 5 } }],
    [['--start-at', '1970-01-01T00:00:01Z'], { startAt: 1000 }],
    [
      ['--source-addresses', '127.0.0.254-127.0.1.1'],
      { sourceAddresses: ['127.0.0.254', '127.0.0.255', '127.0.1.0', '127.0.1.1'] },
    ],
    [['--source-addresses', '::1, 10.0.0.1'], { sourceAddresses: ['::1', '10.0.0.1'] }],
    [['--server-cgroup', '/a'], { serverCgroup: '/a', serverMetrics: undefined }],
    [
      ['--server-metrics', 'http://a/b', '--server-metric', 'c', '--server-metric', 'd_*'],
      { serverMetrics: { url: new URL('http://a/b'), metrics: ['c', 'd_*'] } },
    ],
    [['--fail-if', 'a', '--fail-if', 'b', '--abort-on-fail'], { failIf: ['a', 'b'], abortOnFail: true }],
    [['--socket', '/s', '-H', 'a: b'], { connect: { socketPath: '/s', headers: [['a', 'b']], http: true } }],
    [['-w', 'broadcast', '--others'], { workload: 'broadcast', toSender: false, request: undefined }],
    [
      ['--workload', 'storm', '--backoff', '1s', '--wait-for-cut'],
      { backoff: { first: 1000, longest: 1000 }, cutAll: false },
    ],
    [['--backoff', '0..1min'], { backoff: { first: 0, longest: 60_000 } }],
    [
      ['-w', 'request', '--message', '{id}', '--reply-id', '(.*)', '--replies', '2'],
      { request: { message: '{id}', replyId: '(.*)', replies: 2 } },
    ],
    [['--message', 'x'], { request: { message: 'x', replyId: undefined, replies: undefined } }],
    [['--slow-readers', '5%', '--half-open', '0.5%'], { badPeers: { slowReaders: 0.05, halfOpen: 0.005 } }],
    [['--rate', '2/s', '--per-connection'], { rate: 2, perConnection: true }],
    [['--slow-writers', '5%'], { badPeers: { slowWriters: 0.05 } }],
    [['--random', '30%'], { randomness: 0.3 }],
    [['--random', '100%'], { randomness: 1 }],
    [
      ['-w', 'mixed', '--mix', '80 echo 1KiB', '--mix', '15% upload', '--mix', '5 download {"get": "all"}'],
      {
        workload: 'mixed',
        mix: [
          { share: 80, workload: 'echo', size: 1024 },
          { share: 15, workload: 'upload' },
          { share: 5, workload: 'download', request: { message: '{"get": "all"}' } },
        ],
      },
    ],
    [['--mix', '1 request'], { mix: [{ request: { message: '' } }] }],
    [['--deflate'], { connect: { perMessageDeflate: {} } }],
  ]
  for (const [args, options] of rows)
    t.match(await parseLoad(parseArguments(args, loadOptions)), options, args.join(' '))
})

t.test('rates', async t => {
  const rows: [string, ReturnType<typeof parseRate>][] = [
    ['1000', 1000],
    ['0.5/s', 0.5],
    ['100/s:10s', [{ from: 100, to: 100, duration: 10_000 }]],
    [
      '0..5000/s:30s, 5000:1min,10:1s',
      [
        { from: 0, to: 5000, duration: 30_000 },
        { from: 5000, to: 5000, duration: 60_000 },
        { from: 10, to: 10, duration: 1000 },
      ],
    ],
  ]
  for (const [text, wanted] of rows) t.same(parseRate(text), wanted, text)
})

const mistakes: [string[], RegExp][] = [
  [[], /^load needs a URL, such as ws:\/\/localhost:9001, or a scenario file$/],
  [['ws://a', 'b'], /^unexpected argument b$/],
  [['localhost:1'], /; did you mean ws:\/\/localhost:1\?$/],
  [['ws://a', '--resetting', '5'], /^--resetting "5" is not a share below 100%, such as 5%$/],
  [
    ['ws://a', '--size', '2KiB', '--max-message', '1KiB'],
    /^messages of 2,048 octets come back as long, and none over 1,024 is taken: give a higher --max-message$/,
  ],
  [['ws://a', '--mix', 'echo'], /^--mix "echo" is no share and a workload, such as '80 echo 128'$/],
  [['ws://a', '--mix', '1 idle'], /^--mix "idle" is (none|neither|not)/],
  [['ws://a', '--rate', 'fast'], /^--rate "fast" is neither a rate/],
  [['ws://a', '--rate', '1..2'], /^--rate "1\.\.2" is neither/],
  [['ws://a', '--rate', '1:1s,2'], /^--rate "1:1s,2" is neither/],
  [['ws://a', '--rate', '1:2y'], /^--rate "2y" is not a time/],
  [['ws://a', '--rate', '0'], /^--rate is a positive number/],
  [
    ['ws://a', '--rate', '1', '--pipeline', '2'],
    /^--pipeline, --burst and --reply-timeout are for loads without a --rate$/,
  ],
  [['ws://a', '--arrival', 'normal'], /^--arrival "normal" is not 'constant' or 'poisson'$/],
  [['ws://a', '--size', 'big'], /^--size "big" is not a size/],
  [['ws://a', '--connections', '0'], /^--connections "0" is not a whole number from 1 to 10000000$/],
  [['ws://a', '--shard', '6/5'], /^--shard "6\/5" is not a share/],
  [['ws://a', '--shard', '0/5'], /^--shard "0\/5" is not a share/],
  [['ws://a', '--shard', 'x'], /^--shard "x" is not a share/],
  [['ws://a', '--start-at', 'noon'], /^--start-at "noon" is not a time/],
  [['ws://a', '--start-at', '2026-99-99T12:00:00Z'], /^--start-at "2026-99/],
  [['ws://a', '--source-addresses', '127.0.0.9-127.0.0.2'], /is not a range such as 127/],
  [['ws://a', '--source-addresses', '127.0.0.1-::1'], /is not a range/],
  [['ws://a', '--source-addresses', '0.0.0.0-1.0.0.0'], /is not a range/],
  [['ws://a', '--source-addresses', '1.1.1.256-1.1.2.0'], /is not a range/],
  [['ws://a', '--source-addresses', 'a'], /^--source-addresses: "a" is no IP address$/],
  [
    ['ws://a', '--source-addresses', '127.0.0.2', '--socket', '/s'],
    /^--source-addresses with --socket: a unix socket has no addresses$/,
  ],
  [['ws://a', '--abort-on-fail'], /^--abort-on-fail needs a condition that may end the run: --fail-if$/],
  [['ws://a', '--fail-if', 'rtt > 1'], /^--fail-if "rtt > 1": rtt needs a figure/],
  [['ws://a', '--random', '101%'], /^--random "101%" is not a share up to 100%, such as 5%$/],
  [['ws://a', '--slow-writers', '100%'], /^--slow-writers "100%" is not a share below 100%, such as 5%$/],
  [['ws://a', '--workload', 'chat'], /^--workload "chat" is not 'echo', 'request', /],
  [['ws://a', '--fail-if', 'rt.p99 > 1ms'], /^--fail-if "rt\.p99 > 1ms": there is no rt; did you mean rtt\?$/],
  [['ws://a', '--fail-if', 'x: rtt.p99 > 1ms'], /^--fail-if "x: .*": there is no class x in this load; it has none$/],
  [
    ['ws://a', '--fail-if', 'tls.p99 > 1ms'],
    /^--fail-if .*: this load never measures tls; it measures dns, tcp, upgrade, /,
  ],
  [['ws://a', '-w', 'request'], /^the workload request needs a --message, such as {"id":"{id}"}$/],
  [['ws://a', '-w', 'request', '--message', 'x', '--reply-id', '('], /^--reply-id: Invalid regular expression: /],
  [['ws://a', '--backoff', '1s'], /^--backoff and --wait-for-cut are for the workload storm$/],
  [['ws://a', '--others'], /^--others is for the workload broadcast$/],
  [['ws://a', '--server-pid', '99999999'], /^--server-pid 99999999: there is no such process/],
  [['ws://a', '--server-metrics', 'localhost:9000'], /^--server-metrics "localhost:9000" is not a URL such as http:/],
  [['ws://a', '--server-metrics', 'http://a:b'], /^--server-metrics "http:\/\/a:b" is not a URL such as http:/],
  [['ws://a', '--server-metric', 'a'], /^--server-metric needs --server-metrics: where the server has its metrics$/],
  [
    ['ws://a', '--server-metrics', 'http://a', '--server-metric', 'a b'],
    /^--server-metrics: "a b" is no metric such as nodejs_gc_\* or http_requests_total\{code="500"\}$/,
  ],
  [['ws://a', '--server-cgroup', '/none'], /^--server-cgroup \/none: there is no such control group of version 2/],
  [['ws://a', '--fail-if', 'server.threads > 9'], /its server; say --server-pid or --server-cgroup$/],
  [
    ['ws://a', '--slow-readers', '60%', '--half-open', '50%'],
    /^--slow-readers, --slow-writers, --half-open and --resetting are all of the connections: none is left that behaves$/,
  ],
  [['ws://a', '--slow-readers', '1%'], /^--slow-readers have none of 10 connections$/],
  [['ws://a', '--replies', '2'], /^--reply-id and --replies need a --message$/],
  [['ws://a', '--backoff', '1s..2s..3s'], /^--backoff "1s\.\.2s\.\.3s" is not two times such as 100ms\.\.10s$/],
  [['ws://a', '--backoff', '1s..'], /^--backoff "" is not a time/],
  [['ws://a', '--subprotocol', 'a b'], /^--subprotocol "a b" is not one name/],
]
for (const [args, message] of mistakes) {
  t.test(`mistake: ${args.join(' ')}`, async t => {
    const terminal = new FakeTerminal()
    t.equal(await main(['load', ...args], terminal), 2)
    t.match(terminal.stderr.text.replace(/^framewright: |\n$/g, ''), message)
    t.equal(terminal.stdout.text, '')
  })
}

t.test('help has the conditions, the shards, exit codes and examples, and fits into 120 columns', async t => {
  const terminal = new FakeTerminal()
  t.equal(await main(['load', '--help'], terminal), 0)
  for (const heading of ['Options', 'Workloads', 'Conditions', 'Several machines', 'Exit codes', 'Examples']) {
    t.match(terminal.stdout.text, `\n${heading}`)
  }
  t.same(
    terminal.stdout.text.split('\n').filter(line => line.length > 120),
    [],
  )
})

t.test('figures for people', async t => {
  t.same([0, 1234567.8].map(count), ['0', '1,234,568'])
  t.same([0.5, 2.25, 3, 100, 1234.5].map(rate), ['0.5/s', '2.3/s', '3/s', '100/s', '1,235/s'])
  t.same([0, 0.1234, 1.234, 12.34, 123.4, 1234].map(milliseconds), ['0.000', '0.123', '1.23', '12.3', '123', '1,234'])
  t.same([200, 1000, 1250, 90_000].map(period), ['200 ms', '1 s', '1.3 s', '90 s'])
  t.same([sparkline([0, 0]), sparkline([0, 1, 7, 3.5])], ['▁▁', '▁▂█▅'])
})
