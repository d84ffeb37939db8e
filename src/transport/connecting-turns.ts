/**
 * One connection at a time to one host: RFC 6455 §4.1 item 2. "If multiple connections to the same IP address are attempted
 * simultaneously, the client MUST serialize them", under whatever names and ports the host is known.
 */
import { parseUrl } from '../handshake/parse-url.js'

/** Somebody who wants to connect. */
export interface TurnTaker {
  /** It may connect now, and until it leaves. */
  onTurn(): void
}

export class ConnectingTurns {
  readonly #queues = new Map<string, TurnTaker[]>()

  /** `taker` is given its turn: at once, or when all who came before it have left. */
  join(address: string, taker: TurnTaker): void {
    const key = oneSpelling(address)
    const queue = this.#queues.get(key)
    if (queue !== undefined) {
      queue.push(taker)
      return
    }
    this.#queues.set(key, [taker])
    taker.onTurn()
  }

  /** `taker` is connected, or has failed, or waits no longer; without effect if it is not there. */
  leave(address: string, taker: TurnTaker): void {
    const key = oneSpelling(address)
    const queue = this.#queues.get(key)
    const at = queue?.indexOf(taker) ?? -1
    if (queue === undefined || at < 0) return
    queue.splice(at, 1)
    if (queue.length === 0) this.#queues.delete(key)
    else if (at === 0) queue[0]!.onTurn()
  }

  /** How many hosts are being connected to. */
  get size(): number {
    return this.#queues.size
  }
}

/** The turns of all dials of the process that are to take turns. */
export const sharedConnectingTurns = new ConnectingTurns()

/** An IPv4 address that is written as an IPv6 one is the same host. */
function oneSpelling(address: string): string {
  const url = parseUrl(`http://[${address}]`)
  const groups = /^\[::ffff:([0-9a-f]+):([0-9a-f]+)\]$/.exec(url?.hostname ?? '')
  if (groups === null) return address
  const [high, low] = [Number.parseInt(groups[1]!, 16), Number.parseInt(groups[2]!, 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}
