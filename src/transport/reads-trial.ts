/**
 * Tries reads into one memory (see reused-reads.ts) with sockets of this machine: two that are written to at the same time
 * must not mix, one that is paused must not read, and the end must be told. Whatever goes otherwise is a no.
 */
import { EventEmitter, once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { own, type StreamOwner } from './socket-events.js'
import { sharedTimerWheel, type Timed, type TimerWheel } from './timer-wheel.js'

/** Has a socket read so from now on; false: it cannot. */
export type BeginReads = (socket: Socket) => boolean

/**
 * All of it takes about 5 ms; it has 20 looks at the clock, 100 ms apart. By the clock alone a program that is busy while it
 * starts, or is given no time by its machine, would be told no without a turn of its event loop.
 */
const patience = { looks: 20, apart: 100 }

/** Resolves with whether such reads work; never rejects. */
export async function tryReads(begin: BeginReads, wheel: TimerWheel = sharedTimerWheel): Promise<boolean> {
  const trial = new Trial(begin, wheel)
  const works = await trial.run().then(
    () => true,
    () => false,
  )
  trial.end()
  return works
}

class Trial implements Timed {
  /** Owned by the timer wheel. */
  tick = 0
  readonly #begin: BeginReads
  readonly #wheel: TimerWheel
  readonly #server = createServer({ allowHalfOpen: true })
  readonly #sockets: Socket[] = []
  readonly #abort = new AbortController()
  #looks = 0

  constructor(begin: BeginReads, wheel: TimerWheel) {
    this.#begin = begin
    this.#wheel = wheel
  }

  async run(): Promise<void> {
    this.#wait()
    this.#server.on('error', () => this.#abort.abort())
    // Exclusive: the workers of a cluster would share one port, and each other's connections.
    await once(this.#server.listen({ host: '127.0.0.1', port: 0, exclusive: true }), 'listening')
    const one = await this.#wire()
    const other = await this.#wire()
    one.write('one')
    other.write('other')
    await one.read('one')
    await other.read('other')
    one.socket.pause()
    one.write(', held')
    other.write(', not')
    await other.read('other, not')
    await one.read('one')
    one.socket.resume()
    await one.read('one, held')
    one.end()
    await one.read('one, held.')
  }

  /** Nothing of it is left. */
  end(): void {
    this.#wheel.enter(this, Number.POSITIVE_INFINITY)
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  onDeadline(): void {
    if (++this.#looks === patience.looks) this.#abort.abort()
    else this.#wait()
  }

  #wait(): void {
    this.#wheel.enter(this, this.#wheel.clock() + patience.apart)
  }

  async #wire(): Promise<Wire> {
    const { signal } = this.#abort
    const client = connect((this.#server.address() as AddressInfo).port, '127.0.0.1')
    client.on('error', () => {})
    this.#sockets.push(client)
    const [[socket]] = await Promise.all([once(this.#server, 'connection', { signal }), once(client, 'connect')])
    this.#sockets.push(socket)
    const wire = new Wire(client, socket, signal)
    own(socket, wire)
    if (!this.#begin(socket)) throw new Error('it cannot')
    return wire
  }
}

/** Two sockets that are connected, of which one reads as is tried. */
class Wire extends EventEmitter implements StreamOwner {
  readonly socket: Socket
  readonly #client: Socket
  readonly #signal: AbortSignal
  #text = ''

  constructor(client: Socket, socket: Socket, signal: AbortSignal) {
    super()
    this.socket = socket
    this.#client = client
    this.#signal = signal
  }

  write(text: string): void {
    this.#client.write(text)
  }

  end(): void {
    this.#client.end()
  }

  /** Resolves once exactly this has been read in all; an end is a full stop. */
  async read(text: string): Promise<void> {
    while (this.#text !== text) {
      if (!text.startsWith(this.#text)) throw new Error('it read something else')
      await once(this, 'read', { signal: this.#signal })
    }
  }

  onData(chunk: Buffer, lent: boolean): void {
    this.#told(lent ? chunk.toString('latin1') : 'not lent')
  }

  onEnd(): void {
    this.#told('.')
  }

  onError(): void {
    this.#told('broken')
  }

  onClose(): void {
    this.#told('closed')
  }

  #told(text: string): void {
    this.#text += text
    this.emit('read')
  }
}
