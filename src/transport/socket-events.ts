/**
 * The events of a stream, told to one owner at a time. The listeners are the same functions for all streams, so that a
 * connection costs no closures; from the Opening Handshake to the connection only the owner changes.
 */
import type { Duplex } from 'node:stream'

export interface StreamOwner {
  /** Octets were read. */
  onData(chunk: Buffer): void
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

/** Makes `next` the one that is told; reading goes on, or begins. */
export function own(stream: Duplex, next: StreamOwner): void {
  const owned = stream as OwnedStream
  const first = owned[owner] === undefined
  owned[owner] = next
  if (!first) return
  stream.on('data', onData)
  stream.on('end', onEnd)
  stream.on('error', onError)
  stream.on('close', onClose)
}

function onData(this: OwnedStream, chunk: Buffer): void {
  this[owner]!.onData(chunk)
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
