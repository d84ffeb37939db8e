/** The events of a WebSocket, and an EventTarget that knows their types. */
import type { CloseEvent } from './close-event.js'

/** What each event is. */
export interface WebSocketEventMap {
  /** The connection is open. */
  open: Event
  /** A message has been received: `data` is a string, a Blob or an ArrayBuffer. */
  message: MessageEvent
  /** The connection failed; `close` follows. */
  error: Event
  /** The connection is closed, or was never opened. */
  close: CloseEvent
}

/** What is called with an event, or has a method that is. */
export type WebSocketListener<E extends Event> = ((event: E) => unknown) | { handleEvent(event: E): unknown }

/** EventTarget, typed by {@link WebSocketEventMap}. */
export interface WebSocketEventTarget extends EventTarget {
  /** Calls `listener` at each event of this type. */
  addEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: WebSocketListener<WebSocketEventMap[K]>,
    options?: Parameters<EventTarget['addEventListener']>[2],
  ): void
  /** Of every EventTarget: any other type. */
  addEventListener(...args: Parameters<EventTarget['addEventListener']>): void
  /** Takes the listener away. */
  removeEventListener<K extends keyof WebSocketEventMap>(
    type: K,
    listener: WebSocketListener<WebSocketEventMap[K]>,
    options?: Parameters<EventTarget['removeEventListener']>[2],
  ): void
  /** Of every EventTarget: any other type. */
  removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void
}

/** The platform's EventTarget. */
export const WebSocketEventTarget = EventTarget as unknown as new () => WebSocketEventTarget
