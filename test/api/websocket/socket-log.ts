/** What happens on a WebSocket, written down as short lines in the order of the events, and waiting for it. */
import type { WebSocket } from '../../../src/index.js'

export class SocketLog {
  readonly lines: string[] = []
  /** What messages brought. */
  readonly data: unknown[] = []
  #waiting: (() => void)[] = []

  constructor(socket: WebSocket) {
    socket.addEventListener('open', () => this.#add('open'))
    socket.addEventListener('message', ({ data }) => {
      this.data.push(data)
      this.#add(`message ${describe(data)}`)
    })
    socket.addEventListener('error', () => this.#add('error'))
    socket.addEventListener('close', ({ wasClean, code, reason }) => {
      this.#add(`close ${wasClean ? 'clean ' : ''}${code}${reason === '' ? '' : ` ${JSON.stringify(reason)}`}`)
    })
  }

  /** Waits for an event of this type; its line. Rejects when the WebSocket is closed and it will not come. */
  async until(type: 'open' | 'message' | 'error' | 'close', count = 1): Promise<string> {
    for (;;) {
      const found = this.lines.filter(line => line.startsWith(type))
      if (found.length >= count) return found[count - 1]!
      if (this.lines.at(-1)?.startsWith('close')) throw new Error(`no ${type}: ${this.lines.join(', ')}`)
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  /** What the next message brings, or the first one that nobody has asked for. */
  async message(): Promise<unknown> {
    await this.until('message', ++this.#asked)
    return this.data[this.#asked - 1]
  }

  #asked = 0

  #add(line: string): void {
    this.lines.push(line)
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

function describe(data: unknown): string {
  if (typeof data === 'string') return JSON.stringify(data.length > 40 ? `${data.slice(0, 40)}…` : data)
  return data instanceof Blob ? `blob ${data.size}` : `arraybuffer ${(data as ArrayBuffer).byteLength}`
}

/** Lets everything happen that can happen without the outside world. */
export async function settle(turns = 3): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise(resolve => setImmediate(resolve))
}
