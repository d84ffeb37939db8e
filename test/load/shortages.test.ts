/** What a machine has not enough of. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { scenarioSettings } from '../../src/load/scenario/parse-scenario.js'
import type { ScenarioOptions } from '../../src/load/scenario/read-scenario.js'
import { loadShortages, type Machine, shortages, thisMachine } from '../../src/load/shortages.js'

const machine: Machine = { descriptors: 1024, ports: 1000, reuse: 2, isLocal: address => address.startsWith('127.') }
const addresses = ['127.0.0.2', '127.0.0.3']

const storm = { connections: 700, workload: 'storm' } as const

/** There are enough, but most of them take long to be found. */
const slow = /, and Linux takes long to find the others/

const cases: [string, Parameters<typeof loadSettings>[1], Machine, RegExp[]][] = [
  ['enough', { connections: 960 }, { ...machine, ports: 1920 }, []],
  [
    'descriptors',
    { connections: 961 },
    { ...machine, ports: 2000 },
    [/^961 connections need 1025 descriptors, and there are 1024: ulimit -n 1025$/],
  ],
  [
    'ports',
    { connections: 2500 },
    { ...machine, descriptors: 5000 },
    [/^2500 connections .* there are 1000: use 3 source/],
  ],
  [
    'as many ports as wider ones are',
    { connections: 64_512 },
    { ...machine, descriptors: 1e6, ports: 28_232 },
    [/there are 28232: use 3 source addresses, or sysctl/],
  ],
  [
    'more ports than wider ones are',
    { connections: 64_513 },
    { ...machine, descriptors: 1e6, ports: 28_232 },
    [/there are 28232: use 3 source addresses$/],
  ],
  [
    'ports of two addresses',
    { connections: 2001, sourceAddresses: addresses },
    { ...machine, descriptors: 5000 },
    [/there are 2000/],
  ],
  [
    'just the ports of two addresses',
    { connections: 2000, sourceAddresses: addresses },
    { ...machine, descriptors: 5000 },
    [slow],
  ],
  ['half of the ports', { connections: 500 }, machine, []],
  ['more than half of them', { connections: 501 }, machine, [/^501 .*than half of the 1000 ports, .*: use 3 source/]],
  ['a quarter of those of two addresses', { connections: 500, sourceAddresses: addresses }, machine, []],
  [
    'more than a quarter of them',
    { connections: 501, sourceAddresses: addresses },
    machine,
    [/^501 .*than a quarter of the 2000 ports, .*: use 3 source/],
  ],
  [
    'more than a quarter of those of a local address',
    { connections: 251, connect: { localAddress: '127.0.0.2' } },
    machine,
    [/^251 .*than a quarter of the 1000 ports, .*: use 2 source/],
  ],
  [
    'as many as wider ports are found at once for',
    { connections: 32_256 },
    { ...machine, descriptors: 1e6, ports: 50_000 },
    [/: use 3 source addresses, or sysctl/],
  ],
  ['more', { connections: 32_257 }, { ...machine, descriptors: 1e6, ports: 50_000 }, [/: use 3 source addresses$/]],
  [
    'a unix socket has no ports',
    { connections: 2000, connect: { socketPath: '/s' } },
    { ...machine, descriptors: 5000 },
    [],
  ],
  [
    'a rate of connections, with which `-c` opens none',
    { connections: 2500, workload: 'connect', rate: 1 },
    machine,
    [],
  ],
  [
    'a storm that takes more than half of the ports in all',
    { ...storm, connections: 300 },
    machine,
    [
      /^300 connections need 600 ports, for those .* for a while: more than half of the 1000, and Linux .*: use 3 source/,
    ],
  ],
  ['a share', { connections: 1500, shard: { index: 0, count: 3 } }, machine, []],
  ['nothing is known', { connections: 1e6 }, { ...machine, descriptors: undefined, ports: undefined }, []],
  [
    'an address of another machine',
    { sourceAddresses: [...addresses, '192.0.2.7'] },
    machine,
    [/^192\.0\.2\.7 is no address of this machine: ip addr add 192\.0\.2\.7\/32 dev lo$/],
  ],
  [
    'several of them',
    { sourceAddresses: ['2001:db8::1', ...addresses, '192.0.2.7'] },
    machine,
    [/^2001:db8::1 and 1 more are no addresses of this machine: ip addr add 2001:db8::1\/128 dev lo$/],
  ],
]
for (const [name, options, has, found] of cases) {
  t.test(name, async t => {
    const said = shortages(loadSettings('ws://127.0.0.1', options), has)
    t.equal(said.length, found.length)
    for (const [i, pattern] of found.entries()) t.match(said[i]?.message, pattern)
    t.ok(said.every(({ prevents }) => !prevents))
  })
}

const slowly = { ...storm, backoff: { first: 4000, longest: 10_000 } }
const [here, there] = ['ws://127.0.0.1', 'ws://example.com']
const free = (needed: number) => ({ needed, lent: 1000 })

/** How many ports are needed where there are a thousand of each address; undefined: enough. */
const comingBack: [string, string, LoadOptions, Machine['reuse'], { needed: number; lent: number } | undefined][] = [
  ['a storm has each port twice', there, storm, 2, free(1400)],
  ['just enough', there, { ...storm, connections: 500 }, 2, undefined],
  ['one more', there, { ...storm, connections: 501 }, 2, free(1002)],
  ['a server that does the cutting keeps the ports itself', there, { ...storm, cutAll: false }, 2, undefined],
  [
    'connections that are closed: the server ends TCP first',
    there,
    { connections: 700, workload: 'connect', rate: 1e4 },
    0,
    undefined,
  ],
  ['a share of it', there, { ...storm, shard: { index: 0, count: 2 } }, 2, undefined],
  ['all are back before a port that is lent again is', here, storm, 2, free(1400)],
  ['a quarter of them', here, slowly, 2, undefined],
  ['a quarter of more', here, { ...slowly, connections: 900 }, 2, free(1125)],
  ['a quarter of many more', here, { ...slowly, connections: 1500 }, 2, free(1875)],
  ['a quarter of more, by name', 'ws://localhost', { ...slowly, connections: 900 }, 2, free(1125)],
  ['a quarter of more, by IPv6', 'ws://[::1]', { ...slowly, connections: 900 }, 2, free(1125)],
  ['ports are lent again on loopback only', there, slowly, 2, free(1400)],
  ['everywhere', there, slowly, 1, undefined],
  ['nowhere', here, slowly, 0, free(1400)],
  ['nobody knows', here, slowly, undefined, free(1400)],
  ['who takes more than a minute', there, { ...storm, backoff: { first: 240_000, longest: 240_000 } }, 0, undefined],
  ['not from an address of its own', here, { ...slowly, connect: { localAddress: '127.0.0.2' } }, 2, free(1400)],
  ['from two of them', here, { ...slowly, sourceAddresses: addresses }, 2, undefined],
  [
    'from two of them, of more',
    here,
    { ...slowly, connections: 1001, sourceAddresses: addresses },
    2,
    { needed: 2002, lent: 2000 },
  ],
]
for (const [name, url, options, reuse, short] of comingBack) {
  t.test(`coming back: ${name}`, async t => {
    const settings = loadSettings(url, options)
    const said = shortages(settings, { ...machine, descriptors: undefined, reuse }).filter(
      one => !slow.test(one.message),
    )
    const { connections } = settings
    const told = (needed: number, lent: number) =>
      `${connections} connections need ${needed} ports, for those that are cut are kept for a while, and there are ${lent}: ` +
      // From addresses of their own all are back before a port is lent again.
      `use ${Math.ceil((2 * connections) / 1000)} source addresses, or sysctl -w net.ipv4.ip_local_port_range='1024 65535'`
    t.same(said, short === undefined ? [] : [{ message: told(short.needed, short.lent), prevents: false }])
  })
}

t.test('coming back: classes of a scenario, each by itself', async t => {
  const classes = {
    all: { connections: 300, workload: 'storm' },
    users: { connections: 300, steps: [{ send: 'x' }, { receive: {} }] },
  } as const
  const settings = scenarioSettings({ phases: [{ duration: 1 }], classes }, {}, there)
  const said = (ports: number) => shortages(settings, { ...machine, ports }).map(({ message }) => message.split(':')[0])
  t.same(said(1800), [])
  t.same(said(900), ['600 connections need 900 ports, for those that are cut are kept for a while'])
  t.same(said(899), ['600 connections need 900 ports, for those that are cut are kept for a while, and there are 899'])
})

t.test('each server has all ports, but for those of addresses that were asked for', async t => {
  const users = { connections: 300, steps: [{ send: 'x' }, { receive: {} }] }
  const classes = {
    some: { ...users, url: 'ws://a' },
    others: { ...users, url: 'ws://b:81' },
    more: { ...users, connections: 1, url: 'ws://a' },
  }
  const said = (ports: number, options: ScenarioOptions = {}) => {
    const settings = scenarioSettings({ phases: [{ duration: 1 }], classes }, options)
    return shortages(settings, { ...machine, ports }).map(({ message }) => message)
  }
  t.same(said(602), [])
  t.match(said(601), [/^301 connections need more than half of the 601 ports/])
  t.match(said(601, { sourceAddresses: ['127.0.0.2'] }), [/^601 connections need more than a quarter of the 601 ports/])
})

t.test('more connections than descriptors cannot be, and that is known before', async t => {
  const said = (connections: number) => shortages(loadSettings('ws://127.0.0.1', { connections }), machine)
  t.match(said(1023), [{ prevents: false }, {}])
  t.match(said(1024), [{ prevents: true }, { prevents: false }])
})

t.test('of this machine, for programs', async t => {
  t.same(loadShortages(here), [])
  const few = { connections: 5, shard: { index: 1, count: 2 }, connect: {}, sourceAddresses: ['192.0.2.7'] }
  t.match(loadShortages(here, few), [{ message: /^192\.0\.2\.7 is no address/, prevents: false }])
})

t.test('this machine', async t => {
  const { descriptors, ports, reuse } = thisMachine()
  // Whatever they are: unlimited is not known.
  t.ok(descriptors === undefined || descriptors > 64, `${descriptors}`)
  t.ok(ports === undefined || ports > 1000, `${ports}`)
  t.ok(reuse === undefined || [0, 1, 2].includes(reuse), `${reuse}`)
  t.equal(thisMachine().isLocal('127.0.0.1'), true)
  t.equal(
    thisMachine().isLocal('::1'),
    Object.values(networkInterfaces())
      .flat()
      .some(one => one?.address === '::1'),
  )
  t.equal(thisMachine().isLocal('192.0.2.1'), false)
})

t.test('a machine that does not tell, or has no limit', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'shell-'))
  const { PATH } = process.env
  t.teardown(() => {
    process.env['PATH'] = PATH
    rmSync(folder, { recursive: true })
  })
  process.env['PATH'] = folder
  t.equal(thisMachine().descriptors, undefined)
  writeFileSync(join(folder, 'sh'), '#!/bin/sh\necho unlimited\n', { mode: 0o755 })
  t.equal(thisMachine().descriptors, undefined)
})
