/**
 * What it costs to read frames, of a client or of a server: src/framing/frame-decoder.ts alone, which delivers runs of octets
 * where they lie, and a whole connection, which delivers Buffers that may be kept, as the receiver of ws does.
 */
import { buildRawFrame } from '../src/conformance/raw-frame.js'
import { Connection } from '../src/connection/connection.js'
import type { ConnectionHandler } from '../src/connection/connection-handler.js'
import { connectionSettings } from '../src/connection/connection-settings.js'
import { resolveLimits } from '../src/connection/limits.js'
import { FrameDecoder } from '../src/framing/frame-decoder.js'
import type { Role } from '../src/framing/frame-header.js'
import type { Contestant, Point, Question, Ws } from './question.js'

export const decodeQuestion: Question = {
  name: 'decode',
  about: 'frames, as a server reads them, and unmasked, as a client does (one operation: a message)',
  points: (ws, wsNative) => shapes.map(shape => decodePoint(shape, { ws, 'ws + bufferutil': wsNative })),
}

type Shape = readonly [opcode: 1 | 2, size: number, count: number, reader?: Role]

const shapes: readonly Shape[] = [
  [2, 20, 16],
  [2, 125, 16],
  [2, 1024, 16],
  [2, 16_384, 16],
  [2, 20, 1],
  [2, 20, 256],
  [2, 16_384, 1],
  [2, 65_536, 1],
  [1, 20, 16],
  [1, 125, 16],
  [1, 1024, 16],
  [1, 16_384, 1],
  [2, 20, 16, 'client'],
  [2, 125, 16, 'client'],
  [2, 1024, 16, 'client'],
  [2, 16_384, 16, 'client'],
]

/** What is ASCII before it is masked with this is ASCII after it too. */
const key = Buffer.from('01020304', 'hex')

/**
 * So many messages in one chunk. A chunk is unmasked where it lies, so it is masked again when it is read again, with the
 * same key: it can be used for ever, and its content is legal each time.
 */
function decodePoint(
  [opcode, size, count, role = 'server']: Shape,
  others: Readonly<Record<string, Ws | undefined>>,
): Point {
  const masked = role === 'server'
  const payload = Buffer.alloc(size, 'abcdefghij')
  const frame = buildRawFrame({ opcode, payload, maskingKey: masked ? key : undefined })
  const chunk = Buffer.concat(Array.from({ length: count }, () => frame))
  const repeats = Math.max(1, Math.floor(64 / count))
  const contestants: Contestant[] = [
    { name: 'framewright', run: repeated(chunk, repeats, connection(role)) },
    { name: 'framewright, runs', run: repeated(chunk, repeats, decoder(role)) },
  ]
  for (const [name, ws] of Object.entries(others)) {
    if (ws !== undefined) contestants.push({ name, run: repeated(chunk, repeats, receiver(ws, role)) })
  }
  const kind = masked ? (opcode === 1 ? 'text' : 'binary') : 'unmasked'
  const name = `${kind}, ${size} octets, ${count} a chunk`
  return { name, operations: repeats * count, contestants }
}

function repeated(octets: Buffer, repeats: number, read: (chunk: Buffer) => void): () => void {
  const chunk = Buffer.from(octets)
  return () => {
    for (let i = 0; i < repeats; i++) read(chunk)
  }
}

function connection(role: Role): (chunk: Buffer) => void {
  const nothing = () => {}
  const handler: ConnectionHandler = {
    onText: nothing,
    onBinary: nothing,
    onPing: nothing,
    onPong: nothing,
    onClosing: nothing,
    onPeerEnd: nothing,
    onDrain: nothing,
    onWritten: nothing,
    onClose: nothing,
    onError: nothing,
  }
  const settings = connectionSettings(resolveLimits(role))
  const one = new Connection(role, handler, { wake: nothing }, settings, 0)
  return chunk => void one.receive(chunk, 0)
}

function decoder(role: Role): (chunk: Buffer) => void {
  const one = new FrameDecoder(role, { onHeader() {}, onPayload() {} })
  return chunk => void one.decode(chunk)
}

function receiver(ws: Ws, role: Role): (chunk: Buffer) => void {
  const one = new ws.Receiver({ isServer: role === 'server', maxPayload: 1_048_576 })
  // What WebSocket does with a text before the application sees it.
  one.on('message', data => void data.length)
  return chunk => void one.write(chunk)
}
