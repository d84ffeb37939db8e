/**
 * Node's event emitter with types, made when the first listener comes: a connection that is served by handlers has none,
 * and idle connections are many.
 */
import { EventEmitter } from 'node:events'
import { UsageError } from '../errors.js'
import { warn } from './warning.js'

/** Hands on what the promises of async listeners reject with; one of an `error` listener's own goes no further. */
class Emitter extends EventEmitter {
  readonly #rejected: (error: unknown) => void

  constructor(rejected: (error: unknown) => void) {
    super({ captureRejections: true })
    this.#rejected = rejected
  }

  override [EventEmitter.captureRejectionSymbol](error: unknown, event: unknown): void {
    if (event === 'error') warn(error)
    else this.#rejected(error)
  }
}

/**
 * The methods of an EventEmitter that matter, typed by a map from an event's name to its arguments. It is none by
 * inheritance, but `once` and `on` of node:events take it.
 */
export abstract class TypedEmitter<Events extends { [E in keyof Events]: unknown[] }> {
  #emitter: Emitter | undefined

  /** Calls `listener` at every such event, in order of registration. */
  on<E extends keyof Events & string>(event: E, listener: (...args: Events[E]) => unknown): this {
    checkListener(listener)
    this.#emitter ??= new Emitter(error => this.onRejected(error))
    this.#emitter.on(event, listener as (...args: unknown[]) => void)
    this.onListener(event)
    return this
  }

  /** Calls `listener` at the next such event only. */
  once<E extends keyof Events & string>(event: E, listener: (...args: Events[E]) => unknown): this {
    checkListener(listener)
    this.#emitter ??= new Emitter(error => this.onRejected(error))
    this.#emitter.once(event, listener as (...args: unknown[]) => void)
    this.onListener(event)
    return this
  }

  /** Takes away one registration of `listener`. */
  off<E extends keyof Events & string>(event: E, listener: (...args: Events[E]) => unknown): this {
    checkListener(listener)
    this.#emitter?.off(event, listener as (...args: unknown[]) => void)
    return this
  }

  /** The same as {@link TypedEmitter.on}: `events.once` and `events.on` of Node ask for it. */
  addListener<E extends keyof Events & string>(event: E, listener: (...args: Events[E]) => unknown): this {
    return this.on(event, listener)
  }

  /** The same as {@link TypedEmitter.off}. */
  removeListener<E extends keyof Events & string>(event: E, listener: (...args: Events[E]) => unknown): this {
    return this.off(event, listener)
  }

  /** How many listeners an event has. */
  listenerCount(event: keyof Events & string): number {
    return this.#emitter?.listenerCount(event) ?? 0
  }

  /** @internal A listener has been added: for those who must know. */
  protected abstract onListener(event: keyof Events & string): void

  /** @internal The promise that an async listener returned was rejected. */
  protected abstract onRejected(error: unknown): void

  /** @internal Somebody listens, or did. */
  protected get listened(): boolean {
    return this.#emitter !== undefined
  }

  /** @internal Tells an event; false when nobody listens. */
  protected tell<E extends keyof Events & string>(event: E, ...args: Events[E]): boolean {
    return this.#emitter !== undefined && this.#emitter.listenerCount(event) > 0 && this.#emitter.emit(event, ...args)
  }
}

function checkListener(listener: unknown): void {
  if (typeof listener !== 'function') throw new UsageError('WS_INVALID_LISTENER', '6.2', 'a listener is a function')
}
