/** What a server is given to shake hands on (RFC 6455 §4.2): checked at the call, before anything is done with it. */
import { UsageError } from '../errors.js'
import { isObject } from '../option-table.js'
import { isOwned } from '../transport/socket-events.js'

/** @throws UsageError WS_INVALID_STREAM: not a Duplex of octets. WS_STREAM_TAKEN: a connection is on it already. */
export function checkStream(stream: unknown): void {
  const { readableObjectMode, writableObjectMode, readableEncoding, write, on } = Object(stream)
  const octets = !readableObjectMode && !writableObjectMode && readableEncoding === null
  if (!octets || typeof write !== 'function' || typeof on !== 'function') {
    throw new UsageError(
      'WS_INVALID_STREAM',
      '4.2',
      'the stream must carry octets: a Duplex, no object mode, no encoding',
    )
  }
  if (isOwned(stream as object)) {
    throw new UsageError('WS_STREAM_TAKEN', '4.2', 'the stream was given before: it carries one connection')
  }
}

/** @throws UsageError WS_INVALID_UPGRADE: not what an `upgrade` event of node:http tells. */
export function checkUpgrade(request: unknown, head: unknown): void {
  const { rawHeaders, httpVersion } = Object(request)
  if (!isObject(request) || !Array.isArray(rawHeaders) || typeof httpVersion !== 'string') {
    throw new UsageError('WS_INVALID_UPGRADE', '4.2', 'request is an IncomingMessage of node:http')
  }
  if (!(head instanceof Uint8Array)) {
    throw new UsageError('WS_INVALID_UPGRADE', '4.2', 'head is a Buffer: the octets behind the request')
  }
}
