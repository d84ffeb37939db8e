/**
 * A stream of node:zlib, driven through the handle beneath it: the one place that leans on what Node keeps from the
 * public, and the test that it still is what it was. Node's own synchronous functions drive the handle in this way.
 */
import { ProtocolError } from '../errors.js'

/** What every piece of a message ends with, once deflated: the length fields of an empty block without compression. */
export const emptyBlockTail: Buffer = Buffer.from([0, 0, 0xff, 0xff])

/** zlib's flush values, as far as they are used with handles. */
export const Flush = { sync: 2, block: 5 } as const

export type Flush = (typeof Flush)[keyof typeof Flush]

/** The handle, as far as it is used here. */
interface Handle {
  onerror: (message: string) => void
  writeSync(
    flush: number,
    input: Uint8Array,
    start: number,
    length: number,
    output: Uint8Array,
    from: number,
    room: number,
  ): void
  reset(): void
}

interface Stream {
  readonly _handle: Handle
  /** After a write: octets of room left, octets of input left. */
  readonly _writeState: Uint32Array
  _processChunk(chunk: Buffer, flush: number): Buffer
  close(): void
}

// zlib's errors are told by a call from within a write: kept here until the write returns.
let failure: string | undefined

function onError(message: string): void {
  failure = message
}

export class ZlibHandle {
  /** After a write: octets of room that were not needed. */
  room = 0
  /** After a write: octets of input that were not taken. */
  left = 0
  readonly #stream: Stream
  readonly #handle: Handle
  readonly #state: Uint32Array
  #closed = false

  /** @param stream - fresh from node:zlib, for this alone. */
  constructor(stream: object) {
    this.#stream = stream as Stream
    this.#handle = this.#stream._handle
    this.#state = this.#stream._writeState
    this.#handle.onerror = onError
  }

  /**
   * Reads input[start, …) and writes output[from, from + room).
   *
   * @throws ProtocolError 1007: what it reads cannot be inflated.
   */
  write(flush: Flush, input: Buffer, start: number, output: Buffer, from: number, room: number): void {
    this.#check()
    failure = undefined
    this.#handle.writeSync(flush, input, start, input.length - start, output, from, room)
    if (failure !== undefined) throw corruptMessage(failure)
    this.room = this.#state[0]!
    this.left = this.#state[1]!
  }

  /** Forgets the window, and any error. */
  reset(): void {
    this.#check()
    this.#handle.reset()
  }

  /** Gives the memory back. */
  close(): void {
    this.#closed = true
    this.#stream.close()
  }

  /** The process would end there and then. */
  #check(): void {
    if (this.#closed) throw new Error('a zlib handle is used after it was closed')
  }
}

export function corruptMessage(why: string): ProtocolError {
  return new ProtocolError('WS_DEFLATE_DATA', 1007, 'RFC 7692 §7.2.2', `a compressed message that cannot be: ${why}`)
}

// The tail that its sender removed from a message, and an empty block.
const probe = Buffer.from([...emptyBlockTail, 0, ...emptyBlockTail])
const untouched = probe.length - emptyBlockTail.length
const spill = Buffer.alloc(64)

/**
 * After all octets of a message: does it stand where messages end (RFC 7692 §7.2.2)? Told to stop at the end of a block,
 * it has then taken the tail and nothing of the block behind it.
 */
export function endsMessage(inflater: ZlibHandle): boolean {
  inflater.write(Flush.block, probe, 0, spill, 0, spill.length)
  return inflater.room === spill.length && inflater.left === untouched
}

/** How zlib is driven: `handle` directly, `calls` by the public synchronous functions. */
export type Drive = 'handle' | 'calls'

/**
 * Are the handles what they are taken for? First it watches Node itself make a call, so that none is made that the
 * handle might not survive; then it compresses and inflates: with a window, with an error, and from the beginning again.
 *
 * @returns `calls` where anything is otherwise.
 */
export function testedDrive(createDeflateRaw: () => object, createInflateRaw: () => object): Drive {
  try {
    const works = isCalledAsHere(createDeflateRaw() as Stream) && roundTrips(createDeflateRaw(), createInflateRaw())
    return works ? 'handle' : 'calls'
  } catch {
    return 'calls'
  }
}

function isCalledAsHere(stream: Stream): boolean {
  const handle = stream._handle
  const { writeSync } = handle
  let call: unknown[] = []
  handle.writeSync = (...parameters) => {
    call = parameters
    writeSync.apply(handle, parameters)
  }
  stream._processChunk(probe, Flush.sync)
  const [flush, input, start, length, output, from, room] = call
  const named = flush === Flush.sync && input === probe && start === 0 && length === probe.length
  return named && output instanceof Uint8Array && from === 0 && room === output.length && call.length === 7
}

function roundTrips(deflating: object, inflating: object): boolean {
  const sample = Buffer.from('{"tested":"tested, tested"}')
  const deflater = new ZlibHandle(deflating)
  const inflater = new ZlibHandle(inflating)
  const deflate = () => {
    const output = Buffer.alloc(128)
    deflater.write(Flush.sync, sample, 0, output, 0, output.length)
    return output.subarray(0, output.length - deflater.room)
  }
  const inflates = (octets: Buffer) => {
    const output = Buffer.alloc(sample.length + 1)
    inflater.write(Flush.sync, octets.subarray(0, -emptyBlockTail.length), 0, output, 0, output.length)
    return inflater.left === 0 && output.indexOf(sample) === 0 && inflater.room === 1 && endsMessage(inflater)
  }
  const first = deflate()
  const second = deflate()
  const kept = second.length < first.length && inflates(first) && inflates(second)
  deflater.reset()
  inflater.reset()
  // Now the window is gone: what refers to it cannot be.
  const forgotten = deflate().equals(first) && fails(() => inflates(second))
  inflater.reset()
  const again = inflates(first)
  deflater.close()
  inflater.close()
  return kept && forgotten && again
}

function fails(call: () => unknown): boolean {
  try {
    call()
    return false
  } catch (error) {
    return error instanceof ProtocolError
  }
}
