/** What all connections of one server, or one client, have in common: resolved once, shared, never changed. */
import { cryptographicMaskingKeys, type MaskingKeySource } from '../framing/masking.js'
import type { OutputSlabPool } from '../framing/output-slab.js'
import type { ConnectionHandler } from './connection-handler.js'
import type { Limits } from './limits.js'

/** What connections are made with. Make one with {@link connectionSettings}. */
export interface ConnectionSettings {
  /** Limits and deadlines: see {@link resolveLimits}. */
  readonly limits: Limits
  /** Where a client's masking-keys come from (RFC 6455 §5.3), and the payloads of keep-alive Pings. */
  readonly maskingKeys: MaskingKeySource
  /**
   * Where frames are written before they leave: memory shared with other connections, for a transport that calls
   * `releaseOutput`. Undefined: memory of the connection's own, for one that does not.
   */
  readonly slabs: OutputSlabPool | undefined
  /** Deliver text messages as octets, checked to be UTF-8, instead of strings. */
  readonly textAsOctets: boolean
  /** Octets are delivered to be looked at, and not kept: their memory serves again when the handler has returned. */
  readonly borrowed: boolean
  /** @internal See {@link InPlace}. */
  readonly inPlace?: InPlace | undefined
}

/**
 * @internal Told of binary messages that lie whole in what was read at `now`, octets[start, end), in the place of `onBinary`: no
 * object is made for them, which takes longer than to look at a short one. They are valid until this returns; what it throws ends the
 * connection with 1011. Others come by `onBinary` all the same.
 */
export type InPlace = (handler: ConnectionHandler, octets: Buffer, start: number, end: number, now: number) => void

/** Settings with the defaults that suit everybody: cryptographic masking-keys, memory of its own, text as strings, octets to keep. */
export function connectionSettings(
  limits: Limits,
  more: Partial<Omit<ConnectionSettings, 'limits'>> = {},
): ConnectionSettings {
  return {
    limits,
    maskingKeys: more.maskingKeys ?? cryptographicMaskingKeys,
    slabs: more.slabs,
    textAsOctets: more.textAsOctets ?? false,
    borrowed: more.borrowed ?? false,
    inPlace: more.inPlace,
  }
}
