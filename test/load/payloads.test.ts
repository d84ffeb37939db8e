/** Payloads: how far compression takes them, whatever it has seen before. */
import { deflateRawSync } from 'node:zlib'
import t from 'tap'
import { load } from '../../src/load/load.js'
import { loadSettings } from '../../src/load/load-options.js'
import { payloadsOf } from '../../src/load/payloads.js'
import { echo, serve } from './known-servers.js'

/** What is left of all of them, twice one after the other, as a connection with context takeover sends them. */
function compressed(payloads: readonly Buffer[]): number {
  const whole = Buffer.concat([...payloads, ...payloads])
  return deflateRawSync(whole).length / whole.length
}

const rows: [size: number, random: number, text: boolean, count: number, least: number, most: number][] = [
  [128, 1, false, 512, 1, 1.01],
  [1024, 1, false, 64, 1, 1.01],
  [1024, 0.3, false, 64, 0.3, 0.4],
  [1000, 0.05, false, 128, 0.05, 0.1],
  [1024, 1, true, 64, 0.74, 0.77],
  [1024, 0.5, true, 64, 0.37, 0.46],
  [2 ** 20, 0.5, false, 1, 0.5, 0.55],
]
for (const [size, random, text, count, least, most] of rows) {
  t.test(`${size} octets, ${random * 100} % of them by chance${text ? ', as text' : ''}`, async t => {
    const payloads = payloadsOf(size, random, text)
    t.equal(payloads.length, count)
    t.ok(payloads.every(one => one.length === size))
    if (text) t.ok(payloads.every(one => one.every(octet => octet < 128)))
    const left = compressed(payloads)
    t.ok(left >= least && left <= most, `${left}`)
  })
}

t.test('nothing by chance: one text for all; and no octets at all', async t => {
  const [one, ...more] = payloadsOf(100, 0, false)
  t.equal(more.length, 0)
  t.match(String(one), /^The quick brown fox .* The quick/)
  t.same(payloadsOf(0, 1, false), [Buffer.alloc(0)])
  t.equal(payloadsOf(1, 1, false).length, 64, 'as many as there are numbers')
})

t.test('a load of them: no two messages are alike, and all come back', async t => {
  const seen = new Set<string>()
  const server = await serve(t, (connection, data, number) => {
    seen.add((data as Buffer).toString('latin1').slice(4))
    echo(connection, data, number)
  })
  const options = { size: 100, connections: 1, rate: 1000, duration: 40, warmUp: 0 } as const
  const { counts, settings } = await load(server.url, { ...options, randomness: 0.5 })
  t.same([counts.received, counts.wrong, seen.size], [40, 0, 40])
  t.equal(settings.randomness, 0.5)
})

t.test('who has them', async t => {
  const request = { message: '' }
  t.throws(() => loadSettings('ws://a', { randomness: 1.1 }), { message: /randomness is a share from 0 to 1/ })
  t.throws(() => loadSettings('ws://a', { workload: 'download', request, randomness: 0.5 }), {
    message: /`randomness` is for the workloads echo, upload and mixed/,
  })
  const mix = (['echo', 'upload', 'request'] as const).map(workload => {
    return { share: 1, workload, ...(workload === 'request' && { request }) }
  })
  const { classes } = loadSettings('ws://a', { workload: 'mixed', mix, randomness: 0.5 })
  t.same(
    classes.map(({ settings }) => settings.randomness),
    [0.5, 0.5, 0],
  )
})
