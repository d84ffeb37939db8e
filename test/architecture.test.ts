/**
 * The architecture: who may import whom, which Node modules and globals each layer may use, sizes and names of files. The
 * rules are first tried on small files that break them on purpose, then applied to everything under `src/`.
 */
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { layerOf, layers, otherFiles, reachableFrom } from './architecture/layers.js'
import { isJudged, rules } from './architecture/rules.js'
import { readSourceFile } from './architecture/source-file.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

function complaints(path: string, text: string): string[] {
  if (otherFiles.includes(path)) return []
  if (!isJudged(path)) return [`${path}: no rule can judge it`]
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
  ['connection/deadlines.ts', 'export const a = (b: number) => Math.max(b, Number.MAX_SAFE_INTEGER)\n'],
  ['framing/masking.ts', 'export class A { constructor(readonly a: string) {} }\n'],
  ['framing/simd-masking.ts', 'export const a = new WebAssembly.Memory({ initial: 1 })\n'],
  ['api/close-event.ts', 'export const a = (globalThis as { CloseEvent?: unknown }).CloseEvent\n'],
  ['api/server.ts', "import type { IncomingMessage } from 'node:http'\nexport type A = IncomingMessage\n"],
  ['api/server.ts', 'export const a = (b: AbortSignal) => process.nextTick(() => b.aborted)\n'],
  ['index.ts', '/// <reference types="node" preserve="true" />\nexport { connect } from \'./api/client.js\'\n'],
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
  ['framing/a.ts', 'export const a = (b: Buffer) => new WebAssembly.Module(b)\n', 'framing may not use WebAssembly'],
  ['framing/a.ts', 'export const a = () => Date.now()\n', 'framing may not use Date'],
  ['http/a.ts', 'export const a = (b: Date) => b\n', 'http may not use Date'],
  ['connection/a.ts', 'export const a = () => setTimeout(a, 1)\n', 'connection may not use setTimeout'],
  ['connection/a.ts', 'export const a = () => queueMicrotask(a)\n', 'connection may not use queueMicrotask'],
  ['connection/a.ts', 'export const a = () => performance.now()\n', 'connection may not use performance'],
  ['connection/a.ts', 'const { now } = performance\nexport const a = now\n', 'connection may not use performance'],
  ['connection/a.ts', 'export const a = { performance }\n', 'connection may not use performance'],
  ['connection/a.ts', "export const a = () => globalThis['Date']\n", 'connection may not use globalThis.Date'],
  ['handshake/a.ts', 'export const a = () => process.hrtime()\n', 'handshake may not use process'],
  ['extensions/a.ts', 'export const a = () => console.log(1)\n', 'extensions may not use console'],
  ['framing/a.ts', 'export const a = () => Math.random()\n', 'framing may not use Math.random'],
  ['connection/a.ts', 'export const a = () => AbortSignal.timeout(1)\n', 'connection may not use AbortSignal.timeout'],
  ['transport/a.ts', 'export const a = () => console.log(1)\n', 'transport may not use console'],
  ['api/a.ts', 'export const a = () => setInterval(a, 1)\n', 'api may not use setInterval'],
  // Round the names: by another way to a member, by the object that has it, by an alias, by text.
  ['framing/a.ts', "export const a = () => Math['random']()\n", 'framing may not use Math.random'],
  ['framing/a.ts', 'export const a = () => Math[`random`]()\n', 'framing may not use Math.random'],
  ['framing/a.ts', 'export const a = () => Math?.random()\n', 'framing may not use Math.random'],
  [
    'framing/a.ts',
    'export const a = () => (Math as { random(): number }).random()\n',
    'framing may not use Math.random',
  ],
  ['framing/a.ts', 'const { random } = Math\nexport const a = random\n', 'framing may not use Math'],
  ['framing/a.ts', 'export const a = (b: string) => Math[b as never]\n', 'framing may not use Math'],
  ['framing/a.ts', 'const M = Math\nexport const a = M.max\n', 'framing may not use Math'],
  ['http/a.ts', "export const a = () => AbortSignal['timeout'](1)\n", 'http may not use AbortSignal.timeout'],
  ['connection/a.ts', 'export const a = () => globalThis.setTimeout\n', 'may not use globalThis.setTimeout'],
  ['connection/a.ts', 'export const a = () => globalThis.anything\n', 'may not use globalThis.anything'],
  ['connection/a.ts', 'export const a = (b: string) => globalThis[b as never]\n', 'may not use globalThis'],
  ['connection/a.ts', 'export const a = Reflect.get(global, "Date")\n', 'connection may not use global'],
  ['connection/a.ts', "export const a = (() => 0).constructor('return Date.now()')\n", 'may not use .constructor'],
  ['connection/a.ts', "export const a = [].filter['constructor']\n", 'connection may not use .constructor'],
  ['connection/a.ts', 'const { constructor: b } = () => 0\nexport const a = b\n', 'may not use .constructor'],
  ['connection/a.ts', "export const a = new Function('return Date.now()')\n", 'connection may not use Function'],
  ['connection/a.ts', "export const a = eval('Date.now()')\n", 'connection may not use eval'],
  ['connection/a.ts', 'const later = queueMicrotask\nexport const a = later\n', 'may not use queueMicrotask'],
  // Other clocks, other chance, other ways out.
  ['connection/a.ts', 'export const a = new Intl.DateTimeFormat().format()\n', 'may not use Intl.DateTimeFormat'],
  ['connection/a.ts', 'export type A = Intl.DateTimeFormat\n', 'connection may not use Intl'],
  ['connection/a.ts', "export const now = () => new Event('a').timeStamp\n", 'connection may not use Event'],
  ['connection/a.ts', "import { File } from 'node:buffer'\nexport const a = 1\n", 'connection may not use File'],
  ['connection/a.ts', "import { File as F } from 'node:buffer'\nexport const a = F\n", 'connection may not use File'],
  ['connection/a.ts', 'export const a = () => Temporal.Now.instant()\n', 'connection may not use Temporal.Now.instant'],
  ['connection/a.ts', 'export const a = (b: Int32Array) => Atomics.wait(b, 0, 0, 5)\n', 'may not use Atomics.wait'],
  ['connection/a.ts', 'export const a = (b: object) => new WeakRef(b)\n', 'connection may not use WeakRef'],
  ['connection/a.ts', 'export const a = new FinalizationRegistry(() => 0)\n', 'may not use FinalizationRegistry'],
  ['connection/a.ts', 'export const a = new PerformanceObserver(() => 0)\n', 'may not use PerformanceObserver'],
  ['connection/a.ts', 'export const a = (b: number) => b.toLocaleString()\n', 'may not use .toLocaleString'],
  ['connection/a.ts', 'export const a = () => crypto.getRandomValues\n', 'may not use crypto.getRandomValues'],
  ['connection/a.ts', "export const a = () => fetch('http://x')\n", 'connection may not use fetch'],
  ['connection/a.ts', 'export const a = new MessageChannel()\n', 'connection may not use MessageChannel'],
  ['connection/a.ts', 'export const a = import.meta.url\n', 'connection may not use import.meta'],
  ['connection/a.ts', 'export const a = import.meta\n', 'connection may not use import.meta'],
  [
    'framing/a.ts',
    "/// <reference path='../api/client.ts' />\nexport const a = 1\n",
    'the compiler is told reference path',
  ],
  ['framing/a.ts', '/// <reference types="node" />\nexport const a = 1\n', 'the compiler is told reference types'],
  ['protocol.ts', '/// <reference lib="dom" />\nexport { a } from \'./connection/a.js\'\n', 'is told reference lib'],
  ['framing/a.ts', '// @ts-nocheck\nexport const a = 1\n', 'the compiler is told @ts-nocheck'],
  ['framing/a.ts', 'export const a = 1\n/* @ts-ignore */\n', 'the compiler is told @ts-ignore'],
  // Other ways to a module.
  ['framing/a.ts', "export type A = typeof import('node:net')\n", 'framing may not import node:net'],
  ['framing/a.ts', "export const a = () => import('data:text/javascript,0')\n", 'may not import data:text/javascript'],
  ['framing/a.ts', "export const a = () => import('/etc/a.js')\n", 'framing may not import /etc/a.js'],
  ['framing/a.ts', 'export const a = () => import("node:" + "net")\n', 'framing may not import <computed>'],
  ['framing/a.ts', "import { a } from '#net'\nexport const b = a\n", 'framing may not import #net'],
  ['cli/a.ts', "import { connect } from 'framewright'\nexport const a = connect\n", 'cli may not import framewright'],
  ['framing/a.ts', "import '../api/client.mjs'\nexport const a = 1\n", 'framing may not import api/client.mjs'],
  ['framing/a.ts', "export const a = require('node:net')\n", 'framing may not use require'],
  ['framing/a.ts', 'export const a = require\n', 'framing may not use require'],
  [
    'cli/a.ts',
    "import { createRequire } from 'node:module'\nexport const a = createRequire\n",
    'may not import node:module',
  ],
  ['cli/a.ts', "import { runInThisContext } from 'node:vm'\nexport const a = runInThisContext\n", 'import node:vm'],
  ['cli/a.ts', 'export const a = (b: string) => URL.canParse(b)\n', 'cli may not use .canParse'],
  ['cli/a.ts', "export const a = () => process.getBuiltinModule('net')\n", 'may not use process.getBuiltinModule'],
  ['cli/a.ts', 'const { getBuiltinModule } = process\nexport const a = getBuiltinModule\n', 'cli may not use process'],
  ['api/a.ts', "import { get } from 'node:http'\nexport const a = get\n", 'api may not import node:http'],
  ['api/a.ts', "import { type Agent, get } from 'node:http'\nexport const a = (b: Agent) => get\n", 'import node:http'],
  ['api/a.ts', "import { fork } from 'node:child_process'\nexport const a = fork\n", 'import node:child_process'],
  ['api/a.ts', "export const a = () => globalThis['setTimeout']\n", 'api may not use globalThis.setTimeout'],
  ['api/a.ts', 'export const a = (b: string) => globalThis[b as never]\n', 'api may not use globalThis'],
  ['api/a.ts', 'const { timeout } = AbortSignal\nexport const a = timeout\n', 'api may not use AbortSignal'],
  ['api/a.ts', 'export const a = (b: Int32Array) => Atomics.wait(b, 0, 0, 5)\n', 'api may not use Atomics.wait'],
  ['api/a.ts', "export const a = () => fetch('http://x')\n", 'api may not use fetch'],
  ['api/a.ts', "export const a = () => process.stdout.write('x')\n", 'api may not use process.stdout.write'],
  ['transport/a.ts', 'export const a = () => process.exit()\n', 'transport may not use process.exit'],
  ['transport/a.ts', "export const a = process['env']\n", 'transport may not use process.env'],

  ['framing/util.ts', 'export const a = 1\n', '"util" names nothing'],
  ['api/helpers/a.ts', 'export const a = 1\n', '"helpers" names nothing'],
  ['handshake/types.ts', 'export type A = 1\n', '"types" names nothing'],
  ['framing/a.js', 'export const a = 1\n', 'no rule can judge it'],
  ['framing/a.mts', 'export const a = 1\n', 'no rule can judge it'],
  ['framing/a.d.ts', 'export const a: number\n', 'no rule can judge it'],
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
  ['framing/a.ts', "import { a } from './b.js'\nexport { a }\n", 'a barrel'],
  ['framing/a.ts', "export * from './b.js'\nexport const a = 1\n", 'a star export'],
  ['framing/a.ts', "export * as b from './b.js'\nexport const a = 1\n", 'a star export'],
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
  const entries = await readdir(src, { recursive: true, withFileTypes: true })
  const paths = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  for (const path of paths.sort()) {
    const relative = path.slice(src.length + 1).replaceAll('\\', '/')
    t.same(complaints(relative, await readFile(path, 'utf8')), [], `${relative} in ${layerOf(relative)}`)
  }
  t.not(paths.length, 0)
})
