// WHATWG WebSockets Standard, send() and what is received: the cases of the web-platform-tests in websockets/Send-*,
// interfaces/WebSocket/send, binary and extended-payload-length, each in words of our own.
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { WebSocket } from '../../../src/index.js'
import { pathServer, thrown, wpt } from './path-server.js'
import { rawPeer } from './raw-peer.js'
import { settle } from './socket-log.js'

/** Anything may be given in JavaScript. */
const sendOf = (socket: WebSocket) => socket.send.bind(socket) as (...data: unknown[]) => unknown

const texts: [name: string, given: unknown, received: string, size?: number][] = [
  ['Send-data.any.js', 'Message to send', 'Message to send'],
  ['Send-0byte-data.any.js', '', ''],
  ['interfaces/WebSocket/send/009.html', '', ''],
  ['Send-65K-data.any.js', 'c'.repeat(65_000), 'c'.repeat(65_000)],
  ['Send-null.any.js', null, 'null'],
  ['interfaces/WebSocket/send/012.html', null, 'null'],
  ['Send-unicode-data.any.js', '\u00a5'.repeat(6), '\u00a5'.repeat(6), 12],
  ['Send-paired-surrogates.any.js', '\ud801\udc07', '\ud801\udc07', 4],
  ['Send-unpaired-surrogates.any.js', '\ud807', '\ufffd', 3],
  ['interfaces/WebSocket/send/006.html', 'a\udc00xb\ud800xc\udc00\ud800x', 'a\ufffdxb\ufffdxc\ufffd\ufffdx', 18],
  ['interfaces/WebSocket/send/011.html', '\u00e5 a\u030a \ud801\udc7e', '\u00e5 a\u030a \ud801\udc7e', 11],
]

for (const [name, given, received, size = received.length] of texts) {
  wpt(name, async (t, { open }) => {
    const { socket, log } = await open('/echo')
    t.equal(sendOf(socket)(given), undefined)
    t.equal(socket.bufferedAmount, size, 'octets of UTF-8')
    t.equal(await log.message(), received)
    t.equal(socket.bufferedAmount, 0)
    socket.close()
    t.equal(await log.until('close'), 'close clean 1005')
  })
}

wpt('extended-payload-length.html', async (t, { open }) => {
  const { socket, log } = await open('/echo')
  for (const size of [125, 126, 0xffff, 0x1_0000]) {
    socket.send('a'.repeat(size))
    t.equal(await log.message(), 'a'.repeat(size))
  }
})

wpt('interfaces/WebSocket/send/010.html', async (t, { open }) => {
  const { socket, log } = await open('/echo')
  const things = [
    null,
    undefined,
    1,
    globalThis,
    {},
    [],
    [1, 2],
    socket,
    () => {},
    new Error('e'),
    new Date(0),
    -0,
    12n,
  ]
  for (const thing of things) {
    sendOf(socket)(thing)
    t.equal(await log.message(), String(thing))
  }
  t.equal(
    thrown(() => sendOf(socket)(Symbol('data'))),
    'TypeError',
  )
})

for (const name of [
  'interfaces/WebSocket/send/003.html',
  'Send-before-open.any.js',
  'interfaces/WebSocket/send/004.html',
]) {
  wpt(name, async (t, { connect }) => {
    const { socket, log } = connect('/echo')
    const given = [
      'a',
      'a\udc00x',
      'a\ud800x',
      'a\udc00\ud800x',
      new ArrayBuffer(1),
      new Uint8Array(1),
      new Blob(['b']),
    ]
    for (const data of given)
      t.equal(
        thrown(() => socket.send(data)),
        'DOMException InvalidStateError',
      )
    t.equal(
      thrown(() => sendOf(socket)(Symbol('data'))),
      'TypeError',
      'the data is converted first',
    )
    t.equal(socket.bufferedAmount, 0)
    await log.until('open')
    await settle()
    t.same(log.lines, ['open'], 'nothing was sent')
  })
}

t.test('interfaces/WebSocket/send/001.html no argument: a TypeError', async t => {
  const { connect } = await pathServer(t)
  const { socket, log } = connect()
  t.equal(
    thrown(() => sendOf(socket)()),
    'TypeError',
  )
  await log.until('open')
  t.equal(
    thrown(() => sendOf(socket)()),
    'TypeError',
  )
  t.equal(WebSocket.prototype.send.length, 1)
})

wpt('interfaces/WebSocket/send/005.html', async (t, { open }) => {
  t.equal(sendOf((await open()).socket)('test'), undefined)
})

wpt('interfaces/WebSocket/send/007.html', async (t, { open, connections }) => {
  const { socket, log } = await open('/echo')
  const received: unknown[] = []
  connections[0]!.on('message', data => received.push(data))
  socket.close()
  for (const data of ['test', new Uint8Array(2), new Blob(['b'])]) t.equal(sendOf(socket)(data), undefined)
  await log.until('close')
  t.same(log.lines, ['open', 'close clean 1005'])
  t.same(received, [])
})

wpt('interfaces/WebSocket/send/008.html', async (t, { open }) => {
  const { socket, log } = await open('/exit')
  socket.onclose = () => t.equal(sendOf(socket)('test'), undefined)
  socket.send('Goodbye')
  await log.until('close')
  await settle()
  t.same(log.lines, ['open', 'close clean 1000 "exit"'])
  t.equal(socket.bufferedAmount, 4)
})

const bytes = Uint8Array.from({ length: 64 }, (_, i) => (i * 37) % 256)
const memory = bytes.buffer as ArrayBuffer
const shared = new SharedArrayBuffer(4)
new Uint8Array(shared).set([1, 2, 3, 4])

/** 16-bit floating point numbers are newer than Node 20. */
const { Float16Array = Int16Array } = globalThis as unknown as { Float16Array?: typeof Int16Array }

const binaries: [name: string, data: unknown, octets: Uint8Array][] = [
  ['Send-binary-arraybuffer.any.js', memory, bytes],
  ['Send-binary-65K-arraybuffer.any.js', new ArrayBuffer(65_000), new Uint8Array(65_000)],
  ['Send-binary-arraybufferview-int8.any.js', new Int8Array(memory), bytes],
  ['Send-binary-arraybufferview-int16-offset.any.js', new Int16Array(memory, 2), bytes.subarray(2)],
  ['Send-binary-arraybufferview-int32.any.js', new Int32Array(memory), bytes],
  ['Send-binary-arraybufferview-uint16-offset-length.any.js', new Uint16Array(memory, 2, 4), bytes.subarray(2, 10)],
  ['Send-binary-arraybufferview-uint32-offset.any.js', new Uint32Array(memory, 4), bytes.subarray(4)],
  ['Send-binary-arraybufferview-uint8-offset.any.js', new Uint8Array(memory, 1), bytes.subarray(1)],
  ['Send-binary-arraybufferview-uint8-offset-length.any.js', new Uint8Array(memory, 2, 3), bytes.subarray(2, 5)],
  ['Send-binary-arraybufferview-float16.any.js', new Float16Array(memory), bytes],
  ['Send-binary-arraybufferview-float32.any.js', new Float32Array(memory), bytes],
  ['Send-binary-arraybufferview-float64.any.js', new Float64Array(memory), bytes],
  ['Send-binary-blob.any.js', new Blob([new Uint8Array(65_000)]), new Uint8Array(65_000)],
  ['a Blob of several parts', new Blob(['ab', bytes]), Buffer.concat([Buffer.from('ab'), bytes])],
  ['a DataView', new DataView(memory, 3, 5), bytes.subarray(3, 8)],
  ['shared memory', shared, new Uint8Array(shared)],
  ['no octet', new ArrayBuffer(0), new Uint8Array(0)],
]

for (const [name, data, octets] of binaries) {
  wpt(name, async (t, { open }) => {
    const { socket, log } = await open('/echo')
    for (const binaryType of ['blob', 'arraybuffer'] as const) {
      socket.binaryType = binaryType
      t.equal(sendOf(socket)(data), undefined)
      t.equal(socket.bufferedAmount, octets.length)
      const received = await log.message()
      t.ok(received instanceof (binaryType === 'blob' ? Blob : ArrayBuffer), binaryType)
      const memory = received instanceof Blob ? await received.arrayBuffer() : (received as ArrayBuffer)
      t.ok(Buffer.from(memory).equals(octets))
      t.equal(socket.bufferedAmount, 0)
    }
    socket.close()
    t.equal(await log.until('close'), 'close clean 1005')
  })
}

const sizes: [name: string, size: number, type: 'blob' | 'arraybuffer'][] = [
  ['binary/001.html', 10, 'blob'],
  ['binary/002.html', 100_000, 'blob'],
  ['binary/004.html', 100_000, 'arraybuffer'],
  ['binary/005.html', 10, 'arraybuffer'],
]

for (const [name, size, type] of sizes) {
  wpt(name, async (t, { open }) => {
    const { socket, log } = await open('/echo')
    socket.binaryType = type
    socket.send(new ArrayBuffer(size))
    await log.message()
    t.same(log.lines, ['open', `message ${type} ${size}`])
  })
}

t.test('send-data-isolation.sub.html data is copied at the call, whatever its size', async t => {
  const { socket, peer } = await rawPeer(t)
  for (const size of [1, 1000, 65_536, 65_537, 300_000]) {
    const data = new Uint8Array(size).fill(7)
    socket.send(data)
    data.fill(8)
    const { payload } = await peer.frame()
    t.ok(payload.equals(Buffer.alloc(size, 7)), `${size}`)
  }
})

t.test('Send-data.worker.js the same in a worker thread', async t => {
  const { base } = await pathServer(t)
  const module = new URL('../../../src/index.js', import.meta.url).href
  const program = `
    import(${JSON.stringify(module)}).then(({ WebSocket }) => {
      const socket = new WebSocket(${JSON.stringify(`${base}/echo`)})
      socket.onopen = () => socket.send('Message to send')
      socket.onmessage = ({ data }) => {
        require('node:worker_threads').parentPort.postMessage(data)
        socket.close()
      }
    })`
  const worker = new Worker(program, { eval: true })
  const ended = new Promise(resolve => worker.on('exit', resolve))
  t.equal(await new Promise(resolve => worker.on('message', resolve)), 'Message to send')
  t.equal(await ended, 0)
})

wpt('send-many-64K-messages-with-backpressure.any.js', async (t, { open, connections }) => {
  const { socket, log } = await open('/echo')
  socket.binaryType = 'arraybuffer'
  const server = connections[0]!
  server.pause()
  for (let i = 0; i < 50; i++) socket.send(new Uint8Array(65_536))
  t.equal(socket.bufferedAmount, 50 * 65_536)
  await settle(20)
  server.resume()
  await log.until('message', 50)
  t.equal(socket.bufferedAmount, 0)
  socket.close()
  t.equal(await log.until('close'), 'close clean 1005')
})

t.test('each ArrayBuffer that is received is memory of its own', async t => {
  const { socket, log, send } = await rawPeer(t)
  socket.binaryType = 'arraybuffer'
  send({ opcode: 2, payload: 'one' }, { opcode: 2, payload: 'two' }, { opcode: 2, payload: Buffer.alloc(200_000, 1) })
  send({ opcode: 2, payload: 'a', fin: false }, { opcode: 0, payload: 'b' })
  await log.until('message', 4)
  const [one, two, large, whole] = log.data as ArrayBuffer[]
  t.same(
    [one, two, whole].map(data => Buffer.from(data!).toString()),
    ['one', 'two', 'ab'],
  )
  t.equal(large!.byteLength, 200_000)
  new Uint8Array(one!).fill(0)
  t.equal(Buffer.from(two!).toString(), 'two')
})

t.test('binaryType counts at the time of the message', async t => {
  const { socket, log, send } = await rawPeer(t)
  socket.onmessage = () => (socket.binaryType = 'arraybuffer')
  send({ opcode: 2, payload: 'one' }, { opcode: 2, payload: 'two' }, { opcode: 1, payload: 'three' })
  await log.until('message', 3)
  t.same(log.lines.slice(1), ['message blob 3', 'message arraybuffer 3', 'message "three"'])
})
