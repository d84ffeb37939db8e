/** The extensions an endpoint is willing to use (RFC 6455 §9.1), as its options say: permessage-deflate, and any others. */
import { UsageError } from '../errors.js'
import type { PerMessageDeflateOptions } from '../extensions/deflate-options.js'
import type { Extension } from '../extensions/extension.js'
import { PerMessageDeflate } from '../extensions/permessage-deflate.js'
import { isToken } from '../http/grammar.js'

/** What servers and clients alike may say of extensions. */
export interface ExtensionOptions {
  /**
   * Compress messages where the peer does, too (RFC 7692): `true`, or how. A client may give several, to offer one after the
   * other. Default: off, for it costs memory and time, and what is secret should not be compressed beside what others
   * choose.
   */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | readonly PerMessageDeflateOptions[] | undefined
  /** Other extensions, most preferred first; they come behind permessage-deflate, on what it has compressed. Default: none. */
  readonly extensions?: readonly Extension[] | undefined
}

/**
 * The extensions to offer, or to answer with.
 *
 * @throws UsageError WS_INVALID_OPTION.
 */
export function readExtensions(role: 'client' | 'server', given: ExtensionOptions): readonly Extension[] {
  const { perMessageDeflate = false, extensions = [] } = given
  if (!Array.isArray(extensions) || !extensions.every(isExtension)) {
    throw new UsageError('WS_INVALID_OPTION', '9', 'extensions is a list of extensions: see Extension')
  }
  if (perMessageDeflate === false) return extensions
  const options = perMessageDeflate === true ? {} : perMessageDeflate
  if (role === 'server' && Array.isArray(options)) {
    throw new UsageError(
      'WS_INVALID_OPTION',
      'RFC 7692 §7.1',
      'perMessageDeflate of a server is a boolean or an object',
    )
  }
  return [new PerMessageDeflate(role, options), ...extensions]
}

function isExtension(value: unknown): boolean {
  const { name, rsv, offers, answer, accepts } = Object(value) as Partial<Extension>
  const bits = rsv !== undefined && Number.isInteger(rsv) && rsv >= 0 && rsv <= 7
  const functions = [offers, answer, accepts].every(one => typeof one === 'function')
  return typeof name === 'string' && isToken(name) && bits && functions
}
