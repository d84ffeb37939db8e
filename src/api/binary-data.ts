/** Octets as applications have them: RFC 6455 §5.6 knows only octets. */
import { UsageError } from '../errors.js'

/** Octets in any of the forms in which JavaScript has them. */
export type BinaryData = ArrayBuffer | SharedArrayBuffer | NodeJS.ArrayBufferView

/**
 * The same memory as a Buffer: nothing is copied.
 *
 * @throws {UsageError} for anything else.
 */
export function asBuffer(data: BinaryData): Buffer {
  if (Buffer.isBuffer(data)) return data
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return Buffer.from(data)
  throw new UsageError('WS_INVALID_DATA', '5.6', 'data is a string, an ArrayBuffer, or a view of one')
}
