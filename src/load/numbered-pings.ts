/**
 * Pings of one connection of a load, each unlike those before it: "if an endpoint receives a Ping frame and has not yet sent
 * Pong frame(s) in response to previous Ping frame(s), the endpoint MAY elect to send a Pong frame for only the most recently
 * processed Ping frame" (RFC 6455 §5.5.3), and that Pong has to tell which it was.
 */
import type { WebSocketConnection } from '../api/websocket-connection.js'

type Pinged = Pick<WebSocketConnection, 'flush' | 'ping'>

export class NumberedPings {
  readonly #read: (count: number) => void
  #pings = 0
  #messages = 0
  /** There was no Ping behind the last message: too many waited for their Pongs. */
  #refused = false

  /** @param read - told of how many messages, of those that were followed, the peer is known to have read. */
  constructor(read: (count: number) => void) {
    this.#read = read
  }

  /** Its round-trip time, in milliseconds; rejects when there will be none. */
  ping(connection: Pinged): Promise<number> {
    return connection.ping(String(this.#pings++))
  }

  /** A message was sent: a Ping behind it tells when it has been read. */
  follow(connection: Pinged): void {
    this.#messages++
    void this.#confirm(connection)
  }

  async #confirm(connection: Pinged): Promise<void> {
    const count = this.#messages
    try {
      // Pings may overtake what waits.
      await connection.flush()
      await this.ping(connection)
    } catch {
      // The connection has ended, and all of it was given up; or a Pong will come, and then there is room for another Ping.
      this.#refused = true
      return
    }
    if (this.#refused) void this.#confirm(connection)
    this.#refused = false
    this.#read(count)
  }
}
