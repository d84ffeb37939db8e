/**
 * The floor of a WebSocket echo on node:net: frames are unmasked and sent back as they come, in one write for each read. No
 * limits, no deadlines, no messages, no handlers, no check of anything; what a peer of ours must do is on top of this. With
 * the option `reads: 'reused'` it reads as framewright does then: always into the same memory, where SIMD unmasks in place. With
 * `keep: false` it does not tell the allocator what framewright does.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { maskRun, wordsOf } from '../../build/src/framing/masking.js'
import { keepFreedMemory } from '../../build/src/transport/freed-memory.js'
import { sharedReusedReads } from '../../build/src/transport/reused-reads.js'
import { own } from '../../build/src/transport/socket-events.js'
import { listening, options } from './serve.mjs'

const { reads = 'plain', keep = true } = options
// What one read can become, behind what was left of a header before it.
const slabSize = 320 * 1024
let slab = Buffer.allocUnsafeSlow(slabSize)

class Echo {
  #socket
  #partial
  #remaining = 0
  #key = 0

  constructor(socket) {
    this.#socket = socket
  }

  onData(octets) {
    if (keep) keepFreedMemory(octets.length)
    const chunk = this.#partial === undefined ? octets : Buffer.concat([this.#partial, octets])
    this.#partial = undefined
    const words = wordsOf(chunk)
    const origin = chunk.byteOffset
    let used = 0
    for (let at = 0; at < chunk.length; ) {
      if (this.#remaining === 0) {
        const size = headerSize(chunk, at)
        if (at + size > chunk.length) {
          this.#partial = Buffer.from(chunk.subarray(at))
          break
        }
        used = this.#header(chunk, at, used)
        at += size
      }
      const end = Math.min(chunk.length, at + this.#remaining)
      this.#key = maskRun(chunk, words, origin, at, end, this.#key)
      slab.set(chunk.subarray(at, end), used)
      used += end - at
      this.#remaining -= end - at
      at = end
    }
    if (used === 0) return
    this.#socket.write(slab.subarray(0, used))
    if (this.#socket.writableLength > 0) slab = Buffer.allocUnsafeSlow(slabSize)
  }

  onEnd() {
    this.#socket.end()
  }

  onError() {}

  onClose() {}

  /** Reads a header at `at`, writes that of the reply at `used`, and returns the place behind it. */
  #header(chunk, at, used) {
    const length7 = chunk[at + 1] & 0x7f
    const extended = length7 < 126 ? 0 : length7 === 126 ? 2 : 8
    this.#remaining =
      extended === 0 ? length7 : chunk.readUIntBE(at + 2 + Math.max(0, extended - 6), Math.min(extended, 6))
    this.#key = chunk.readInt32LE(at + 2 + extended)
    slab[used] = chunk[at]
    slab[used + 1] = length7
    for (let i = 2; i < 2 + extended; i++) slab[used + i] = chunk[at + i]
    return used + 2 + extended
  }
}

function headerSize(chunk, at) {
  const length7 = chunk[at + 1] & 0x7f
  return length7 < 126 ? 6 : length7 === 126 ? 8 : 14
}

await sharedReusedReads.triedFor(reads)
const server = createServer(socket => {
  socket.setNoDelay()
  socket.on('error', () => {})
  socket.once('data', request => {
    const key = /^sec-websocket-key: (.*)\r$/im.exec(request.toString('latin1'))[1]
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    )
    own(socket, new Echo(socket))
    if (reads === 'reused' && !sharedReusedReads.begin(socket))
      throw new Error('this Node does not read into one memory')
  })
})
server.listen(0, '127.0.0.1', () => listening(server.address().port))
