/**
 * A client and a server with nothing between them but octets: each side's output is taken, cut anywhere and given to the
 * other, as random steps say. Everything that both were told and all that passed is kept for judging.
 */

import type { CloseRecord } from '../../src/connection/close-record.js'
import { Connection } from '../../src/connection/connection.js'
import { connectionSettings } from '../../src/connection/connection-settings.js'
import { type LimitOptions, resolveLimits } from '../../src/connection/limits.js'
import type { Role } from '../../src/framing/frame-header.js'

/** One side, and the octets that have left it and have not arrived. */
export class Side {
  readonly role: Role
  readonly connection: Connection
  /** Messages that send() did not answer with `dropped`, and those that were delivered. */
  readonly accepted: string[] = []
  readonly delivered: string[] = []
  /** The payload sizes of the whole messages and fragments among them. */
  readonly handedOver: number[] = []
  /** All octets that ever left. */
  readonly left: Buffer[] = []
  readonly pongs: string[] = []
  readonly faults: string[] = []
  record: CloseRecord | undefined
  closings = 0
  #flight: Buffer[] = []
  #inFlight = 0
  #backlog = 0
  #blocked = false
  #ended = false

  constructor(role: Role, limits: LimitOptions) {
    this.role = role
    const deliver = (data: string | Buffer) => void this.delivered.push(digest(data))
    this.connection = new Connection(
      role,
      {
        onText: deliver,
        onBinary: deliver,
        onPing: () => {},
        onPong: payload => void this.pongs.push(payload.toString()),
        onClosing: () => void this.closings++,
        onPeerEnd: () => {},
        onDrain: () => {},
        onWritten: () => {},
        onClose: record => {
          if (this.record !== undefined) this.faults.push('closed twice')
          this.record = record
        },
        onError: error => void this.faults.push(String(error)),
      },
      { wake: () => {} },
      connectionSettings(resolveLimits(role, limits)),
      0,
    )
  }

  /** Octets that have left and are neither taken in nor kept at the other side. */
  get inFlight(): number {
    return this.#inFlight
  }

  send(data: string | Buffer): void {
    const verdict = typeof data === 'string' ? this.connection.sendText(data) : this.connection.sendBinary(data)
    if (verdict === 'dropped') return
    this.accepted.push(digest(data))
    this.handedOver.push(Buffer.byteLength(data))
  }

  /** One message in fragments by hand, with a Ping between them. */
  sendInFragments(parts: readonly Buffer[]): void {
    for (const [i, part] of parts.entries()) {
      if (this.connection.sendBinary(part, i === parts.length - 1) === 'dropped') return
      this.handedOver.push(part.length)
      this.connection.sendPing(Buffer.from('between'), 0)
    }
    this.accepted.push(digest(Buffer.concat(parts)))
  }

  /** The transport takes what there is now, and hands all but `backlog` octets of it to the kernel. */
  take(backlog: number): void {
    if (this.#blocked || this.#ended) return
    const taken = this.connection.takeOutput(0)
    const octets = taken.reduce((sum, buffer) => sum + buffer.length, 0)
    // What has left is copied, as a kernel does: the memory may be used again.
    const copy = Buffer.concat(taken)
    this.left.push(copy)
    this.#flight.push(copy)
    this.#inFlight += octets
    this.#backlog = Math.min(backlog, this.#backlog + octets)
    this.#report()
    this.connection.releaseOutput()
  }

  block(blocked: boolean): void {
    this.#blocked = blocked
    if (!blocked) this.#backlog = 0
    this.#report()
  }

  /** Gives the other side up to `octets` octets; what it does not take stays in flight. */
  deliver(to: Side, octets: number): void {
    const all = Buffer.concat(this.#flight)
    const chunk = Buffer.from(all.subarray(0, octets))
    const taken = to.connection.receive(chunk, 0)
    this.#flight = [all.subarray(taken)]
    this.#inFlight = all.length - taken
    if (taken > chunk.length || (taken < chunk.length && !to.connection.held)) this.faults.push(`took ${taken} octets`)
  }

  /** What the owner owes the transport (§7.1.1), as the other side sees it. */
  hangUp(other: Side): void {
    if (this.#ended || this.connection.hangUp !== 'now' || this.connection.hasOutput || this.#inFlight > 0) return
    this.#ended = true
    other.connection.receiveEnd(0)
  }

  #report(): void {
    this.connection.transportTook(this.#backlog, this.#blocked, 0)
  }
}

/** A message in a few characters, its type among them. */
export function digest(data: string | Buffer): string {
  const octets = Buffer.from(data as Buffer)
  let sum = 0
  for (const octet of octets) sum = (Math.imul(sum, 31) + octet) | 0
  return `${typeof data === 'string' ? 'text' : 'binary'} ${octets.length} ${sum}`
}
