/** What is seen of a load while it runs. */
import t from 'tap'
import { announcement, LiveView } from '../../../src/cli/load/live-view.js'
import { loadSettings } from '../../../src/load/load-options.js'
import { type LoadSecond, secondOf } from '../../../src/load/report.js'
import { Tally } from '../../../src/load/tally.js'
import { FakeTerminal } from '../fake-terminal.js'

const url = 'ws://user:secret@127.0.0.1:1/?token=secret'

/** A second in which so many messages left, and one of each of these round trips came back. */
function second(number: number, warmUp: number, sent: number, rtt: readonly number[], lost = 0): LoadSecond {
  const tally = new Tally()
  const counted = number * 1000 < warmUp ? tally.warmUp : tally
  Object.assign(counted.counts, { sent, received: rtt.length, lost })
  for (const time of rtt) counted.times('rtt').record(time)
  return secondOf(tally, number, warmUp)
}

t.test('on a terminal: lines that are written over, in red what should not be', async t => {
  const terminal = new FakeTerminal({ isTTY: true })
  const view = new LiveView(terminal, { duration: 2000, warmUp: 1000 })
  const { stderr } = terminal
  view.add(second(0, 1000, 50, []))
  t.equal(
    stderr.text,
    '██████████␛[2m░░░░░░░░░░░░░░░░░░░░␛[22m 1 of 3 s  ␛[2mwarming up␛[22m\n' +
      'sent 50/s  received 0/s\nno replies\n▁ p99 of each second\n',
  )
  let seen = stderr.text.length
  view.add(second(1, 1000, 2000, [1, 2]))
  t.equal(
    stderr.text.slice(seen),
    '␛[4A␛[J████████████████████␛[2m░░░░░░░░░░␛[22m 2 of 3 s\n' +
      'sent 2,000/s  received 2/s\nrtt p50 1.00  p99 2.00  max 2.00 ms\n▁█ p99 of each second\n',
  )
  seen = stderr.text.length
  view.add(second(2, 1000, 2000, [1], 7))
  t.match(stderr.text.slice(seen), /^␛\[4A␛\[J█{30} 3 of 3 s {2}␛\[31mlost 7␛\[39m\n(.*\n){2}▁█▅ p99 of each second\n$/)
  seen = stderr.text.length
  view.note('something happened')
  t.equal(stderr.text.slice(seen), '␛[4A␛[J␛[2msomething happened␛[22m\n')
  view.add(second(2, 1000, 2000, [1], 7))
  seen = stderr.text.length
  view.end()
  t.equal(stderr.text.slice(seen), '␛[4A␛[J')
})

t.test('the warm-up is seen while it runs; what comes late of it is not', async t => {
  const terminal = new FakeTerminal()
  const view = new LiveView(terminal, { duration: 3000, warmUp: 1500 })
  const tally = new Tally()
  view.add(second(0, 1500, 10, [4], 1))
  Object.assign(tally.warmUp.counts, { sent: 5, received: 6 })
  Object.assign(tally.counts, { sent: 5, received: 4 })
  tally.warmUp.times('rtt').record(9)
  tally.times('rtt').record(2)
  const both = tally.take()
  for (const number of [1, 2]) {
    tally.add(both)
    view.add(secondOf(tally, number, 1500))
    tally.take()
  }
  t.equal(
    terminal.stderr.text,
    '1 s  sent 10/s  received 1/s  rtt p50 4.00  p99 4.00  max 4.00 ms  warming up  lost 1\n' +
      '2 s  sent 10/s  received 10/s  rtt p50 2.00  p99 2.00  max 2.00 ms  warming up\n' +
      '3 s  sent 5/s  received 4/s  rtt p50 2.00  p99 2.00  max 2.00 ms\n',
  )
})

t.test('a load that still sends what was due in the warm-up says so', async t => {
  const rows: [late: number, sent: number, said: RegExp][] = [
    [
      33_000,
      0,
      /^2 s {2}sent 0\/s {2}received 0\/s {2}no replies {2}behind the plan: still sends the warm-up's, sent 33,000\/s {2}received 7\/s\n$/,
    ],
    [50, 50, /^2 s {2}sent 50\/s {2}received 0\/s {2}no replies\n$/],
  ]
  for (const [late, sent, said] of rows) {
    const terminal = new FakeTerminal()
    const tally = new Tally()
    Object.assign(tally.warmUp.counts, { sent: late, received: 7 })
    Object.assign(tally.counts, { sent })
    new LiveView(terminal, { duration: 1000, warmUp: 1000 }).add(secondOf(tally, 1, 1000))
    t.match(terminal.stderr.text, said)
  }
})

t.test('a terminal that cannot go up: plain lines', async t => {
  const terminal = new FakeTerminal({ isTTY: true, env: { TERM: 'dumb' } })
  const view = new LiveView(terminal, { duration: 2000, warmUp: 0 })
  for (const number of [0, 1]) view.add(second(number, 0, 50, [1], 7))
  view.note('something happened')
  view.end()
  const line = 'sent 50/s  received 1/s  rtt p50 1.00  p99 1.00  max 1.00 ms  lost 7'
  t.equal(terminal.stderr.text, `1 s  ${line}\n2 s  ${line}\nsomething happened\n`)
})

t.test('a terminal that is narrower than the lines: all rows of them are written over', async t => {
  const terminal = new FakeTerminal({ isTTY: true })
  const view = new LiveView(terminal, { duration: 2000, warmUp: 0 })
  const { stderr } = terminal
  stderr.columns = 38
  view.add(second(0, 0, 50, [1]))
  let seen = stderr.text.length
  // The bar and what is behind it are 39, and colours are no columns; all others are less.
  view.add(second(1, 0, 50, [1]))
  t.match(stderr.text.slice(seen), /^␛\[5A␛\[J/)
  seen = stderr.text.length
  stderr.columns = 20
  view.end()
  t.equal(stderr.text.slice(seen), '␛[8A␛[J', 'it was made narrower')
})

t.test('the picture of the latency has the last thirty seconds', async t => {
  const terminal = new FakeTerminal({ isTTY: true })
  const view = new LiveView(terminal, { duration: 60_000, warmUp: 0 })
  for (let i = 0; i < 40; i++) view.add(second(i, 0, 1, [i < 10 ? 100 : 1]))
  t.match(terminal.stderr.text, /\n█{30} p99 of each second\n$/)
})

t.test('elsewhere: a line now and then, about twenty in all', async t => {
  const terminal = new FakeTerminal()
  const view = new LiveView(terminal, { duration: 39_000, warmUp: 1000 })
  for (let i = 0; i < 40; i++) view.add(second(i, 2000, 10, i < 2 ? [] : [1], i === 39 ? 1 : 0))
  view.end()
  const lines = terminal.stderr.text.split('\n')
  t.equal(lines.length, 21)
  t.same(lines.slice(0, 2), [
    '2 s  sent 10/s  received 0/s  no replies  warming up',
    '4 s  sent 10/s  received 1/s  rtt p50 1.00  p99 1.00  max 1.00 ms',
  ])
  t.equal(lines[19], '40 s  sent 10/s  received 1/s  rtt p50 1.00  p99 1.00  max 1.00 ms  lost 1')
})

t.test('the process of the server, where somebody looks', async t => {
  const server = { cores: 0.456, memory: 55.5 * 2 ** 20, threads: 1 }
  for (const isTTY of [false, true]) {
    const terminal = new FakeTerminal({ isTTY })
    const view = new LiveView(terminal, { duration: 1000, warmUp: 0 })
    view.add({ ...second(0, 0, 1, [1]), server })
    t.match(
      terminal.stderr.text,
      isTTY ? /\nserver 0\.46 cores, 55\.5 MiB\n/ : / ms {2}server 0\.46 cores, 55\.5 MiB\n$/,
    )
  }
})

t.test('what the server tells of itself, where it is asked', async t => {
  for (const [server, said] of [
    [{ cores: 0.456, eventLoopDelay: { p99: 12, max: 99 } }, '0.46 cores, event loop late by 12.0 ms'],
    [{ eventLoopDelay: { max: 99 } }, 'event loop late by 99.0 ms'],
    [{ eventLoopDelay: { now: 2, mean: 1 } }, 'event loop late by 2.00 ms'],
    [{ metrics: { queue: 1 } }, 'told nothing of its process'],
  ] as const) {
    const terminal = new FakeTerminal({ isTTY: false })
    new LiveView(terminal, { duration: 1000, warmUp: 0 }).add({ ...second(0, 0, 1, [1]), server })
    t.ok(terminal.stderr.text.endsWith(` ms  server ${said}\n`), terminal.stderr.text)
  }
})

t.test('of connections: how long they took', async t => {
  const terminal = new FakeTerminal()
  const tally = new Tally()
  tally.times('connect').record(3)
  new LiveView(terminal, { duration: 1000, warmUp: 0 }).add(secondOf(tally, 0, 0))
  t.match(terminal.stderr.text, /^1 s .* connected p50 3\.00 {2}p99 3\.00 {2}max 3\.00 ms\n$/)
})

t.test('an announcement of what is about to be done', async t => {
  const rows: [Parameters<typeof loadSettings>[1], string][] = [
    [{}, 'opening 10 connections to ws://127.0.0.1:1/; then 10 s after 1 s of warm-up'],
    [{ connections: 1, warmUp: 0, duration: 500 }, 'opening 1 connection to ws://127.0.0.1:1/; then 500 ms'],
    [
      { connections: 2000, shard: { index: 0, count: 2 }, warmUp: 0 },
      'opening 2,000 connections to ws://127.0.0.1:1/ (share 1 of 2); then 10 s',
    ],
  ]
  for (const [options, line] of rows) t.equal(announcement(loadSettings(url, options)), line)
})
