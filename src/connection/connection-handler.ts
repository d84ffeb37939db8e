/**
 * What a connection tells its owner: RFC 6455 §6.2 (Receiving Data), §5.5 (control frames), §7.1 (the end). And the two
 * things its transport must know.
 */
import type { CloseBody } from '../framing/close-body.js'
import type { CloseRecord } from './close-record.js'

/**
 * The application's side. All are called synchronously, from within receive(), receiveEnd(), transportTook() and
 * handleDeadline() of the connection; every method of the connection but those may be called from them. What they throw
 * is caught, told to {@link ConnectionHandler.onError}, and ends the connection with 1011.
 */
export interface ConnectionHandler {
  /**
   * A text message. Octets only where the connection was made with `text: 'buffer'`: valid UTF-8, owned as in
   * {@link ConnectionHandler.onBinary}. When a promise is returned, the next message waits until it settles.
   */
  onText(text: string | Buffer): unknown
  /**
   * A binary message. The octets are the application's: nothing here touches them again, unless the connection was made with
   * `borrowed`: then they are valid until this returns. They may be a view of a larger
   * chunk; copy them to keep a few octets for long. When a promise is returned, the next message waits for it.
   */
  onBinary(data: Buffer): unknown
  /** A Ping, already answered (§5.5.2). `payload` is a view of the chunk: copy it to keep it. */
  onPing(payload: Buffer): void
  /** A Pong, with the round-trip time in milliseconds where it answers a Ping of ours (§5.5.3). `payload` as in onPing. */
  onPong(payload: Buffer, roundTripTime: number | undefined): void
  /** The connection is closing: `received` is the peer's Close frame, if that is why (§7.1.3). Called once at most. */
  onClosing(received: CloseBody | undefined): void
  /** The peer has ended its half of the transport. */
  onPeerEnd(): void
  /** After `queued` verdicts: there is room again. */
  onDrain(): void
  /** Octets have left for the kernel: how many since it was last called. */
  onWritten(octets: number): void
  /** The connection is closed (§7.1.4): the last call, exactly one. */
  onClose(record: CloseRecord): void
  /** A handler of the application threw, or its promise was rejected. It should not throw itself: that reaches the transport. */
  onError(error: unknown): void
}

/** The transport's side. */
export interface ConnectionOwner {
  /**
   * Something waits to be looked at before this turn of the event loop ends: output, a nearer deadline, a hold that was
   * released, a change of hangUp. May be called from anywhere, also from within the connection's own methods, so it must
   * only make a note.
   */
  wake(): void
}
