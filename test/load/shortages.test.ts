/** What a machine has not enough of. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { loadSettings } from '../../src/load/load-options.js'
import { loadShortages, type Machine, shortages, thisMachine } from '../../src/load/shortages.js'

const machine: Machine = { descriptors: 1024, ports: 1000, isLocal: address => address.startsWith('127.') }
const addresses = ['127.0.0.2', '127.0.0.3']

const cases: [string, Parameters<typeof loadSettings>[1], Machine, RegExp[]][] = [
  ['enough', { connections: 960 }, machine, []],
  [
    'descriptors',
    { connections: 961 },
    machine,
    [/^961 connections need 1025 descriptors, and there are 1024: ulimit -n 1025$/],
  ],
  [
    'ports',
    { connections: 2500 },
    { ...machine, descriptors: 5000 },
    [/^2500 connections .* there are 1000: use 3 source/],
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
    [],
  ],
  [
    'a unix socket has no ports',
    { connections: 2000, connect: { socketPath: '/s' } },
    { ...machine, descriptors: 5000 },
    [],
  ],
  ['a share', { connections: 2500, shard: { index: 0, count: 3 } }, machine, []],
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

t.test('more connections than descriptors cannot be, and that is known before', async t => {
  const said = (connections: number) => shortages(loadSettings('ws://127.0.0.1', { connections }), machine)
  t.match(said(1023), [{ prevents: false }, {}])
  t.match(said(1024), [{ prevents: true }, { prevents: false }])
})

t.test('of this machine, for programs', async t => {
  t.same(loadShortages({}), [])
  const few = { connections: 5, shard: { index: 1, count: 2 }, connect: {}, sourceAddresses: ['192.0.2.7'] }
  t.match(loadShortages(few), [{ message: /^192\.0\.2\.7 is no address/, prevents: false }])
})

t.test('this machine', async t => {
  const { descriptors, ports } = thisMachine()
  // Whatever they are: unlimited is not known.
  t.ok(descriptors === undefined || descriptors > 64, `${descriptors}`)
  t.ok(ports === undefined || ports > 1000, `${ports}`)
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
