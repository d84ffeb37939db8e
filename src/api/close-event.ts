/** The CloseEvent of the WHATWG WebSockets Standard: the platform's own where it has one (Node 23 and later), else ours. */
import { defineInterface, unsignedShort, usvString } from './web-idl.js'

/** Tells the end of a connection: RFC 6455 §7.1.4 to §7.1.6. */
export interface CloseEvent extends Event {
  /** The Closing Handshake was completed. */
  readonly wasClean: boolean
  /** The peer's status code; 1005 for none, 1006 where no Close frame came. */
  readonly code: number
  /** The peer's reason, or empty. */
  readonly reason: string
}

/** What a CloseEvent is made with; all false, 0 or empty unless told. */
export interface CloseEventInit {
  /** Of every Event. */
  readonly bubbles?: boolean
  /** Of every Event. */
  readonly cancelable?: boolean
  /** Of every Event. */
  readonly composed?: boolean
  /** The Closing Handshake was completed. */
  readonly wasClean?: boolean
  /** A status code; taken modulo 2^16. */
  readonly code?: number
  /** The reason. */
  readonly reason?: string
}

/** The class of a {@link (CloseEvent:interface)}. */
export interface CloseEventConstructor {
  /** What its instances inherit from. */
  readonly prototype: CloseEvent
  /** Makes an event of this type, `close` as a rule. */
  new (type: string, init?: CloseEventInit): CloseEvent
}

/** @internal Where the platform has none. */
export class OwnCloseEvent extends Event implements CloseEvent {
  readonly #wasClean: boolean
  readonly #code: number
  readonly #reason: string

  constructor(type: string, init: CloseEventInit = {}) {
    // biome-ignore lint/complexity/noArguments: undefined given is not the same as nothing given.
    if (arguments.length === 0) throw new TypeError('a CloseEvent needs a type')
    super(type, init)
    const { wasClean = false, code = 0, reason = '' } = init
    this.#wasClean = Boolean(wasClean)
    this.#code = unsignedShort(code)
    this.#reason = usvString(reason)
  }

  get wasClean(): boolean {
    return this.#wasClean
  }

  get code(): number {
    return this.#code
  }

  get reason(): string {
    return this.#reason
  }
}

defineInterface(OwnCloseEvent, 'CloseEvent')

/** The platform's class, or ours where it has none. */
export const CloseEvent: CloseEventConstructor =
  (globalThis as { CloseEvent?: CloseEventConstructor }).CloseEvent ?? OwnCloseEvent
