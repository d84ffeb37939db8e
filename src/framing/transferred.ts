/**
 * Octets that are gone before they were received (RFC 6455 §6.2): messages may be views of all that was read at once, and who
 * transfers the memory of one, to a worker say, takes what lies behind it, too.
 */
import { UsageError } from '../errors.js'

const code = 'WS_MEMORY_TRANSFERRED'

/** For the application, whose fault it is. */
export function memoryTransferred(): UsageError {
  return new UsageError(
    code,
    '6.2',
    'the memory of a message was transferred, and octets that were read with it are lost: ' +
      'transfer a copy, such as new Uint8Array(data)',
  )
}

/** It is such an error. */
export function isMemoryTransferred(error: unknown): error is UsageError {
  return error instanceof UsageError && error.code === code
}

/** Whether these octets are none because their memory was transferred. */
export function isTransferred(octets: Buffer): boolean {
  if (octets.length > 0) return false
  try {
    return new Uint8Array(octets.buffer).length < 0
  } catch {
    return true
  }
}
