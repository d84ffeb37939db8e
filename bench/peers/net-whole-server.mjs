/**
 * The floor of long messages: node:net putting the octets of each frame together in memory of its own, and then sending them
 * back as they came. Nothing is unmasked or checked; what it takes is the octets' way through fresh memory.
 */
import { createServer } from 'node:net'
import { listening } from './serve.mjs'

const server = createServer(socket => {
  let rest = Buffer.alloc(0)
  let whole
  let filled = 0
  socket.setNoDelay()
  socket.on('error', () => {})
  socket.on('data', octets => {
    let chunk = whole === undefined && rest.length > 0 ? Buffer.concat([rest, octets]) : octets
    while (chunk.length > 0) {
      if (whole === undefined) {
        rest = chunk
        if (chunk.length < 2 || chunk.length < headerSize(chunk)) return
        whole = Buffer.allocUnsafeSlow(frameSize(chunk))
        filled = 0
      }
      const taken = chunk.copy(whole, filled)
      filled += taken
      chunk = chunk.subarray(taken)
      if (filled < whole.length) return
      socket.write(whole)
      whole = undefined
      rest = chunk
    }
  })
})
server.listen(0, '127.0.0.1', () => listening(server.address().port))

/** Of a masked frame, as clients send them. */
function headerSize(chunk) {
  const length7 = chunk[1] & 0x7f
  return length7 < 126 ? 6 : length7 === 126 ? 8 : 14
}

function frameSize(chunk) {
  const size = headerSize(chunk)
  if (size === 6) return size + (chunk[1] & 0x7f)
  return size + (size === 8 ? chunk.readUInt16BE(2) : chunk.readUIntBE(4, 6))
}
