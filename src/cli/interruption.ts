/** What Ctrl-C does to a session: the first closes the connection, a second one cuts it, whatever is still waited for. */
import type { WebSocketConnection } from '../api/websocket-connection.js'
import type { ConnectionEnd } from './connection-end.js'
import { ExitCode } from './exit-code.js'
import type { SessionSettings } from './session.js'

export class Interruption {
  /** Resolves with the second Ctrl-C: then the end is this, also where a reader of stdout would be waited for. */
  readonly cut: Promise<ConnectionEnd>
  readonly #connection: WebSocketConnection
  readonly #settings: SessionSettings
  #closing = false
  #end!: (end: ConnectionEnd) => void

  constructor(connection: WebSocketConnection, settings: SessionSettings) {
    this.#connection = connection
    this.#settings = settings
    this.cut = new Promise(resolve => {
      this.#end = resolve
    })
  }

  /** Ctrl-C. */
  interrupt(): void {
    if (!this.#closing) {
      this.#closing = true
      this.#connection.close(this.#settings.closeCode, this.#settings.closeReason)
      return
    }
    this.#connection.terminate()
    this.#end({ line: 'cut', exitCode: ExitCode.interrupted })
  }
}
