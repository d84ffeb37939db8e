/** Calls into the application: what a handler throws, or its promise rejects with, is handed on and never thrown. */
import { isPromiseLike } from '../transport/settled.js'

/** Makes the call; false if it threw. */
export function attempted(call: () => unknown, failed: (error: unknown) => void): boolean {
  try {
    const result = call()
    if (isPromiseLike(result)) result.then(undefined, failed)
    return true
  } catch (error) {
    failed(error)
    return false
  }
}
