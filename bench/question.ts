/**
 * What a benchmark asks, and who answers: the same work done by framewright, by ws, and by whatever else was thought of.
 */
export interface Contestant {
  /** `framewright` and `ws` are compared; other names say what is different. */
  readonly name: string
  /** Does the work of its point once: so many operations as the point says. Kept from being optimised away by itself. */
  run(): void | Promise<void>
}

/** One size or shape of the work. */
export interface Point {
  readonly name: string
  /** Operations in one run: figures are for one of them. */
  readonly operations: number
  readonly contestants: readonly Contestant[]
}

export interface Question {
  /** As on the command line. */
  readonly name: string
  /** What is measured, and what one operation is. */
  readonly about: string
  /** Without ws where it is not installed. */
  points(ws: Ws | undefined, wsNative: Ws | undefined): readonly Point[]
}

/** The parts of ws that stand beside ours, as far as they are called here. */
export interface Ws {
  readonly Receiver: new (
    options: object,
  ) => {
    write(chunk: Buffer): boolean
    on(event: string, listener: (data: Buffer) => void): void
  }
  readonly Sender: new (socket: object) => { send(data: string | Buffer, options: object): void }
  readonly WebSocketServer: new (
    options: object,
  ) => {
    handleUpgrade(request: object, socket: object, head: Buffer, callback: (socket: object) => void): void
  }
  readonly WebSocket: new (url: string, options: object) => { readonly readyState: number }
  readonly PerMessageDeflate: new (
    options: object,
  ) => {
    accept(offers: readonly object[]): void
    compress(data: Buffer, fin: boolean, callback: () => void): void
    decompress(data: Buffer, fin: boolean, callback: () => void): void
  }
  readonly mask: (source: Buffer, mask: Buffer, output: Buffer, offset: number, length: number) => void
  readonly unmask: (buffer: Buffer, mask: Buffer) => void
  readonly isValidUTF8: (octets: Buffer) => boolean
}
