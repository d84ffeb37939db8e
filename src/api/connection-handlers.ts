/** What an application can be told of a connection: as handlers, given once for all connections, or as events of one. */
import type { CloseRecord } from '../connection/close-record.js'
import type { State } from '../connection/connection-state.js'
import type { CloseBody } from '../framing/close-body.js'
import { isFunction, isObject, must, type OptionTable, readOptions } from '../option-table.js'
import type { WebSocketConnection } from './websocket-connection.js'

/**
 * Handlers, shared by all connections of a server or given to one client. All optional, and all may be async: a throw or a
 * rejection ends the connection with 1011.
 */
export interface ConnectionHandlers<Data = undefined> {
  /**
   * A message: text is a string (octets with `text: 'buffer'`), binary a Buffer that is yours to keep (with `borrowed: true`
   * until this returns). It may be a view of
   * all that was read at once, up to 64 KiB: copy it (`new Uint8Array(data)`) where you keep many small ones for long, and before you
   * transfer its memory (`postMessage`): if that holds what has not been told yet, the connection fails with 1011. Return a
   * promise to be given the next message only when it settles.
   */
  message?(connection: WebSocketConnection<Data>, data: string | Buffer, isBinary: boolean): unknown
  /** A Ping, already answered. `payload` is valid only during the call. */
  ping?(connection: WebSocketConnection<Data>, payload: Buffer): unknown
  /** A Pong, with the round-trip time in ms if it answers a Ping. `payload` is valid only during the call. */
  pong?(connection: WebSocketConnection<Data>, payload: Buffer, roundTripTime: number | undefined): unknown
  /** After a `queued` verdict: there is room again. */
  drain?(connection: WebSocketConnection<Data>): unknown
  /** The end has begun; with the peer's Close frame if that began it. */
  closing?(connection: WebSocketConnection<Data>, received: CloseBody | undefined): unknown
  /** The connection is closed: once, last. */
  close?(connection: WebSocketConnection<Data>, record: CloseRecord): unknown
  /** A handler threw, or its promise was rejected: the connection ends with 1011. Without this, a process warning. */
  error?(connection: WebSocketConnection<Data>, error: unknown): unknown
}

const handler = must(isFunction, '6.2', 'a function')

export const connectionHandlerTable: OptionTable<ConnectionHandlers> = {
  message: handler,
  ping: handler,
  pong: handler,
  drain: handler,
  closing: handler,
  close: handler,
  error: handler,
}

/** Of a server: those of its connections, and its own. */
export const serverHandlerTable = { accept: handler, request: handler, connection: handler, ...connectionHandlerTable }

/**
 * Checks handlers: of a plain object what there is now; an instance of a class stays what it is, and may have more.
 *
 * @throws UsageError WS_INVALID_OPTION: no object, a handler that is no function, or one that nobody calls.
 */
export function readHandlers<Handlers extends object>(given: unknown, table: OptionTable<Handlers>): Handlers {
  if (!isObject(given) || isPlain(given as object)) return readOptions('handlers', given, table, '6.2')
  const handlers = given as Handlers
  for (const name of Object.keys(table) as (keyof Handlers & string)[]) {
    if (handlers[name] !== undefined) table[name](handlers[name], name)
  }
  return handlers
}

function isPlain(given: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(given)
  return prototype === null || prototype === Object.prototype
}

/** The events of a connection, with their arguments: see {@link ConnectionHandlers}. */
export interface ConnectionEvents {
  /** As of the handler `message`. */
  message: [data: string | Buffer, isBinary: boolean]
  /** Already answered. `payload` is valid only during the call. */
  ping: [payload: Buffer]
  /** With the round-trip time in ms if it answers a Ping. `payload` is valid only during the call. */
  pong: [payload: Buffer, roundTripTime: number | undefined]
  /** After a `queued` verdict: there is room again. */
  drain: []
  /** Octets have left for the kernel: how many. */
  written: [octets: number]
  /** The peer has ended its half of the transport. */
  peerend: []
  /** §7.1.3, §7.1.4: `closing`, then `closed`. */
  statechange: [state: State]
  /** The end has begun; with the peer's Close frame if that began it. */
  closing: [received: CloseBody | undefined]
  /** The connection is closed: once, last. */
  close: [record: CloseRecord]
  /** A handler or listener threw, or its promise was rejected: the connection ends with 1011. */
  error: [error: unknown]
}
