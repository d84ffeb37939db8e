/**
 * The load on an echo server, in a process of its own: raw octets over node:net, so that nothing but the server under test
 * knows anything of WebSockets. Told a {@link Load}, it answers when all connections are open; told `count`, with the
 * number of echoes so far; told `stop`, when all are closed.
 */
import { connect, type Socket } from 'node:net'
import { buildRawFrame } from '../../src/conformance/raw-frame.js'

export interface Load {
  readonly port: number
  /** Without Opening Handshake and masks: what is sent comes back as it is. */
  readonly raw: boolean
  readonly connections: number
  /** Octets of payload in each message. */
  readonly size: number
  /** Messages of each connection that are under way at a time. */
  readonly pipeline: number
}

const request =
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'

let echoes = 0
let running = false
let sockets: Socket[] = []

function start(load: Load): void {
  const payload = Buffer.alloc(load.size, 'abcdefghijklmnopqrstuvwxyz')
  const sent = buildRawFrame({ opcode: 2, payload, maskingKey: load.raw ? undefined : Buffer.from('37fa213d', 'hex') })
  const expected = buildRawFrame({ opcode: 2, payload })
  const many = Buffer.concat(Array.from({ length: load.pipeline }, () => sent))
  echoes = 0
  running = true
  let open = 0
  sockets = Array.from({ length: load.connections }, () => {
    const socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
    socket.on('error', fail)
    const opened = () => {
      if (++open === load.connections) for (const one of sockets) one.write(many)
      if (open === load.connections) process.send!({ open })
    }
    if (load.raw) {
      socket.on('connect', opened)
      socket.on('data', counter(socket, expected, many, sent.length))
    } else {
      socket.on('connect', () => socket.write(request))
      afterHead(socket, () => {
        socket.on('data', counter(socket, expected, many, sent.length))
        opened()
      })
    }
    return socket
  })
}

/** The response ends with an empty line, and nothing comes behind it before we have sent something. */
function afterHead(socket: Socket, then: () => void): void {
  let head = ''
  const read = (chunk: Buffer) => {
    head += chunk.toString('latin1')
    if (!head.endsWith('\r\n\r\n')) return
    if (!head.startsWith('HTTP/1.1 101')) fail(new Error(head))
    socket.off('data', read)
    then()
  }
  socket.on('data', read)
}

/** Counts echoes by their octets, compares the first of them, and keeps the pipeline full. */
function counter(socket: Socket, expected: Buffer, many: Buffer, frame: number): (chunk: Buffer) => void {
  let received = 0
  let first: Buffer[] | undefined = []
  return chunk => {
    const before = Math.floor(received / expected.length)
    received += chunk.length
    if (first !== undefined) {
      first.push(chunk)
      if (received >= expected.length) {
        const octets = Buffer.concat(first)
        if (!octets.subarray(0, expected.length).equals(expected))
          fail(new Error('what came back is not what was sent'))
        first = undefined
      }
    }
    const count = Math.floor(received / expected.length) - before
    echoes += count
    if (running && count > 0) socket.write(many.subarray(0, count * frame))
  }
}

function fail(error: Error): void {
  if (!running) return
  console.error(error)
  process.exit(1)
}

function stop(): void {
  running = false
  let open = sockets.length
  for (const socket of sockets) {
    socket.on('close', () => {
      if (--open === 0) process.send!({ stopped: true })
    })
    socket.destroy()
  }
}

process.on('message', (message: Load | 'count' | 'stop') => {
  if (message === 'count') process.send!({ echoes })
  else if (message === 'stop') stop()
  else start(message)
})
process.on('disconnect', () => process.exit(0))
