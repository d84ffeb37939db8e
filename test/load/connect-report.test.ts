/** What a report keeps of how it was connected: what its figures depend on, and no secret. */
import t from 'tap'
import { connectReport } from '../../src/load/connect-report.js'
import { load } from '../../src/load/load.js'
import type { LoadConnectOptions } from '../../src/load/load-options.js'
import { packageVersion } from '../../src/load/package-version.js'
import { echo, serve } from './known-servers.js'

const nothing = { perMessageDeflate: false, protocols: 0, headers: [] }

const rows: [told: LoadConnectOptions, kept: object][] = [
  [{}, nothing],
  [{ headers: { Cookie: 'secret', 'X-B': ['1', '2'], none: undefined } }, { ...nothing, headers: ['cookie', 'x-b'] }],
  [
    {
      headers: [
        ['X-B', '1'],
        ['a', 'secret'],
        ['x-b', '2'],
      ],
    },
    { ...nothing, headers: ['a', 'x-b'] },
  ],
  [{ headers: new Map([['A', 'secret']]) }, { ...nothing, headers: ['a'] }],
  [{ perMessageDeflate: { threshold: 9 } }, { ...nothing, perMessageDeflate: { threshold: 9 } }],
  [
    {
      protocols: ['chat', 'secret'],
      origin: 'https://a',
      host: 'b',
      family: 4,
      socketPath: '/c',
      connectTimeout: 'off',
    },
    {
      ...nothing,
      ...{ protocols: 2, origin: 'https://a', host: 'b', family: 4, socketPath: '/c', connectTimeout: 'off' },
    },
  ],
  [
    { limits: { maxMessageSize: 7 }, http: true },
    { ...nothing, limits: { maxMessageSize: 7 } },
  ],
  [{ tls: {} }, { ...nothing, tls: { rejectUnauthorized: true, certificate: false } }],
  [
    { tls: { key: 'secret', cert: 'c', ca: 'd', minVersion: 'TLSv1.3', rejectUnauthorized: false } },
    { ...nothing, tls: { minVersion: 'TLSv1.3', rejectUnauthorized: false, certificate: true } },
  ],
  [{ tls: { pfx: 'secret' } }, { ...nothing, tls: { rejectUnauthorized: true, certificate: true } }],
]
for (const [told, kept] of rows) {
  t.test(JSON.stringify(told), async t => {
    t.same(connectReport(told), kept)
    t.notMatch(JSON.stringify(connectReport(told)), /secret/)
  })
}

t.test('a run knows how it was connected, and by what it was made', async t => {
  const server = await serve(t, echo, { options: { perMessageDeflate: true } })
  const connect = { perMessageDeflate: true, headers: { Authorization: 'secret' }, protocols: ['bearer.secret'] }
  const report = await load(server.url, { connections: 1, warmUp: 0, duration: 20, rate: 100, connect })
  t.same(report.settings.connect, { perMessageDeflate: true, protocols: 1, headers: ['authorization'] })
  t.match(report.madeBy, { framewright: packageVersion(), node: process.versions.node, system: /^\w+ \w+$/ })
  t.ok(report.madeBy.cores >= 1)
  t.notMatch(JSON.stringify(report), /secret/)
})
