/**
 * What it costs to read the frames of a client: src/framing/frame-decoder.ts alone, which delivers runs of octets where
 * they lie, and a whole connection, which delivers Buffers that may be kept, as the receiver of ws does.
 */
import { buildRawFrame } from '../src/conformance/raw-frame.js'
import { Connection } from '../src/connection/connection.js'
import type { ConnectionHandler } from '../src/connection/connection-handler.js'
import { connectionSettings } from '../src/connection/connection-settings.js'
import { resolveLimits } from '../src/connection/limits.js'
import { FrameDecoder } from '../src/framing/frame-decoder.js'
import type { Contestant, Point, Question, Ws } from './question.js'

export const decodeQuestion: Question = {
  name: 'decode',
  about: 'masked frames, as a server reads them (one operation: a message)',
  points: (ws, wsNative) =>
    shapes.map(([opcode, size, count]) => decodePoint(opcode, size, count, { ws, 'ws + bufferutil': wsNative })),
}

const shapes: readonly (readonly [opcode: 1 | 2, size: number, count: number])[] = [
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
]

/** What is ASCII before it is masked with this is ASCII after it too. */
const key = Buffer.from('01020304', 'hex')

/**
 * So many messages in one chunk. A chunk is unmasked where it lies, so it is masked again when it is read again, with the
 * same key: it can be used for ever, and its content is legal each time.
 */
function decodePoint(
  opcode: 1 | 2,
  size: number,
  count: number,
  others: Readonly<Record<string, Ws | undefined>>,
): Point {
  const frame = buildRawFrame({ opcode, payload: Buffer.alloc(size, 'abcdefghij'), maskingKey: key })
  const chunk = Buffer.concat(Array.from({ length: count }, () => frame))
  const repeats = Math.max(1, Math.floor(64 / count))
  const contestants: Contestant[] = [
    { name: 'framewright', run: repeated(chunk, repeats, connection()) },
    { name: 'framewright, runs', run: repeated(chunk, repeats, decoder()) },
  ]
  for (const [name, ws] of Object.entries(others)) {
    if (ws !== undefined) contestants.push({ name, run: repeated(chunk, repeats, receiver(ws)) })
  }
  const name = `${opcode === 1 ? 'text' : 'binary'}, ${size} octets, ${count} a chunk`
  return { name, operations: repeats * count, contestants }
}

function repeated(octets: Buffer, repeats: number, read: (chunk: Buffer) => void): () => void {
  const chunk = Buffer.from(octets)
  return () => {
    for (let i = 0; i < repeats; i++) read(chunk)
  }
}

function connection(): (chunk: Buffer) => void {
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
  const settings = connectionSettings(resolveLimits('server'))
  const one = new Connection('server', handler, { wake: nothing }, settings, 0)
  return chunk => void one.receive(chunk, 0)
}

function decoder(): (chunk: Buffer) => void {
  const one = new FrameDecoder('server', { onHeader() {}, onPayload() {} })
  return chunk => void one.decode(chunk)
}

function receiver(ws: Ws): (chunk: Buffer) => void {
  const one = new ws.Receiver({ isServer: true, maxPayload: 1_048_576 })
  // What WebSocket does with a text before the application sees it.
  one.on('message', data => void data.length)
  return chunk => void one.write(chunk)
}
