/**
 * The floor of a compressed echo on node:net: frames are unmasked, inflated and compressed again by zlib's handles, and sent
 * in one write for each read. Each message is one frame of at most 64 KiB; nothing is checked, and nothing bounded.
 */
import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { createDeflater, createInflater } from '../../build/src/extensions/deflate.js'
import { mask } from '../../build/src/framing/masking.js'
import { listening } from './serve.mjs'

const largest = 64 * 1024
const zlib = { windowBits: 15, level: 6, memLevel: 8 }
const inflated = Buffer.allocUnsafeSlow(largest)
let output = Buffer.allocUnsafeSlow(16 * largest)

/** Where nothing is kept, all connections have the same. */
const shared = { deflater: createDeflater(zlib), inflater: createInflater(15) }

class Echo {
  #socket
  #keeps
  #contexts
  #partial

  constructor(socket, keeps) {
    this.#socket = socket
    this.#keeps = keeps
    this.#contexts = keeps ? { deflater: createDeflater(zlib), inflater: createInflater(15) } : shared
  }

  read(octets) {
    const chunk = this.#partial === undefined ? octets : Buffer.concat([this.#partial, octets])
    this.#partial = undefined
    let used = 0
    for (let at = 0; at < chunk.length; ) {
      const end = frameEnd(chunk, at)
      if (end > chunk.length) {
        this.#partial = chunk.subarray(at)
        break
      }
      used = this.#message(chunk, at, end, used)
      at = end
    }
    if (used === 0) return
    this.#socket.write(output.subarray(0, used))
    if (this.#socket.writableLength > 0) output = Buffer.allocUnsafeSlow(output.length)
  }

  /** Echoes the frame chunk[at, end) to output[used, …); returns the place behind the echo. */
  #message(chunk, at, end, used) {
    const { deflater, inflater } = this.#contexts
    const start = at + headerSize(chunk, at)
    mask(chunk, start, end, chunk.readInt32LE(start - 4))
    let size = 0
    inflater.begin(chunk.subarray(start, end), largest)
    while (!inflater.done) size += inflater.read(inflated, size)
    if (!this.#keeps) inflater.reset()
    const blocks = deflater.deflate(inflated.subarray(0, size))
    const length = blocks.length - 4
    let to = used
    output[to++] = chunk[at]
    if (length < 126) output[to++] = length
    else {
      output[to++] = 126
      to = output.writeUInt16BE(length, to)
    }
    output.set(blocks.subarray(0, length), to)
    if (!this.#keeps) deflater.reset()
    return to + length
  }

  end() {
    if (!this.#keeps) return
    this.#contexts.deflater.close()
    this.#contexts.inflater.close()
  }
}

function headerSize(chunk, at) {
  return (chunk[at + 1] & 0x7f) === 126 ? 8 : 6
}

function frameEnd(chunk, at) {
  if (at + 4 > chunk.length) return Number.POSITIVE_INFINITY
  const length7 = chunk[at + 1] & 0x7f
  return at + headerSize(chunk, at) + (length7 === 126 ? chunk.readUInt16BE(at + 2) : length7)
}

const server = createServer(socket => {
  socket.setNoDelay()
  socket.on('error', () => {})
  socket.once('data', request => {
    const head = request.toString('latin1')
    const key = /^sec-websocket-key: (.*)\r$/im.exec(head)[1]
    const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    const offer = /^sec-websocket-extensions: (.*)\r$/im.exec(head)[1]
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Extensions: ${offer}\r\n\r\n`,
    )
    const echo = new Echo(socket, !offer.includes('no_context_takeover'))
    socket.on('data', chunk => echo.read(chunk))
    socket.on('close', () => echo.end())
  })
})
server.listen(0, '127.0.0.1', () => listening(server.address().port))
