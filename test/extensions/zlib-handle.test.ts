/** The self-test of what Node keeps from the public: each way in which it might change is seen, and none is survived by luck. */
import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib'
import t from 'tap'
import { Flush, testedDrive, ZlibHandle } from '../../src/extensions/zlib-handle.js'

const options = { chunkSize: 64 }

type WriteSync = (...parameters: unknown[]) => void

/** A stream as Node has it, with something about it that is different. */
interface Stream {
  _handle: { onerror: unknown; writeSync: WriteSync; reset: () => void }
  _writeState: Uint32Array
  _processChunk: unknown
}

/**
 * What does the self-test say, where all streams are changed in this way?
 *
 * @param spared so many are not: the first one is for Node itself to drive.
 */
function drive(change: (stream: Stream) => void, spared = 0): string {
  let made = 0
  const changed = (stream: unknown) => {
    if (made++ >= spared) change(stream as Stream)
    return stream as object
  }
  return testedDrive(
    () => changed(createDeflateRaw(options)),
    () => changed(createInflateRaw(options)),
  )
}

/** The next write is made in another way. */
function rewrite(stream: Stream, write: (original: WriteSync, parameters: unknown[]) => void): void {
  const original = stream._handle.writeSync.bind(stream._handle)
  stream._handle.writeSync = (...parameters) => write(original, parameters)
}

t.test('the flush values are those of zlib', async t => {
  t.equal(Flush.sync, constants.Z_SYNC_FLUSH)
  t.equal(Flush.block, constants.Z_BLOCK)
})

t.test('the handles of this Node are what they are taken for', async t => {
  t.equal(
    drive(() => {}),
    'handle',
  )
})

t.test('a handle that is called otherwise by Node itself is never called', async t => {
  let calls = 0
  const cases: [string, (stream: Stream) => void][] = [
    ['no _processChunk', stream => (stream._processChunk = undefined)],
    ['no handle', stream => ((stream as { _handle: unknown })._handle = undefined)],
    ['another function', stream => (stream._processChunk = () => {})],
    [
      'one parameter more',
      stream => (stream._processChunk = (chunk: Buffer) => stream._handle.writeSync(2, chunk, 0, 9, options, 0, 64, 0)),
    ],
    [
      'another order',
      stream => (stream._processChunk = (chunk: Buffer) => stream._handle.writeSync(chunk, 2, 0, 9, chunk, 0, 64)),
    ],
    [
      'an output that is no octets',
      stream => (stream._processChunk = (chunk: Buffer) => stream._handle.writeSync(2, chunk, 0, 9, [], 0, 0)),
    ],
    [
      'another room',
      stream => (stream._processChunk = (chunk: Buffer) => stream._handle.writeSync(2, chunk, 0, 9, chunk, 0, 64)),
    ],
  ]
  for (const [name, change] of cases) {
    calls = 0
    const passed = drive(stream => {
      change(stream)
      const handle = stream._handle as Stream['_handle'] | undefined
      if (handle !== undefined) handle.writeSync = () => calls++
    })
    t.equal(passed, 'calls', name)
    t.ok(calls <= 1, `${name}: ${calls}`)
  }
})

t.test('a handle that does otherwise is seen', async t => {
  const cases: [string, (stream: Stream) => void][] = [
    ['no state', stream => (stream._writeState = new Uint32Array(2))],
    ['no writeSync', stream => ((stream._handle as { writeSync: unknown }).writeSync = 1)],
    ['no reset', stream => (stream._handle.reset = () => {})],
    [
      'it always forgets',
      stream =>
        rewrite(stream, (write, p) => {
          stream._handle.reset()
          write(...p)
        }),
    ],
    [
      'errors are told to nobody',
      stream => Object.defineProperty(stream._handle, 'onerror', { get: () => () => {}, set() {} }),
    ],
    [
      'errors are thrown',
      stream =>
        rewrite(stream, (write, p) => {
          write(...p)
          if (p[4] instanceof Buffer && p[4].length === 28 && (p[1] as Buffer).length < 20) throw new Error('thrown')
        }),
    ],
    ['flush is ignored', stream => rewrite(stream, (write, [, ...p]) => write(0, ...p))],
    ['no stop at the end of a block', stream => rewrite(stream, (write, [, ...p]) => write(2, ...p))],
    [
      'state is written the other way round',
      stream =>
        rewrite(stream, (write, p) => {
          write(...p)
          stream._writeState.reverse()
        }),
    ],
  ]
  for (const [name, change] of cases) t.equal(drive(change, 1), 'calls', name)
})

t.test('a handle that was closed is not touched, which would end the process', async t => {
  const handle = new ZlibHandle(createDeflateRaw(options))
  handle.close()
  const octets = Buffer.alloc(64)
  t.throws(() => handle.write(Flush.sync, octets, 0, octets, 0, 64), { message: /after it was closed/ })
  t.throws(() => handle.reset(), { message: /after it was closed/ })
})
