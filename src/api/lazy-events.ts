/**
 * Node's event emitter, made when the first listener comes: a connection that is served by handlers has none, and idle
 * connections are many.
 */
import { EventEmitter } from 'node:events'

type Listener<Arguments extends unknown[]> = (...args: Arguments) => void

/** The methods of an EventEmitter that matter, typed by a map from an event's name to its arguments. */
export class LazyEvents<Events extends { [E in keyof Events]: unknown[] }> {
  #emitter: EventEmitter | undefined

  /** Calls `listener` at every such event, in order of registration. */
  on<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): this {
    this.#emitter ??= new EventEmitter()
    this.#emitter.on(event, listener as Listener<unknown[]>)
    this.onListener(event)
    return this
  }

  /** Calls `listener` at the next such event only. */
  once<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): this {
    this.#emitter ??= new EventEmitter()
    this.#emitter.once(event, listener as Listener<unknown[]>)
    this.onListener(event)
    return this
  }

  off<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): this {
    this.#emitter?.off(event, listener as Listener<unknown[]>)
    return this
  }

  /** The same as {@link on}: `events.once` and `events.on` of Node ask for it. */
  addListener<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): this {
    return this.on(event, listener)
  }

  /** The same as {@link off}. */
  removeListener<E extends keyof Events & string>(event: E, listener: Listener<Events[E]>): this {
    return this.off(event, listener)
  }

  listenerCount(event: keyof Events & string): number {
    return this.#emitter?.listenerCount(event) ?? 0
  }

  /** A listener has been added: for those who must know. */
  protected onListener(_event: keyof Events & string): void {}

  /** Tells an event; false when nobody listens. */
  protected tell<E extends keyof Events & string>(event: E, ...args: Events[E]): boolean {
    return this.#emitter !== undefined && this.#emitter.listenerCount(event) > 0 && this.#emitter.emit(event, ...args)
  }
}
