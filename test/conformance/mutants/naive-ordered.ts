/** A client that takes orders, as naive as can be, rightly or broken. */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import type { ClientEvent, Order } from '../../../src/conformance/control.js'
import { close, type FrameParts, fragments, frame, ping, pong, text } from '../../../src/conformance/frame-parts.js'
import { buildRawFrame, type RawFrame } from '../../../src/conformance/raw-frame.js'
import { RawFrameReader } from '../../../src/conformance/raw-frame-reader.js'
import { isSendableStatusCode } from '../../../src/status-code.js'
import type { OrderedBreak } from './ordered-mutants.js'

type Breaks = ReadonlySet<OrderedBreak>
type ConnectOrder = Extract<Order, { do: 'connect' }>

/** The program: takes lines, and tells lines. */
export class NaiveOrdered {
  readonly #breaks: Breaks
  readonly #tell: (line: string) => void
  readonly #connections = new Map<number, NaiveConnection>()

  constructor(breaks: Breaks, tell: (line: string) => void) {
    this.#breaks = breaks
    this.#tell = tell
  }

  obey(line: string): void {
    const { connection, ...order } = JSON.parse(line) as Order & { connection: number }
    const tell = (event: ClientEvent) => this.#tell(JSON.stringify({ connection, ...event }))
    try {
      if (order.do === 'connect') this.#connections.set(connection, new NaiveConnection(order, this.#breaks, tell))
      else this.#connections.get(connection)!.obey(order)
    } catch (error) {
      tell({ event: 'refused', do: order.do, why: (error as Error).message })
    }
  }
}

class NaiveConnection {
  readonly #breaks: Breaks
  readonly #tell: (event: ClientEvent) => void
  readonly #socket: Socket
  readonly #protocols: readonly string[]
  readonly #frames = new RawFrameReader()
  #head: Buffer | undefined = Buffer.alloc(0)
  #closeSent: number | 'none' | undefined
  #received: { code: number | undefined; reason: string } | undefined
  #failed = false

  constructor({ url, protocols = [] }: ConnectOrder, breaks: Breaks, tell: (event: ClientEvent) => void) {
    this.#breaks = breaks
    this.#tell = tell
    const legal =
      protocols.every(one => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(one)) && new Set(protocols).size === protocols.length
    if (!legal && !this.#does('asks for any subprotocol')) throw new Error('no subprotocols')
    this.#protocols = this.#does('asks for subprotocols in reverse') ? [...protocols].reverse() : protocols
    const { hostname: host, port, pathname } = new URL(url)
    this.#socket = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true })
    const asked = protocols.length > 0 && !this.#does('asks for no subprotocol')
    this.#socket.write(
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n` +
        `${asked ? `Sec-WebSocket-Protocol: ${this.#protocols.join(', ')}\r\n` : ''}\r\n`,
      'latin1',
    )
    this.#socket.on('data', chunk => this.#receive(chunk)).on('error', () => {})
    this.#socket.on('end', () => this.#socket.end()).on('close', () => this.#tellEnd())
  }

  #does(what: OrderedBreak): boolean {
    return this.#breaks.has(what)
  }

  obey(order: Exclude<Order, ConnectOrder>): void {
    const late = this.#closeSent !== undefined
    if (order.do === 'close') this.#close(order.code, order.reason ?? '')
    else if (late && !this.#does('sends data behind its Close')) return
    else if (order.do === 'ping') this.#ping(order.payload)
    else if ('fragments' in order) this.#sendFragments(order.fragments)
    else this.#send(this.#does('sends texts as binary') ? frame(2, order.text) : text(this.#encoded(order.text)))
  }

  #ping(payload: string): void {
    if (payload.length > 125 && !this.#does('pings with any payload')) throw new Error('too long')
    if (!this.#does('sends no Ping')) this.#send(ping(payload))
  }

  #sendFragments(parts: readonly string[]): void {
    const frames = this.#does('sends fragments as messages') ? parts.map(part => text(part)) : fragments(1, parts)
    if (this.#does('sends messages within fragments')) frames.splice(1, 0, text('within'))
    for (const one of frames) this.#send(one)
  }

  #close(code: number | undefined, given: string): void {
    if (this.#closeSent !== undefined && !this.#does('closes twice')) return
    const legal = code === undefined || isSendableStatusCode(code)
    if (this.#does('thinks that it has closed')) this.#closeSent = 'none'
    if (!legal && !this.#does('closes with any code')) throw new Error('no such code')
    const length = this.#does('counts the characters of reasons') ? given.length : Buffer.byteLength(given)
    if (length > 123 && !this.#does('closes with any reason')) throw new Error('too long')
    const reason = this.#does('closes without a reason') ? '' : given
    const sent = this.#does('closes with another code') ? 1001 + Number(code === 1001) : code
    this.#closeSent ??= sent ?? 'none'
    this.#send(close(sent === undefined ? undefined : sent & 0xffff, this.#encoded(reason)))
    if (this.#does('ends TCP with its Close')) this.#socket.end()
  }

  /** Half of a surrogate pair becomes U+FFFD, or what it never may. */
  #encoded(given: string): Buffer {
    const octets = Buffer.from(given)
    const half = this.#does('encodes half a character as it is') && given.endsWith('\ud83d')
    return half ? Buffer.concat([octets.subarray(0, -3), Buffer.from('eda0bd', 'hex')]) : octets
  }

  #receive(chunk: Buffer): void {
    if (this.#head === undefined) {
      for (const { frame } of this.#frames.receive(chunk)) this.#take(frame)
      return
    }
    this.#head = Buffer.concat([this.#head, chunk])
    const end = this.#head.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#head.toString('latin1', 0, end)
    const rest = this.#head.subarray(end + 4)
    const lines = [...head.matchAll(/\r\nSec-WebSocket-Protocol: (.*)/g)].map(([, value]) => value!)
    const [protocol] = lines
    const asked = this.#does('asks for no subprotocol') ? [] : this.#protocols
    const known =
      protocol === undefined
        ? !this.#does('fails without a subprotocol') || asked.length === 0
        : asked.includes(protocol)
    const accepted = head.startsWith('HTTP/1.1 101 ') || this.#does('does not look at the status')
    if (!accepted || !(known || this.#does('takes every subprotocol'))) {
      this.#tell({ event: 'error' })
      this.#socket.end()
      return
    }
    this.#head = undefined
    this.#tell({
      event: 'open',
      protocol: this.#does('tells of the first subprotocol') ? (asked[0] ?? '') : (protocol ?? ''),
    })
    if (rest.length > 0) this.#receive(rest)
  }

  #take({ opcode, payload }: RawFrame): void {
    if (this.#failed) return
    if (opcode === 9) this.#send(pong(payload))
    if (opcode === 8) this.#takeClose(payload)
    if (opcode <= 10) return
    this.#failed = true
    this.#closeSent ??= 1002
    this.#send(close(1002))
    this.#socket.end()
  }

  #takeClose(body: Buffer): void {
    if (this.#received !== undefined && !this.#does('tells the last code')) return
    const code = body.length < 2 ? undefined : body.readUInt16BE(0)
    this.#received = { code, reason: body.subarray(2).toString() }
    if (this.#closeSent === undefined) {
      this.#closeSent = code ?? 'none'
      this.#send(close(code))
    }
    if (this.#does('ends TCP before the server')) this.#socket.end()
  }

  #tellEnd(): void {
    if (this.#does('tells nothing of the end')) return
    const received = this.#received
    const clean = received !== undefined && this.#closeSent !== undefined
    this.#tell({
      event: 'close',
      code: this.#codeOf(received),
      reason: this.#does('tells no reason')
        ? ''
        : received?.reason || (this.#does('tells a reason of its own') ? 'over' : ''),
      clean: this.#does('tells that every end is clean') || (clean && !this.#does('tells that no end is clean')),
    })
  }

  #codeOf(received: { code: number | undefined } | undefined): number {
    if (this.#does('tells 1000 always')) return 1000
    if (this.#does('tells the code that it sent')) return Number(this.#closeSent)
    if (this.#does('tells the code that it failed with') && this.#failed) return 1002
    if (received === undefined) return this.#does('tells 1005 for a lost connection') ? 1005 : 1006
    if (this.#does('tells another code')) return (received.code ?? 0) + 1
    return received.code ?? (this.#does('tells 1000 for an empty Close') ? 1000 : 1005)
  }

  #send(parts: FrameParts): void {
    if (this.#socket.writable) this.#socket.write(buildRawFrame({ ...parts, maskingKey: randomBytes(4) }))
  }
}
