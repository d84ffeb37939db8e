/**
 * The floor below an Opening Handshake and a Closing Handshake that are checked: what net-least-server.mjs does, and beside
 * it the least that RFC 6455 asks of a server (§4.2.1: the request, field by field; §5.1, §5.5.1, §7.4: the Close frame) and
 * that no server can do without (§10.4: an end to the head, to the handshake, to a silence and to the end). No messages, hooks, options,
 * events, records of what has happened; nothing but what the generator sends is answered well.
 */
import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { createServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import { listening } from './serve.mjs'

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const longestHead = 16_384
const timeout = 10_000
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const visible = /^[\t -~\x80-\xff]*$/
const host = /^(?:[0-9A-Za-z._~%!$&'()*+,;=-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/
const key = /^[+/0-9A-Za-z]{21}[AQgw]==$/

/** Who waits, the longest first: everybody waits as long as any other. */
const first = { next: undefined, previous: undefined }
first.next = first
first.previous = first

function wait(socket) {
  leave(socket)
  socket.since = performance.now()
  socket.next = first
  socket.previous = first.previous
  first.previous.next = socket
  first.previous = socket
}

function leave(socket) {
  if (socket.next === undefined) return
  socket.next.previous = socket.previous
  socket.previous.next = socket.next
  socket.next = undefined
}

setInterval(() => {
  const late = performance.now() - timeout
  while (first.next !== first && first.next.since < late) {
    const socket = first.next
    leave(socket)
    socket.destroy()
  }
}, 1000).unref()

/** The value of Sec-WebSocket-Accept; undefined for what is no Opening Handshake. */
function accept(head) {
  const lines = head.split('\r\n')
  const [method, target, version, more] = lines[0].split(' ')
  if (method !== 'GET' || version !== 'HTTP/1.1' || more !== undefined) return undefined
  if (!target.startsWith('/') || target.startsWith('//') || target.includes('#') || !visible.test(target))
    return undefined
  const fields = new Map()
  for (let i = 1; i < lines.length - 2; i++) {
    const line = lines[i]
    const colon = line.indexOf(':')
    const name = line.slice(0, colon)
    if (!token.test(name) || !visible.test(line)) return undefined
    const known = name.toLowerCase()
    if (fields.has(known)) return undefined
    fields.set(known, line.slice(colon + 1).trim())
  }
  if (fields.has('transfer-encoding') || fields.has('content-length') || fields.has('origin')) return undefined
  if (!host.test(fields.get('host')) || fields.get('sec-websocket-version') !== '13') return undefined
  if (fields.get('upgrade')?.toLowerCase() !== 'websocket') return undefined
  if (fields.get('connection')?.toLowerCase() !== 'upgrade') return undefined
  const given = fields.get('sec-websocket-key')
  return key.test(given) ? hash('sha1', given + guid, 'base64') : undefined
}

function onHead(socket, chunk) {
  const head = socket.head + chunk.latin1Slice()
  if (!head.endsWith('\r\n\r\n')) {
    if (head.length > longestHead) socket.destroy()
    else socket.head = head
    return
  }
  const value = accept(head)
  if (value === undefined) {
    socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
    return
  }
  socket.head = undefined
  wait(socket)
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${value}\r\n\r\n`,
    'latin1',
  )
}

function onData(chunk) {
  if (this.head !== undefined) {
    onHead(this, chunk)
    return
  }
  // A Close frame, whole and masked, with a status code that may be on the wire and a reason in UTF-8.
  const length = chunk[1] & 0x7f
  const whole =
    chunk[0] === 0x88 && (chunk[1] & 0x80) !== 0 && length >= 2 && length <= 125 && chunk.length === 6 + length
  if (!whole || this.closing) {
    this.destroy()
    return
  }
  const answer = Buffer.allocUnsafe(4)
  for (let i = 6; i < chunk.length; i++) chunk[i] ^= chunk[2 + ((i - 6) & 3)]
  const code = (chunk[6] << 8) | chunk[7]
  const known =
    (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code < 5000)
  const said = known && (length === 2 || isUtf8(chunk.subarray(8))) ? code : 1002
  answer[0] = 0x88
  answer[1] = 2
  answer[2] = said >> 8
  answer[3] = said & 0xff
  this.closing = true
  wait(this)
  this.end(answer)
}

function onEnd() {
  if (!this.writableEnded) this.end()
}

function onClose() {
  leave(this)
}

const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
  socket.head = ''
  socket.closing = false
  socket.next = undefined
  socket.previous = undefined
  socket.since = 0
  wait(socket)
  socket.on('data', onData)
  socket.on('end', onEnd)
  socket.on('error', () => {})
  socket.on('close', onClose)
})
server.listen(0, '127.0.0.1', () => listening(server.address().port))
