/** npm run bench:compression: each part measures, and what it counts on is so: octets on the wire, memory that is counted. */
import t from 'tap'
import { corpora, messageOf } from '../../bench/compression/corpora.js'
import { measureIdle } from '../../bench/compression/idle.js'
import { measureNeighbours } from '../../bench/compression/neighbours.js'
import { measureWire } from '../../bench/compression/wire.js'
import { canReadUsage } from '../../bench/generator/process-usage.js'
import { testWith } from '../peers/installable.js'
import { benchCommand } from './bench-command.js'

const proc = { name: 'the /proc of Linux', installed: () => canReadUsage, install: 'Linux' }

const bench = benchCommand('compression/main.js')

t.test('the command line', async t => {
  t.match(bench('--help'), { status: 0, stdout: /Exit codes: 0 / })
  for (const args of [['no'], ['--rounds', '0'], ['--size', '0'], ['--no']]) {
    t.match(bench(...args), { status: 2, stdout: '', stderr: /^bench:compression: .+\n$/ }, args.join(' '))
  }
})

t.test('messages are of the size that was asked for, and not the same', async t => {
  for (const corpus of corpora) {
    const [one, other] = [messageOf(corpus, 1, 149), messageOf(corpus, 2, 149)]
    t.same([one.length, other.length, one.equals(other)], [149, 149, false], corpus)
  }
})

t.test('what leaves is within 2 % of what a stream of node:zlib makes of the same messages', async t => {
  for (const corpus of corpora) {
    for (const keeps of [true, false]) {
      const { octets, streamed } = await measureWire(corpus, 1024, keeps)
      t.ok(
        octets > 0 && octets <= streamed * 1.02,
        `${corpus}, window ${keeps ? 'kept' : 'empty'}: ${octets / streamed}`,
      )
    }
  }
})

t.test('the longest turns, and zlib alone', async t => {
  const args = ['--size', '1048576', '--rounds', '1', '--seconds', '0.001']
  const { status, stdout } = bench('slices', 'contexts', ...args)
  t.equal(status, 0)
  t.match(stdout, /\nslices: .+\n +send +compress +write +read +inflate\nzeros( +[\d.]+){5}\n/)
  t.match(stdout, /\ncontexts: .+\n.+\n149 octets, 15 bits +1 +16( +-?[\d.]+){3}\n/)
})

t.test('an idle connection holds something', async t => {
  const { held } = await measureIdle('kept', 300)
  t.ok(held > 0 && held < 100_000, `${held} octets`)
})

t.test('a neighbour of messages that grow is answered', async t => {
  const { p50, p99, delay } = await measureNeighbours(100, 0.2)
  t.ok(p50 > 0 && p99 >= p50 && delay > 0, `${p50} ${p99} ${delay}`)
})

await testWith(t, [proc], 'a deflater takes no more memory than is counted for it, within a fifth', async t => {
  const { stdout } = bench('windows')
  const rows = Array.from(stdout.matchAll(/^\d+, \d +([\d.]+) +([\d.]+) +/gm), ([, resident, counted]) => ({
    resident: Number(resident),
    counted: Number(counted),
  }))
  t.equal(rows.length, 3)
  for (const { resident, counted } of rows) t.ok(resident > 0 && resident <= counted * 1.2, `${resident} of ${counted}`)
})
