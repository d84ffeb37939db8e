/**
 * What it costs to read the frames of a client: src/framing/frame-decoder.ts alone, and a whole connection that hands over
 * each message, which is what the receiver of ws does.
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
  points: ws => [
    decodePoint(2, 20, 1, ws),
    decodePoint(2, 20, 16, ws),
    decodePoint(2, 20, 256, ws),
    decodePoint(2, 125, 16, ws),
    decodePoint(2, 1024, 16, ws),
    decodePoint(2, 16_384, 1, ws),
    decodePoint(2, 65_536, 1, ws),
    decodePoint(1, 20, 16, ws),
    decodePoint(1, 125, 16, ws),
    decodePoint(1, 1024, 16, ws),
    decodePoint(1, 16_384, 1, ws),
  ],
}

const key = Buffer.from('37fa213d', 'hex')

/** So many messages in one chunk. Each contestant has a chunk of its own, written anew before it is read. */
function decodePoint(opcode: 1 | 2, size: number, count: number, ws: Ws | undefined): Point {
  const frame = buildRawFrame({ opcode, payload: Buffer.alloc(size, 'abcdefghij'), maskingKey: key })
  const chunk = Buffer.concat(Array.from({ length: count }, () => frame))
  const repeats = Math.max(1, Math.floor(64 / count))
  const contestants: Contestant[] = [
    { name: 'framewright', run: repeated(chunk, repeats, connection()) },
    { name: 'the decoder alone', run: repeated(chunk, repeats, decoder()) },
    { name: 'nothing but the copy', run: repeated(chunk, repeats, () => {}) },
  ]
  if (ws !== undefined) contestants.push({ name: 'ws', run: repeated(chunk, repeats, receiver(ws)) })
  const name = `${opcode === 1 ? 'text' : 'binary'}, ${size} octets, ${count} a chunk`
  return { name, operations: repeats * count, contestants }
}

/** A chunk is unmasked where it lies, so each needs a fresh one: that copy is in every figure. */
function repeated(chunk: Buffer, repeats: number, read: (chunk: Buffer) => void): () => void {
  return () => {
    for (let i = 0; i < repeats; i++) read(Buffer.from(chunk))
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
