/** framewright: WebSocket servers and clients. The protocol without sockets is in `framewright/protocol`. */
export type { BinaryData } from './api/binary-data.js'
export type { ConnectionEvents, ConnectionHandlers } from './api/connection-handlers.js'
export type { Message } from './api/message-queue.js'
export type { ConnectionRequest, DialTimes } from './api/opened.js'
export type { OpeningHandshake, PlainRequest, UpgradeRequest } from './api/requests.js'
export { createServer, type Server, type ServerEvents } from './api/server.js'
export type { Accept, Refuse, ServerHandlers, ServerOptions } from './api/server-options.js'
export type { SendOptions, WebSocketConnection } from './api/websocket-connection.js'
export type { CloseRecord, Phase, RoundTripTimes } from './connection/close-record.js'
export type { State } from './connection/connection-state.js'
export type { Bound, DeadlineOptions, LimitOptions, Period } from './connection/limits.js'
export type { Verdict } from './connection/message-sender.js'
export {
  type ErrorFacts,
  HandshakeError,
  ProtocolError,
  type RefusalResponse,
  TransportError,
  UsageError,
} from './errors.js'
export { type CloseBody, shortenReason } from './framing/close-body.js'
export { isSendableStatusCode, StatusCode } from './status-code.js'
