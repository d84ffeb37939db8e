/**
 * The fuzzer finds what is planted: for each bug the compiled code is copied, one place of it is changed, and the target
 * must say which property is violated.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'

type Runner = typeof import('../../fuzz/runner.js')
type CommandLine = typeof import('../../fuzz/command-line.js')
type Targets = typeof import('../../fuzz/targets.js')

interface Bug {
  readonly target: string
  readonly what: string
  /** A file of src, as compiled, and the text that is there once. */
  readonly file: string
  readonly text: string
  readonly instead: string
  /** What may be found violated. */
  readonly property: RegExp
}

const bugs: readonly Bug[] = [
  {
    target: 'frames-server',
    what: '5.5 a control frame of 126 octets',
    file: 'framing/frame-decoder.js',
    text: 'length7 > maxControlPayload',
    instead: 'length7 > 126',
    property: /twin/,
  },
  {
    target: 'frames-server',
    what: '5.3 the masking-key does not turn between runs',
    file: 'framing/frame-decoder.js',
    text: 'this.#key = mask(',
    instead: 'mask(',
    property: /twin/,
  },
  {
    target: 'frames-client',
    what: '5.2 a length in more octets than needed',
    file: 'framing/frame-decoder.js',
    text: 'if (most < (size === 2 ? 126 : 0x1_0000))',
    instead: 'if (most < (size === 2 ? 125 : 0x1_0000))',
    property: /twin/,
  },
  {
    target: 'utf8',
    what: '8.1 a surrogate',
    file: 'framing/utf8.js',
    text: 'this.#upper = 0x9f',
    instead: 'this.#upper = 0xbf',
    property: /twin/,
  },
  {
    target: 'close-body',
    what: '7.4.1 the status code 1015',
    file: 'status-code.js',
    text: 'code <= 1014',
    instead: 'code <= 1015',
    property: /twin/,
  },
  {
    target: 'request-head',
    what: 'RFC 9112 §5.1 a tab behind a value is part of it',
    file: 'http/fields.js',
    text: 'isWhiteSpace(text.charCodeAt(to - 1))',
    instead: 'text.charCodeAt(to - 1) === 0x20',
    property: /twin|strictness/,
  },
  {
    target: 'request-head',
    what: '4.2.1 a version that is a number, but not spelled 13',
    file: 'handshake/server-handshake.js',
    text: "version === '13'",
    instead: 'Number(version) === 13',
    property: /handshake/,
  },
  {
    target: 'response-head',
    what: '4.1 the wrong Sec-WebSocket-Accept',
    file: 'handshake/client-handshake.js',
    text: "fields.get('sec-websocket-accept') !== acceptValue(this.#key)",
    instead: "!fields.has('sec-websocket-accept')",
    property: /handshake/,
  },
  {
    target: 'header-lists',
    what: 'X-02 more than linear time',
    file: 'http/grammar.js',
    text: 'token() {',
    instead: 'token() { for (let i = 0; i < this.#at; i++) this.#text.charCodeAt(i);',
    property: /work/,
  },
  {
    target: 'deflate-parameters',
    what: 'RFC 7692 §7.1.2.1 leading zeroes',
    file: 'extensions/permessage-deflate.js',
    text: ' && String(bits) === value',
    instead: '',
    property: /twin/,
  },
  {
    target: 'inflate',
    what: 'RFC 7692 §7.2.2 a message that is not whole',
    file: 'extensions/deflate.js',
    text: 'if (!endsMessage(this.#zlib))',
    instead: 'if (false)',
    property: /twin/,
  },
  {
    target: 'uri',
    what: '3 a fragment',
    file: 'handshake/websocket-uri.js',
    text: "url.href.includes('#')",
    instead: 'false',
    property: /twin|output/,
  },
  {
    target: 'session',
    what: '5.5.1 octets behind a Close frame are heeded',
    file: 'framing/frame-decoder.js',
    text: 'this.#stopped = true',
    instead: 'this.#stopped = false',
    property: /twin|once|output|conservation|ending/,
  },
  {
    target: 'session',
    what: 'M-01 memory for what is only declared',
    file: 'connection/message-buffer.js',
    text: 'Math.min(doubled, run + toCome)',
    instead: 'Number.isFinite(toCome) ? run + toCome : doubled',
    property: /memory/,
  },
  {
    target: 'session',
    what: 'nobody is told that a Pong waits',
    file: 'connection/connection.js',
    text: 'this.#parts.sender.outbox.writeControl(Opcode.pong, payload);\n        this.#parts.owner.wake();',
    instead: 'this.#parts.sender.outbox.writeControl(Opcode.pong, payload);',
    property: /wake/,
  },
  {
    target: 'session',
    what: 'M-12 messages are delivered while a promise is pending',
    file: 'connection/receiver.js',
    text: 'this.#awaiting = true',
    instead: 'this.#awaiting = false',
    property: /hold/,
  },
  {
    target: 'session',
    what: 'a full buffer takes more',
    file: 'connection/message-sender.js',
    text: 'this.outbox.bufferedAmount > this.#parts.settings.limits.maxSendBuffer',
    instead: 'this.outbox.bufferedAmount > this.#parts.settings.limits.maxSendBuffer + 1e6',
    property: /once/,
  },
  {
    target: 'pair',
    what: '5.4 the second frame of a message begins another',
    file: 'connection/send-queue.js',
    text: 'this.#opcode = Opcode.continuation',
    instead: 'this.#opcode',
    property: /round trip/,
  },
  {
    target: 'pair',
    what: '5.2 a text whose header is longer than guessed',
    file: 'framing/frame-encoder.js',
    text: 'slab.octets.copyWithin(',
    instead: 'slab.octets.indexOf(',
    property: /round trip|ending/,
  },
]

const build = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'planted-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
symlinkSync(fileURLToPath(new URL('../../../node_modules', import.meta.url)), join(folder, 'node_modules'))
writeFileSync(join(folder, 'package.json'), '{"type":"module"}')

/** A copy of what runs, with the bug in it. */
function plant({ file, text, instead }: Bug, name: string): string {
  const copy = join(folder, name, 'build')
  mkdirSync(copy, { recursive: true })
  const filter = (path: string) => !/\.(map|d\.ts)$/.test(path)
  for (const part of ['src', 'fuzz', 'test/http'])
    cpSync(join(build, part), join(copy, part), { recursive: true, filter })
  const path = join(copy, 'src', file)
  const code = readFileSync(path, 'utf8')
  if (code.split(text).length !== 2) throw new Error(`${file} must have once: ${text}`)
  writeFileSync(path, code.replace(text, instead))
  return copy
}

for (const [index, bug] of bugs.entries()) {
  t.test(`${bug.target} finds: ${bug.what}`, async t => {
    const copy = plant(bug, String(index))
    const { runTarget } = (await import(pathToFileURL(join(copy, 'fuzz/runner.js')).href)) as Runner
    const { targets } = (await import(pathToFileURL(join(copy, 'fuzz/targets.js')).href)) as Targets
    const target = targets.find(({ name }) => name === bug.target)!
    const { finding, runs } = runTarget(target, { runs: 20_000, seed: 1, shrink: false })
    t.match(finding?.property, bug.property, `${finding?.message}, after ${runs} runs`)
  })
}

t.test('npm run fuzz: what is found is printed with the command that shows it again, and kept', async t => {
  const copy = plant(bugs.find(({ target }) => target === 'close-body')!, 'printed')
  const { fuzzCommand } = (await import(pathToFileURL(join(copy, 'fuzz/command-line.js')).href)) as CommandLine
  const run = (...args: string[]) => {
    const lines: string[] = []
    const status = fuzzCommand(args, { out: line => lines.push(line), error: () => {}, progress: () => {} })
    return { status, text: lines.join('\n') }
  }
  const { text, status } = run('--target', 'close-body', '--runs', '20000', '--seed', '1')
  t.equal(status, 1)
  t.match(text, /^seed 1\nclose-body +FOUND a violation of "twin": .*\n {2}kept as (\S+)\n {2}npm run fuzz -- (.*)$/)
  const input = /--input='(.*)'/.exec(text)?.[1] ?? ''
  t.match(run('--target', 'close-body', `--input=${input}`), { status: 1, text: /FOUND a violation of "twin"/ })
  const again = run('--target', 'close-body', '--runs', '1', '--seed', '2')
  t.match(again, { status: 1, text: /FOUND/ }, 'the kept vector is replayed first')
})
