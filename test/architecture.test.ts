/**
 * The architecture: who may import whom, which Node modules and globals each layer may use, sizes and names of files. The
 * rules are first tried on small files that break them on purpose, then applied to everything under `src/`.
 */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { layerOf, layers, reachableFrom } from './architecture/layers.js'
import { rules } from './architecture/rules.js'
import { readSourceFile } from './architecture/source-file.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

function complaints(path: string, text: string): string[] {
  const file = readSourceFile(path, text)
  return Object.values(rules).flatMap(rule => rule(file))
}

/** Files that obey: [path below src, text]. */
const lawful: [string, string][] = [
  ['index.ts', "export { WebSocket } from './api/websocket.js'\n"],
  ['framing/frame-decoder.ts', "import { ProtocolError } from '../errors.js'\nexport const a = ProtocolError\n"],
  ['framing/utf8.ts', "import { isUtf8 } from 'node:buffer'\nexport const a = isUtf8\n"],
  ['framing/masking.ts', "import { randomFillSync } from 'node:crypto'\nexport const a = randomFillSync\n"],
  ['handshake/accept-key.ts', "import { hash } from 'node:crypto'\nexport const a = hash\n"],
  ['extensions/deflate.ts', "import { inflateRawSync } from 'node:zlib'\nexport const a = inflateRawSync\n"],
  ['handshake/server-handshake.ts', "import { a } from '../http/fields.js'\nexport const b = a\n"],
  ['connection/connection.ts', "import { a } from '../framing/utf8.js'\nexport const b = a\n"],
  ['connection/connection.ts', "import { a } from '../extensions/extension.js'\nexport const b = a\n"],
  [
    'transport/connect.ts',
    "import { connect } from 'node:tls'\nexport const a = () => setTimeout(connect, Date.now())\n",
  ],
  ['conformance/raw-frame.ts', "import { Opcode } from '../framing/frame-header.js'\nexport const a = Opcode\n"],
  ['load/worker.ts', "import { connect } from '../api/client.js'\nexport const a = connect\n"],
  ['cli/main.ts', "import { a } from '../api/server.js'\nconsole.log(a, process.argv)\n"],
  ['index.ts', "export { connect } from './api/client.js'\nexport type { A } from './load/a.js'\n"],
  ['protocol.ts', "export * from './connection/connection.js'\n"],
  ['connection/deadlines.ts', 'export const a = { Date: 1, performance: (b: { now: number }) => b.now }\n'],
  ['connection/deadlines.ts', 'export interface A { process(): void; readonly setTimeout: number }\n'],
  ['connection/deadlines.ts', '// Date.now() and setTimeout are not for us\nexport const a = "Date.now()"\n'],
  ['transport/listen.ts', "export type { AddressInfo } from 'node:net'\nexport const a = async () => await 1\n"],
  ['framing/masking.ts', `export const a = 1${'\n'.repeat(400)}`],
]

/** Files that break one rule each: [path below src, text, the complaint]. */
const unlawful: [string, string, string][] = [
  [
    'framing/a.ts',
    "import { a } from '../http/grammar.js'\nexport const b = a\n",
    'framing may not import http/grammar',
  ],
  ['http/a.ts', "import { a } from '../framing/utf8.js'\nexport const b = a\n", 'http may not import framing/utf8.ts'],
  [
    'framing/a.ts',
    "import type { A } from '../connection/connection.js'\nexport type B = A\n",
    'framing may not import',
  ],
  ['framing/a.ts', "export type B = import('../api/client.js').A\n", 'framing may not import api/client.ts'],
  [
    'framing/a.ts',
    "export { type A, b } from '../http/fields.js'\nexport const c = 1\n",
    'may not import http/fields.ts',
  ],
  ['framing/a.ts', "export const a = () => import('../transport/listen.js')\n", 'may not import transport/listen.ts'],
  ['framing/a.ts', 'export const a = (b: string) => import(b)\n', 'framing may not import <computed>'],
  ['framing/a.ts', "import a = require('../http/fields.js')\nexport const b = a\n", 'may not import http/fields.ts'],
  [
    'extensions/a.ts',
    "import { a } from '../framing/utf8.js'\nexport const b = a\n",
    'extensions may not import framing',
  ],
  [
    'handshake/a.ts',
    "import { a } from '../connection/x.js'\nexport const b = a\n",
    'handshake may not import connection',
  ],
  [
    'handshake/a.ts',
    "import { a } from '../framing/utf8.js'\nexport const b = a\n",
    'handshake may not import framing',
  ],
  [
    'connection/a.ts',
    "import { a } from '../handshake/x.js'\nexport const b = a\n",
    'connection may not import handshake',
  ],
  [
    'connection/a.ts',
    "import { a } from '../transport/x.js'\nexport const b = a\n",
    'connection may not import transport',
  ],
  [
    'transport/a.ts',
    "import { a } from '../api/client.js'\nexport const b = a\n",
    'transport may not import api/client',
  ],
  ['api/a.ts', "import { a } from '../cli/main.js'\nexport const b = a\n", 'api may not import cli/main.ts'],
  ['api/a.ts', "import { a } from '../index.js'\nexport const b = a\n", 'api may not import index.ts'],
  ['load/a.ts', "import { a } from '../conformance/case.js'\nexport const b = a\n", 'load may not import conformance'],
  [
    'conformance/a.ts',
    "import { a } from '../load/x.js'\nexport const b = a\n",
    'conformance may not import load/x.ts',
  ],
  [
    'conformance/a.ts',
    "import { a } from '../framing/utf8.js'\nexport const b = a\n",
    'may not import framing/utf8.ts',
  ],
  [
    'conformance/a.ts',
    "import { a } from '../framing/masking.js'\nexport const b = a\n",
    'may not import framing/masking',
  ],
  ['errors.ts', "import { a } from './framing/frame-header.js'\nexport const b = a\n", 'base may not import framing'],
  ['protocol.ts', "export { connect } from './transport/connect.js'\n", 'entry protocol may not import transport'],
  [
    'connection/a.ts',
    "import { a } from '../../test/x.js'\nexport const b = a\n",
    'connection may not import ../test/x',
  ],
  ['framing/a.ts', "import { connect } from 'node:net'\nexport const a = connect\n", 'framing may not import node:net'],
  [
    'framing/a.ts',
    "import type { Socket } from 'node:net'\nexport type A = Socket\n",
    'framing may not import node:net',
  ],
  [
    'framing/utf8.ts',
    "import { hash } from 'node:crypto'\nexport const a = hash\n",
    'framing may not import node:crypto',
  ],
  [
    'extensions/a.ts',
    "import { crc32 } from 'node:zlib'\nexport const a = crc32\n",
    'extensions may not import node:zlib',
  ],
  [
    'connection/a.ts',
    "import { ok } from 'node:assert'\nexport const a = ok\n",
    'connection may not import node:assert',
  ],
  ['connection/a.ts', "import { ok } from 'buffer'\nexport const a = ok\n", 'connection may not import buffer'],
  ['api/a.ts', "import type { TLSSocket } from 'node:tls'\nexport type A = TLSSocket\n", 'api may not import node:tls'],
  [
    'api/a.ts',
    "import { scheduler } from 'node:timers/promises'\nexport const a = scheduler\n",
    'may not import node:tim',
  ],
  ['transport/a.ts', "import { a } from 'ws'\nexport const b = a\n", 'transport may not import ws'],
  ['framing/a.ts', 'export const a = () => Date.now()\n', 'framing may not use Date'],
  ['http/a.ts', 'export const a = (b: Date) => b\n', 'http may not use Date'],
  ['connection/a.ts', 'export const a = () => setTimeout(a, 1)\n', 'connection may not use setTimeout'],
  ['connection/a.ts', 'export const a = () => queueMicrotask(a)\n', 'connection may not use queueMicrotask'],
  ['connection/a.ts', 'export const a = () => performance.now()\n', 'connection may not use performance'],
  ['connection/a.ts', 'const { now } = performance\nexport const a = now\n', 'connection may not use performance'],
  ['connection/a.ts', 'export const a = { performance }\n', 'connection may not use performance'],
  ['connection/a.ts', "export const a = () => globalThis['Date']\n", 'connection may not use globalThis'],
  ['handshake/a.ts', 'export const a = () => process.hrtime()\n', 'handshake may not use process'],
  ['extensions/a.ts', 'export const a = () => console.log(1)\n', 'extensions may not use console'],
  ['framing/a.ts', 'export const a = () => Math.random()\n', 'framing may not use Math.random'],
  ['connection/a.ts', 'export const a = () => AbortSignal.timeout(1)\n', 'connection may not use AbortSignal.timeout'],
  ['transport/a.ts', 'export const a = () => console.log(1)\n', 'transport may not use console'],
  ['api/a.ts', 'export const a = () => setInterval(a, 1)\n', 'api may not use setInterval'],
  ['framing/util.ts', 'export const a = 1\n', '"util" names nothing'],
  ['api/helpers/a.ts', 'export const a = 1\n', '"helpers" names nothing'],
  ['handshake/types.ts', 'export type A = 1\n', '"types" names nothing'],
  ['stuff/a.ts', 'export const a = 1\n', 'in no layer of the house'],
  ['base/a.ts', 'export const a = 1\n', 'in no layer of the house'],
  ['stuff.ts', 'export const a = 1\n', 'in no layer of the house'],
  ['framing/a.ts', `export const a = 1${'\n'.repeat(401)}`, '401 lines, more than 400'],
  ['framing/a.ts', 'export default 1\n', 'a default export'],
  ['framing/a.ts', "const b = 1\nexport { b as default } from './b.js'\n", 'a default export'],
  ['framing/a.ts', 'const a = 1\nexport { a as default }\n', 'a default export'],
  ['framing/a.ts', 'export const a = await 1\n', 'await at the top level'],
  ['framing/a.ts', 'for await (const a of b) c(a)\nexport {}\n', 'await at the top level'],
  ['framing/a.ts', "export { a } from './b.js'\n", 'a barrel'],
  ['framing/a.ts', "export * from './b.js'\nexport const a = 1\n", 'a star export'],
  ['index.ts', "export { a } from './api/client.js'\nexport const b = 1\n", 'an entry only re-exports'],
]

t.test('the rules let pass what is allowed', async t => {
  for (const [path, text] of lawful) t.same(complaints(path, text), [], `${path}: ${text.slice(0, 60).trim()}`)
})

t.test('each rule complains, and only it, when it is broken on purpose', async t => {
  for (const [path, text, complaint] of unlawful) {
    const found = complaints(path, text)
    t.equal(found.length, 1, `one complaint about ${path}: ${found.join('; ')}`)
    t.match(found[0], complaint)
  }
})

t.test('arrows point down only: no layer reaches one that reaches it', async t => {
  for (const layer of Object.keys(layers) as (keyof typeof layers)[]) {
    for (const lower of reachableFrom(layer)) {
      if (lower !== layer) t.notOk(reachableFrom(lower as keyof typeof layers).has(layer), `${layer} above ${lower}`)
    }
  }
})

t.test('every file under src obeys', async t => {
  const src = join(root, 'src')
  const paths = (await readdir(src, { recursive: true })).filter(path => path.endsWith('.ts')).sort()
  for (const path of paths) {
    const relative = path.replaceAll('\\', '/')
    t.same(complaints(relative, await readFile(join(src, path), 'utf8')), [], `${relative} in ${layerOf(relative)}`)
  }
  t.not(paths.length, 0)
})
