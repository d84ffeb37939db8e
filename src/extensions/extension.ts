/**
 * What an extension is: RFC 6455 §9. To the handshake it has a name, claims bits of the frame header (§5.2: "RSV1, RSV2,
 * RSV3 … unless an extension is negotiated that defines meanings for non-zero values"), and decides on parameters; to a
 * connection it is a transform of messages. The rules that hold for every extension are in negotiation.ts and
 * message-transforms.ts.
 */
import type { Parameter } from '../http/grammar.js'
import type { SharedJob } from './shared-job.js'

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
  /**
   * What it does to the messages of one connection. Left away: nothing.
   *
   * @param role - which end of the connection this is.
   * @param parameters - the server's answer: what was agreed.
   */
  transform?(role: 'client' | 'server', parameters: readonly Parameter[]): MessageTransform
}

/** An extension in use on a connection. */
export interface AgreedExtension {
  /** The one that was offered, or that answered. */
  readonly extension: Extension
  /** The parameters of the server's answer. */
  readonly parameters: readonly Parameter[]
}

/** What an extension does to the messages of one connection, one message at a time in each direction, in order. */
export interface MessageTransform {
  /** Octets of memory that it holds now. */
  readonly pinned: number
  /** Milliseconds without a message after which to call {@link MessageTransform.release}; Infinity: never. */
  readonly releaseAfter: number
  /**
   * Transforms what is sent: a message or, where the application sends it so, one fragment after another.
   *
   * @param octets - borrowed until the result is there; not to be changed.
   * @returns what is sent in its place, with the extension's RSV bits on the first frame: a view that may change with the
   *   next call, or a job. `octets` itself, at the first fragment: the message goes as it is, its later fragments too, and
   *   without the bits.
   */
  encode(octets: Buffer, message: OutgoingMessage): Buffer | TransformJob
  /**
   * Transforms what was received: a whole message whose first frame bore the extension's RSV bits (any, if it claims none).
   *
   * @param octets - borrowed until the result is there; not to be changed.
   * @param limit - the most octets that the result may have.
   * @returns the result: a view that may change with the next call, or a job.
   * @throws ProtocolError what the connection fails with: 1007 for what cannot be, 1009 for a result over the limit.
   */
  decode(octets: Buffer, limit: number): Buffer | TransformJob
  /** Nothing was sent or received for a while: give back what memory can be had again. */
  release(): void
  /** The connection has ended, in the middle of a job perhaps: give everything back. */
  end(): void
}

/** A message, or fragment of one, that is being sent. */
export interface OutgoingMessage {
  /** It begins a message. */
  readonly first: boolean
  /** It ends a message. */
  readonly fin: boolean
  /** What the application says of compressing it, if anything; heeded at the first fragment. */
  readonly compress: boolean | undefined
  /** @internal It is whole, never changes, and goes to many connections: what does not depend on which may be kept here. */
  readonly encodings?: Encodings | undefined
}

/** What a message has become, or a job that makes it, by whatever else it depends on. */
export type Encodings = Map<object, Buffer | SharedJob>

/** Work that takes long: done bit by bit, so that nothing else waits for it. */
export interface TransformJob {
  /**
   * Goes on for a few milliseconds at most.
   *
   * @returns the result, which is the caller's own (or the octets that were given); undefined while there is more to do.
   */
  work(): Buffer | undefined
}
