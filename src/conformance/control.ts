/**
 * The control channel to a program that has the client under test: lines of JSON, orders to it, events from it, each with the
 * number of the connection that it is about. docs/conformance.md tells it to those who write such a program.
 */
import { afterSilence } from './silence-clock.js'

/** What the client is to do. */
export type Order =
  | { readonly do: 'connect'; readonly url: string; readonly protocols?: readonly string[] }
  /** A text; as `fragments` one of so many frames. */
  | { readonly do: 'send'; readonly text: string }
  | { readonly do: 'send'; readonly fragments: readonly string[] }
  | { readonly do: 'ping'; readonly payload: string }
  | { readonly do: 'close'; readonly code?: number; readonly reason?: string }

/** What its program saw. What a library does not tell is left out. */
export type ClientEvent =
  | { readonly event: 'open'; readonly protocol?: string }
  /** The connection is over. */
  | { readonly event: 'close'; readonly code?: number; readonly reason?: string; readonly clean?: boolean }
  /** The connection did not come to be, or something broke. */
  | { readonly event: 'error'; readonly why?: string }
  /** The library would not take the order. */
  | { readonly event: 'refused'; readonly do: Order['do']; readonly why?: string }
  /** The library has no such thing to order. */
  | { readonly event: 'cannot'; readonly do: Order['do'] }

/** One connection of the client, as its program sees it. */
export class OrderedClient {
  readonly events: ClientEvent[] = []
  /** Called with each line, to the program and from it: for the transcript, and for whoever waits. */
  onLine: (from: 'us' | 'peer', line: string) => void = () => {}
  readonly #write: (order: Order) => void
  readonly #wakes = new Set<() => void>()

  constructor(write: (order: Order) => void) {
    this.#write = write
  }

  order(order: Order): void {
    this.onLine('us', JSON.stringify(order))
    this.#write(order)
  }

  /** It told this. */
  note(event: ClientEvent): void {
    this.events.push(event)
    this.onLine('peer', JSON.stringify(event))
    this.wake()
  }

  /** Something has happened beside the channel: whoever waits looks again. */
  wake(): void {
    for (const look of this.#wakes) look()
  }

  /** The first event of this name that there is. */
  told<Name extends ClientEvent['event']>(name: Name): Extract<ClientEvent, { event: Name }> | undefined {
    return this.events.find((one): one is Extract<ClientEvent, { event: Name }> => one.event === name)
  }

  /** Waits until this is so, for so many ms without a line; resolves with whether it is. */
  until(done: () => boolean, within: number): Promise<boolean> {
    return new Promise(resolve => {
      const settle = () => {
        stop()
        this.#wakes.delete(look)
        resolve(done())
      }
      let stop = () => {}
      const look = () => {
        stop()
        if (done()) settle()
        else stop = afterSilence(within, settle)
      }
      this.#wakes.add(look)
      look()
    })
  }
}

/** The channel: who writes its lines and reads the program's is its owner. */
export class Control {
  /** Resolves with the name that the program gives its client, once it says that it is ready. */
  readonly ready: Promise<string>
  /** Lines that are no events. */
  readonly strays: string[] = []
  readonly #write: (line: string) => void
  readonly #clients = new Map<number, OrderedClient>()
  #isReady!: (agent: string) => void

  constructor(write: (line: string) => void) {
    this.#write = write
    this.ready = new Promise(resolve => {
      this.#isReady = resolve
    })
  }

  /** The client of this connection; there from the first time on that it is asked for. */
  client(connection: number): OrderedClient {
    const known = this.#clients.get(connection)
    if (known !== undefined) return known
    const client = new OrderedClient(order => this.#write(JSON.stringify({ connection, ...order })))
    this.#clients.set(connection, client)
    return client
  }

  /** A line of the program. */
  receive(line: string): void {
    const told = parsed(line)
    const client = this.#clients.get(Number(told?.['connection']))
    if (told?.['event'] === 'ready') this.#isReady(String(told['agent'] ?? 'unknown'))
    else if (told === undefined || client === undefined) this.strays.push(line)
    else {
      const { connection: _, ...event } = told
      client.note(event as unknown as ClientEvent)
    }
  }
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const told: unknown = JSON.parse(line)
    return typeof told === 'object' && told !== null ? (told as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
