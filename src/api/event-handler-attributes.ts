/**
 * Attributes such as `onopen`: the HTML Standard's event handler IDL attributes. A handler is called in its turn among the
 * listeners: the place is that of the moment when it was first set, and another handler takes the same place; null gives
 * the place up.
 */

/**
 * What is called with an event, and with the object whose attribute it is as `this`; what it returns counts only where it is
 * false: the event is cancelled.
 */
// `this` has no type here, or the class could not stand for the platform's WebSocket, whose handlers have another `this`.
// The compiler knows it all the same where a function is assigned to an attribute.
export type EventHandler<E extends Event> = (event: E) => unknown

type AnyHandler = (event: Event) => unknown

interface Place {
  /** An object that cannot be called stands there, and is not called. */
  handler: AnyHandler
  readonly listener: (event: Event) => void
}

export class EventHandlerAttributes {
  readonly #target: EventTarget
  readonly #places = new Map<string, Place>()

  constructor(target: EventTarget) {
    this.#target = target
  }

  /** The handler for events of this type, or null. */
  get(type: string): AnyHandler | null {
    return this.#places.get(type)?.handler ?? null
  }

  /** @param value - whatever is not an object, as functions are, is null. */
  set(type: string, value: unknown): void {
    const place = this.#places.get(type)
    if (Object(value) !== value) {
      if (place !== undefined) this.#target.removeEventListener(type, place.listener)
      this.#places.delete(type)
    } else if (place !== undefined) place.handler = value as AnyHandler
    else this.#add(type, value as AnyHandler)
  }

  #add(type: string, handler: AnyHandler): void {
    const listener = (event: Event) => {
      if (typeof place.handler !== 'function') return
      if (place.handler.call(event.currentTarget, event) === false) event.preventDefault()
    }
    const place = { handler, listener }
    this.#places.set(type, place)
    this.#target.addEventListener(type, listener)
  }
}
