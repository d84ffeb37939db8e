/** Octets as applications have them: RFC 6455 §5.6 knows only octets. */

import { Buffer } from 'node:buffer'
import { types } from 'node:util'
import { UsageError } from '../errors.js'

/** Octets in any of the forms in which JavaScript has them. */
export type BinaryData = ArrayBuffer | SharedArrayBuffer | ArrayBufferView

/**
 * The same memory as a Buffer: nothing is copied. Text becomes UTF-8.
 *
 * @throws UsageError for anything else.
 */
export function asBuffer(data: string | BinaryData): Buffer {
  if (typeof data === 'string') return Buffer.from(data)
  if (Buffer.isBuffer(data)) return data
  try {
    if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    // Those of another realm too.
    if (types.isAnyArrayBuffer(data)) return Buffer.from(data)
  } catch (error) {
    throw new UsageError('WS_INVALID_DATA', '5.6', `the data cannot be read: ${(error as Error).message}`)
  }
  throw new UsageError('WS_INVALID_DATA', '5.6', 'data is a string, an ArrayBuffer, or a view of one')
}
