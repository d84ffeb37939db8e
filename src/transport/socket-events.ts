/**
 * The events of a stream, told to one owner at a time. The listeners are the same functions for all streams, so that a
 * connection costs no closures; from the Opening Handshake to the connection only the owner changes.
 */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface StreamOwner {
  /** Octets were read. `lent`: the next read overwrites them, see reused-reads.ts; otherwise they are the owner's to keep. */
  onData(chunk: Buffer, lent: boolean): void
  /** The peer has ended its half. */
  onEnd(): void
  /** The stream has failed; `onClose` follows. */
  onError(error: Error): void
  /** The stream is closed: the last event. */
  onClose(): void
}

const owner = Symbol('framewright.owner')

interface OwnedStream extends Duplex {
  [owner]?: StreamOwner
}

/**
 * Makes `next` the one that is told; reading goes on, or begins. A stream that has ended or closed before is said to do so
 * once the caller is done.
 */
export function own(stream: Duplex, next: StreamOwner): void {
  const owned = stream as OwnedStream
  const first = owned[owner] === undefined
  owned[owner] = next
  if (first) begin(owned)
}

/** A connection, or the handshake of one, is on it or was. */
export function isOwned(stream: object): boolean {
  return Object.hasOwn(stream, owner)
}

function begin(stream: OwnedStream): void {
  // It is the owner who answers the peer's end (RFC 6455 §7.1.1), who batches writes, and who knows what takes too long.
  stream.allowHalfOpen = true
  if (stream instanceof Socket) {
    stream.setNoDelay(true)
    // Only where one was set: it is a property more, for each connection.
    if (stream.timeout !== undefined) stream.setTimeout(0)
  }
  stream.on('data', onData)
  stream.on('end', onEnd)
  stream.on('error', onError)
  stream.on('close', onClose)
  if (stream.closed) {
    // Perhaps `close` is still to be emitted.
    const late = setImmediate(() => onClose.call(stream))
    stream.once('close', () => clearImmediate(late))
  } else if (stream.readableEnded) process.nextTick(() => onEnd.call(stream))
  else if (stream.isPaused()) stream.resume()
}

function onData(this: OwnedStream, chunk: Buffer): void {
  this[owner]!.onData(chunk, false)
}

/** Of net.Socket's option `onread`, where the memory is one that is used again: `count` octets have been read into it. */
export function onRead(this: Duplex, count: number, memory: Buffer): void {
  const chunk = count === memory.length ? memory : memory.subarray(0, count)
  ;(this as OwnedStream)[owner]!.onData(chunk, true)
}

function onEnd(this: OwnedStream): void {
  this[owner]!.onEnd()
}

function onError(this: OwnedStream, error: Error): void {
  this[owner]!.onError(error)
}

function onClose(this: OwnedStream): void {
  this[owner]!.onClose()
}
