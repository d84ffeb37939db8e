/** Loads that are made of several: who has how much of them. */
import t from 'tap'
import { load } from '../../src/load/load.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { isMix, type MixedPart, partsOf, undivided } from '../../src/load/mix.js'
import { serve } from './known-servers.js'

const request = { message: 'x' }

t.test('connections and messages by shares, all else as it was asked for', async t => {
  const mix: MixedPart[] = [
    { share: 60, workload: 'echo' },
    { share: 30, workload: 'upload', name: 'files' },
    { share: 10, workload: 'request', request, text: true, size: 7 },
  ]
  const parts = partsOf(mix, { connections: 20, rate: 100, size: 20, warmUp: 0, mix, workload: 'mixed' })
  const common = { warmUp: 0, text: undefined, request: undefined, randomness: undefined }
  t.same(parts, [
    { name: 'echo', options: { ...common, workload: 'echo', size: 20, connections: 12, rate: 60, seed: 1 } },
    { name: 'files', options: { ...common, workload: 'upload', size: undefined, connections: 6, rate: 30, seed: 2 } },
    {
      name: 'request',
      options: { ...common, workload: 'request', size: 7, text: true, request, connections: 2, rate: 10, seed: 3 },
    },
  ])
})

t.test('rates that change, or none; the rates exactly, connections as near as whole ones can be', async t => {
  const mix: MixedPart[] = [
    { share: 1, workload: 'echo' },
    { share: 2, workload: 'upload' },
  ]
  const rate = [{ from: 0, to: 30, duration: 1000 }]
  const parts = partsOf(mix, { connections: 10, rate, seed: 7 })
  t.same(
    parts.map(({ options }) => [options.connections, options.seed, options.rate]),
    [
      [3, 7, [{ from: 0, to: 10, duration: 1000 }]],
      [7, 8, [{ from: 0, to: 20, duration: 1000 }]],
    ],
  )
  t.same(
    partsOf(mix, { connections: 3 }).map(({ options }) => [options.connections, options.rate]),
    [
      [1, undefined],
      [2, undefined],
    ],
  )
})

t.test('each part has a connection at least', async t => {
  const rows: [shares: number[], connections: number, each: number[]][] = [
    [[95, 5], 10, [9, 1]],
    [[70, 30], 2, [1, 1]],
    [[90, 10], 14, [13, 1]],
    [[98, 1, 1], 10, [8, 1, 1]],
    [[1, 98, 1], 3, [1, 1, 1]],
  ]
  for (const [shares, connections, each] of rows) {
    const mix = shares.map((share, i) => ({ share, workload: 'echo', name: `part ${i}` }) as const)
    const parts = partsOf(mix, { connections, rate: 1000 })
    t.same(
      parts.map(({ options }) => options.connections),
      each,
    )
    t.same(
      parts.map(({ options }) => options.rate),
      shares.map(share => (share / shares.reduce((sum, one) => sum + one)) * 1000),
      'and of the rate what it was to have',
    )
  }
})

t.test('what cannot be divided is said, where it matters', async t => {
  const mix = [
    { share: 95, workload: 'echo' },
    { share: 5, workload: 'upload' },
  ] as const
  const told = (options: LoadOptions) => undivided(loadSettings('ws://a', { workload: 'mixed', mix, ...options }))
  const message = '10 connections cannot be shared out 95 to 5: echo has 9, upload has 1'
  t.equal(told({}), message)
  t.equal(told({ rate: 10, perConnection: true }), message)
  t.equal(told({ rate: 1000 }), undefined, 'a rate can be')
  t.equal(told({ connections: 20 }), undefined)
  t.equal(told({ connections: 1001 }), undefined, 'by less than one in a hundred')
  t.equal(undivided(loadSettings('ws://a', {})), undefined)
})

t.test('what is none', async t => {
  const echo = { share: 1, workload: 'echo' }
  const rows: [name: string, mix: unknown, is: boolean][] = [
    ['one part', [echo], true],
    ['two of a kind, with names', [echo, { ...echo, name: 'large' }], true],
    ['two of a kind', [echo, echo], false],
    ['a name that a condition could not say', [{ ...echo, name: 'large files' }], false],
    ['a name of nothing', [{ ...echo, name: '' }], false],
    ['no parts', [], false],
    ['no list', echo, false],
    ['nothing', [null], false],
    ['no share', [{ workload: 'echo' }], false],
    ['a share of nothing', [{ ...echo, share: 0 }], false],
    ['all and more', [{ ...echo, share: Number.POSITIVE_INFINITY }], false],
    ['one without messages', [{ share: 1, workload: 'idle' }], false],
  ]
  for (const [name, mix, is] of rows) t.equal(isMix(mix), is, name)
})

t.test('mixed: each part has its share of the plan, and all of them are the whole', async t => {
  const octets = new Map<number, number>()
  const server = await serve(t, (connection, data) => {
    octets.set(data.length, (octets.get(data.length) ?? 0) + 1)
    if (data.length < 1000) connection.send(data)
  })
  const mix: MixedPart[] = [
    { share: 80, workload: 'echo', size: 20 },
    { share: 20, workload: 'upload', size: 5000, name: 'files' },
  ]
  const options = { workload: 'mixed', mix, connections: 10, threads: 2, rate: 100, duration: 500, warmUp: 0 } as const
  const report = await load(server.url, options)
  t.same([...octets].sort(), [
    [20, 40],
    [5000, 10],
  ])
  t.match(report, { counts: { opened: 10, planned: 50, sent: 50, received: 50 }, settings: { workload: 'mixed', mix } })
  t.match(report.classes, {
    echo: { counts: { opened: 8, planned: 40, received: 40 }, times: { rtt: { count: 40 } } },
    files: { counts: { opened: 2, planned: 10, received: 10, sentOctets: 50_000 } },
  })
  t.equal(report.times.rtt?.count, 50)
  t.equal(report.settings.threads, 2)
})

t.test('peers that do not behave: their share of the whole, of which a part may be too small', async t => {
  const server = await serve(t, (connection, data) => connection.send(data))
  const mix: MixedPart[] = [
    { share: 18, workload: 'echo', size: 20 },
    { share: 2, workload: 'echo', size: 30, name: 'few' },
  ]
  const badPeers = { halfOpen: 0.1 }
  const options = { workload: 'mixed', mix, connections: 20, rate: 200, duration: 100, warmUp: 0, badPeers } as const
  const report = await load(server.url, options)
  t.match(report, { counts: { opened: 19, received: 20 }, badPeers: { halfOpen: { connections: 1 } } })
})

const refused: [string, LoadOptions, RegExp][] = [
  ['of nothing', { workload: 'mixed' }, /the workload mixed needs a `mix`/],
  ['that is none', { workload: 'mixed', mix: [] }, /mix is a list of parts/],
  ['for another workload', { mix: [{ share: 1, workload: 'echo' }] }, /`mix` is for the workload mixed/],
  [
    'of more parts than connections',
    {
      workload: 'mixed',
      connections: 1,
      mix: [
        { share: 99, workload: 'echo' },
        { share: 1, workload: 'upload' },
      ],
    },
    /a mix of 2 parts needs as many `connections`, and there are 1/,
  ],
  ['with what a part is to say', { workload: 'mixed', mix: [{ share: 1, workload: 'request' }] }, /needs a `request`/],
]
for (const [name, options, message] of refused) {
  t.test(`refused: a mix ${name}`, async t => {
    t.throws(() => loadSettings('ws://a', options), { code: 'WS_INVALID_OPTION', message })
  })
}
