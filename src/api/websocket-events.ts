/** The events of a WebSocket, and an EventTarget that knows their types. */
import type { CloseEvent } from './close-event.js'

/** What each event is. */
export interface WebSocketEventMap {
  open: Event
  message: MessageEvent
  error: Event
  close: CloseEvent
}

/** What is called with an event, or has a method that is. */
export type WebSocketListener<E extends Event> = ((event: E) => unknown) | { handleEvent(event: E): unknown }

/** EventTarget, typed by {@link WebSocketEventMap}. */
export interface WebSocketEventTarget extends EventTarget {
  addEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: WebSocketListener<WebSocketEventMap[K]>,
    options?: Parameters<EventTarget['addEventListener']>[2],
  ): void
  addEventListener(...args: Parameters<EventTarget['addEventListener']>): void
  removeEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: WebSocketListener<WebSocketEventMap[K]>,
    options?: Parameters<EventTarget['removeEventListener']>[2],
  ): void
  removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void
}

/** The platform's EventTarget. */
export const WebSocketEventTarget = EventTarget as unknown as new () => WebSocketEventTarget
