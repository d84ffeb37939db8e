/**
 * What an extension is to the handshake: RFC 6455 §9.1 and §9.2. It has a name, claims bits of the frame header (§5.2:
 * "RSV1, RSV2, RSV3 … unless an extension is negotiated that defines meanings for non-zero values"), and decides on
 * parameters. The rules that hold for every extension are in negotiation.ts.
 */
import type { Parameter } from '../http/grammar.js'

/** An extension that this endpoint is willing to use. */
export interface Extension {
  /** The extension token, such as `permessage-deflate`; compared exactly. */
  readonly name: string
  /** The RSV bits it claims, as in the frame header: RSV1 is 4, RSV2 is 2, RSV3 is 1; 0 for none. */
  readonly rsv: number
  /** Client: the parameters of its offers, most preferred first. At least one list, which may be empty. */
  offers(): ReadonlyArray<readonly Parameter[]>
  /**
   * Server: judges one offer of the client.
   *
   * @returns the parameters of the answer, or undefined to decline this offer.
   */
  answer(offer: readonly Parameter[]): readonly Parameter[] | undefined
  /** Client: is this answer of the server acceptable, given what was offered? */
  accepts(answer: readonly Parameter[]): boolean
}

/** An extension in use on a connection. */
export interface AgreedExtension {
  /** The one that was offered, or that answered. */
  readonly extension: Extension
  /** The parameters of the server's answer. */
  readonly parameters: readonly Parameter[]
}
