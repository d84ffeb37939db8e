/// <reference types="node" preserve="true" />
/** framewright: WebSocket servers and clients. The protocol without sockets is in `framewright/protocol`. */
export type { BinaryData } from './api/binary-data.js'
export type { BroadcastCounts, BroadcastOptions } from './api/broadcast.js'
export { connect } from './api/client.js'
export { CloseEvent, type CloseEventConstructor, type CloseEventInit } from './api/close-event.js'
export type { ConnectOptions } from './api/connect-options.js'
export type { ConnectionEvents, ConnectionHandlers } from './api/connection-handlers.js'
export type { EventHandler } from './api/event-handler-attributes.js'
export type { ExtensionOptions } from './api/extension-options.js'
export type { Message } from './api/message-queue.js'
export type { ConnectionRequest } from './api/opened.js'
export { type PrepareOptions, prepareMessage } from './api/prepare-message.js'
export type { OpeningHandshake, PlainRequest, UpgradeRequest } from './api/requests.js'
export type { SendOptions } from './api/send-options.js'
export { createServer, type Server, type ServerEvents } from './api/server.js'
export type { Accept, Refuse, ServerHandlers, ServerOptions } from './api/server-options.js'
export type { TypedEmitter } from './api/typed-emitter.js'
export { WebSocket } from './api/websocket.js'
export type { WebSocketConnection } from './api/websocket-connection.js'
export type { WebSocketEventMap, WebSocketEventTarget, WebSocketListener } from './api/websocket-events.js'
export type { WebSocketOptions } from './api/websocket-options.js'
export type { CloseRecord, Phase, RoundTripTimes } from './connection/close-record.js'
export type { State } from './connection/connection-state.js'
export type { Bound, DeadlineOptions, LimitOptions, Period } from './connection/limits.js'
export type { Verdict } from './connection/message-sender.js'
export type { PreparedMessage } from './connection/prepared-message.js'
export {
  type ErrorFacts,
  HandshakeError,
  type OpeningPhase,
  ProtocolError,
  type RefusalResponse,
  TransportError,
  UsageError,
} from './errors.js'
export { pinnedByDeflate } from './extensions/deflate.js'
export type { PerMessageDeflateOptions } from './extensions/deflate-options.js'
export type {
  AgreedExtension,
  Extension,
  MessageTransform,
  OutgoingMessage,
  TransformJob,
} from './extensions/extension.js'
export { PerMessageDeflate } from './extensions/permessage-deflate.js'
export { type CloseBody, shortenReason } from './framing/close-body.js'
export type { MaskingKeySource } from './framing/masking.js'
export type { PlainAnswer } from './handshake/plain-response.js'
export type { HeaderInit } from './http/field-lines.js'
export type { Fields } from './http/fields.js'
export type { Parameter } from './http/grammar.js'
export { isSendableStatusCode, StatusCode } from './status-code.js'
export type { Lookup } from './transport/address-lookup.js'
export type { DialTimes } from './transport/dial.js'
export type { BoundAddress, ListenTarget } from './transport/listen.js'
export type { Reads } from './transport/reused-reads.js'
export type { TlsClientOptions } from './transport/tls-client.js'
export type { TlsServerOptions } from './transport/tls-server.js'
