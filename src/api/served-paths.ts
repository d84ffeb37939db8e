/** The paths that are a server's (RFC 6455 §3, §4.2.2 /resource name/), by its option `path`. */
import { pathOfTarget } from './requests.js'
import type { ServerOptions } from './server-options.js'

/** Is the resource, path and query, this server's? Throws what the application's function throws. */
export function serves({ path }: ServerOptions, resource: string): boolean {
  if (path === undefined) return true
  const query = resource.indexOf('?')
  const asked = query < 0 ? resource : resource.slice(0, query)
  return typeof path === 'function' ? path(asked) === true : path === asked
}

/** The request target is somebody else's. A function that throws is asked again by the handshake, which answers 500. */
export function leaves(options: ServerOptions, target: string): boolean {
  try {
    return !serves(options, pathOfTarget(target))
  } catch {
    return false
  }
}
