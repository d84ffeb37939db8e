/**
 * A client that knows nothing of the engine: a stream, exact octets, and the naive codec. It waits for events, never for
 * time.
 */
import { connect as connectTcp, type NetConnectOpts, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { buildRawFrame, type RawFrame, type RawFrameParts, readRawFrame } from '../../src/conformance/raw-frame.js'

/** The key of the examples in RFC 6455 §5.7. */
const maskingKey = Buffer.from('37fa213d', 'hex')

/** A request that opens a connection, and the value its answer must have (the sample of §1.3). */
export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ=='
export const sampleAccept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** The octets of an Opening Handshake; `fields` replace or add to the usual ones, undefined takes one away. */
export function openingRequest(path = '/', fields: Readonly<Record<string, string | undefined>> = {}): string {
  const all: Record<string, string | undefined> = {
    Host: 'localhost',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': sampleKey,
    'Sec-WebSocket-Version': '13',
    ...fields,
  }
  const lines = Object.entries(all).filter(([, value]) => value !== undefined)
  return `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

/** A masked frame, as a client sends it. */
export function clientFrame(parts: RawFrameParts): Buffer {
  return buildRawFrame({ maskingKey, ...parts })
}

export class RawClient {
  readonly stream: Duplex
  /** Chunks in which octets came, as long as nothing has been read of them. */
  chunks: Buffer[] = []
  ended = false
  closed = false
  error: NodeJS.ErrnoException | undefined
  #listeners: (() => void)[] = []

  constructor(stream: Duplex) {
    this.stream = stream
    stream.on('data', (chunk: Buffer) => this.#note(() => this.chunks.push(chunk)))
    stream.on('end', () => this.#note(() => (this.ended = true)))
    stream.on('error', error => this.#note(() => (this.error = error)))
    stream.on('close', () => this.#note(() => (this.closed = true)))
  }

  /** Connects to a port of this machine, or a unix socket; with TLS where `ca` is given. */
  static async connect(to: NetConnectOpts, ca?: Buffer): Promise<RawClient> {
    const options = { host: '127.0.0.1', allowHalfOpen: true, noDelay: true, ...to }
    const stream = ca === undefined ? connectTcp(options) : connectTls({ ...options, ca, servername: 'localhost' })
    const client = new RawClient(stream)
    let connected = false
    stream.on(ca === undefined ? 'connect' : 'secureConnect', () => client.#note(() => (connected = true)))
    await client.until(() => connected)
    return client
  }

  write(...octets: (Uint8Array | string)[]): void {
    this.stream.write(Buffer.concat(octets.map(part => Buffer.from(part as string))))
  }

  /** Sends a masked frame. */
  send(parts: RawFrameParts): void {
    this.stream.write(clientFrame(parts))
  }

  text(payload: string): void {
    this.send({ opcode: 1, payload })
  }

  binary(payload: Uint8Array): void {
    this.send({ opcode: 2, payload })
  }

  /** Sends a Close frame. */
  close(code?: number, reason = ''): void {
    this.send({ opcode: 8, payload: closeBody(code, reason) })
  }

  /** Waits until it is so. Rejects when the stream closes and it still is not. */
  async until(is: () => boolean): Promise<void> {
    while (!is()) {
      if (this.closed) throw this.error ?? new Error(`closed; unread: ${this.unread.toString('latin1').slice(0, 200)}`)
      await new Promise<void>(resolve => this.#listeners.push(resolve))
    }
  }

  /** What has come and was not read. */
  get unread(): Buffer {
    if (this.chunks.length > 1) this.chunks = [Buffer.concat(this.chunks)]
    return this.chunks[0] ?? Buffer.alloc(0)
  }

  /** The head of an HTTP response. */
  async head(): Promise<string> {
    await this.until(() => this.unread.includes('\r\n\r\n'))
    return this.#take(this.unread.indexOf('\r\n\r\n') + 4).toString('latin1')
  }

  /** Opens a WebSocket connection; returns the response's head. */
  async open(path?: string, fields?: Readonly<Record<string, string | undefined>>): Promise<string> {
    this.write(openingRequest(path, fields))
    const head = await this.head()
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(head)
    return head
  }

  /** The next frame. */
  async frame(): Promise<RawFrame> {
    await this.until(() => readRawFrame(this.unread) !== undefined)
    const { frame, end } = readRawFrame(this.unread)!
    this.#take(end)
    return frame
  }

  /** The payload of the next frame, as text. */
  async message(): Promise<string> {
    return (await this.frame()).payload.toString()
  }

  /** The next frame, as a few words: `text "hello"`, `close 1000 "bye"`. */
  async line(): Promise<string> {
    return frameLine(await this.frame())
  }

  /** Waits for the server's end; what came before and was not read. */
  async end(): Promise<Buffer> {
    await this.until(() => this.ended)
    return this.unread
  }

  /** Waits until the stream is closed, however. */
  async gone(): Promise<void> {
    await this.until(() => this.closed)
  }

  /** Sends RST. Not after `end()`: Node 20 would then wait for ever for the end to have left, when the process exits. */
  reset(): void {
    if (this.stream.writableEnded) this.stream.destroy()
    else (this.stream as Socket).resetAndDestroy()
  }

  destroy(): void {
    this.stream.destroy()
  }

  #take(size: number): Buffer {
    const octets = this.unread
    const rest = octets.subarray(size)
    this.chunks = rest.length === 0 ? [] : [rest]
    return octets.subarray(0, size)
  }

  #note(what: () => void): void {
    what()
    const listeners = this.#listeners
    this.#listeners = []
    for (const listener of listeners) listener()
  }
}

const names: Readonly<Record<number, string>> = { 0: 'continuation', 1: 'text', 2: 'binary', 9: 'ping', 10: 'pong' }

/** A frame in a few words. */
export function frameLine({ opcode, fin, payload }: RawFrame): string {
  const more = fin ? '' : ' more'
  if (opcode === 8) {
    return payload.length === 0
      ? 'close'
      : `close ${payload.readUInt16BE(0)} ${JSON.stringify(payload.toString('utf8', 2))}`
  }
  return `${names[opcode] ?? opcode}${more} ${opcode === 2 ? payload.toString('hex') : JSON.stringify(payload.toString())}`
}

/** The body of a Close frame. */
export function closeBody(code?: number, reason = ''): Buffer {
  if (code === undefined) return Buffer.alloc(0)
  const body = Buffer.alloc(2)
  body.writeUInt16BE(code)
  return Buffer.concat([body, Buffer.from(reason)])
}
