/**
 * Reads of kernel sockets into one memory that serves all of them again and again, where Node gives each read a fresh one
 * of 64 KiB: see docs/performance.md. A socket that is opened can be asked for it (`onread`, documented), one that was
 * accepted cannot: it is given what net.Socket makes of that option, and its handle is told of the memory. That is
 * documented nowhere, so nothing is done before a trial has shown that it works with the Node at hand.
 */
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { maskableMemory } from '../framing/masking.js'
import { tryReads } from './reads-trial.js'
import { onRead } from './socket-events.js'

/**
 * How octets are read from TCP and unix sockets: each time into fresh memory, as Node does it, or always into the same,
 * out of which whatever outlives the read is copied. TLS, and streams that are no sockets, are read plainly.
 */
export type Reads = 'plain' | 'reused'

export function isReads(value: unknown): value is Reads {
  return value === 'plain' || value === 'reused'
}

/** What is used of a socket, as far as nobody is meant to see it. */
interface Reader {
  [slot: symbol]: unknown
  readonly _handle?: { readonly useUserBuffer?: (memory: Uint8Array) => unknown } | null
}

/** The option of net.Socket, as far as it is used. */
interface OnRead {
  readonly onread: { readonly buffer: Buffer; readonly callback: typeof onRead }
}

/** The properties in which net.Socket keeps its option `onread`. */
export interface Slots {
  readonly memory: symbol
  readonly callback: symbol
}

export class ReusedReads {
  readonly #makeMemory: () => Buffer | undefined
  readonly #findSlots: () => Slots | undefined
  #memory: Buffer | undefined
  #slots: Slots | undefined
  #trial: Promise<void> | undefined
  #tried = false
  #proven = false

  constructor(makeMemory = maskableMemory, slots = findSlots) {
    this.#makeMemory = makeMemory
    this.#findSlots = slots
  }

  /** They work with this Node: it has been tried. */
  get proven(): boolean {
    return this.#proven
  }

  /** For whoever wants to read so: a promise while it is not known whether they work. The first call tries them. */
  triedFor(reads: Reads): Promise<void> | undefined {
    return reads === 'plain' || this.#tried ? undefined : this.#try()
  }

  /**
   * What the stream reads from here on is lent to its owner: see StreamOwner.onData.
   *
   * @returns false if not, or not yet: octets that were read before wait in it, nothing is proven, it is no plain socket.
   */
  begin(stream: Duplex): boolean {
    if (this.#trial === undefined) void this.#try()
    return this.#proven && stream instanceof Socket && !(stream instanceof TLSSocket) && this.#begin(stream)
  }

  #try(): Promise<void> {
    this.#trial ??= this.#prove()
    return this.#trial
  }

  async #prove(): Promise<void> {
    this.#memory = this.#makeMemory()
    this.#slots = this.#findSlots()
    this.#proven = await tryReads(socket => this.#begin(socket))
    this.#tried = true
  }

  #begin(socket: Socket): boolean {
    const reader = socket as unknown as Reader
    const memory = this.#memory
    const slots = this.#slots
    if (memory === undefined || slots === undefined || socket.readableLength > 0) return false
    if (reader[slots.memory] !== null || reader._handle?.useUserBuffer === undefined) return false
    reader[slots.memory] = memory
    reader[slots.callback] = onRead
    reader._handle.useUserBuffer(memory)
    return true
  }
}

/** Finds them by what becomes of the documented option. */
export function findSlots(make = (options: OnRead): object => new Socket(options as object)): Slots | undefined {
  const memory = Buffer.alloc(1)
  const socket = make({ onread: { buffer: memory, callback: onRead } }) as Reader
  const slotOf = (value: unknown) => Object.getOwnPropertySymbols(socket).find(slot => socket[slot] === value)
  const slots = { memory: slotOf(memory), callback: slotOf(onRead) }
  return slots.memory === undefined || slots.callback === undefined ? undefined : (slots as Slots)
}

/** What all connections of the process read into. */
export const sharedReusedReads = new ReusedReads()
