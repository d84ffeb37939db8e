/** A handler that does what a test tells it and nothing else. */
import type { CloseRecord } from '../../src/connection/close-record.js'
import type { ConnectionHandler } from '../../src/connection/connection-handler.js'

export class PlainHandler implements ConnectionHandler {
  record: CloseRecord | undefined
  readonly errors: unknown[] = []
  readonly messages: (string | Buffer)[] = []
  written = 0
  drains = 0
  /** Called with each message; what it returns reaches the connection. */
  act: (message: string | Buffer) => unknown = () => undefined

  onText(text: string | Buffer): unknown {
    this.messages.push(text)
    return this.act(text)
  }

  onBinary(data: Buffer): unknown {
    this.messages.push(data)
    return this.act(data)
  }

  onPing(): void {}
  onPong(): void {}
  onClosing(): void {}
  onPeerEnd(): void {}

  onDrain(): void {
    this.drains++
  }

  onWritten(octets: number): void {
    this.written += octets
  }

  onClose(record: CloseRecord): void {
    this.record = record
  }

  onError(error: unknown): void {
    this.errors.push(error)
  }
}
