/// <reference types="node" preserve="true" />
/** framewright/protocol: the engine without sockets, timers and clock, for those who bring their own transport. */
export type { CloseRecord, Phase, RoundTripTimes } from './connection/close-record.js'
export { Connection } from './connection/connection.js'
export type { ConnectionHandler, ConnectionOwner } from './connection/connection-handler.js'
export { type ConnectionSettings, connectionSettings } from './connection/connection-settings.js'
export type { HangUp, State } from './connection/connection-state.js'
export {
  type Bound,
  type DeadlineOptions,
  type LimitOptions,
  type Limits,
  type Period,
  resolveLimits,
} from './connection/limits.js'
export type { Verdict } from './connection/message-sender.js'
export type { PingSettled } from './connection/pinger.js'
export { PreparedMessage } from './connection/prepared-message.js'
export {
  type ErrorFacts,
  HandshakeError,
  type OpeningPhase,
  ProtocolError,
  type RefusalResponse,
  TransportError,
  UsageError,
} from './errors.js'
export type { PerMessageDeflateOptions } from './extensions/deflate-options.js'
export type {
  AgreedExtension,
  Extension,
  MessageTransform,
  OutgoingMessage,
  TransformJob,
} from './extensions/extension.js'
export { PerMessageDeflate } from './extensions/permessage-deflate.js'
export { buildCloseBody, type CloseBody, readCloseBody, shortenReason } from './framing/close-body.js'
export { FrameDecoder, type FrameSink } from './framing/frame-decoder.js'
export { FrameEncoder } from './framing/frame-encoder.js'
export { type FrameHeader, Opcode, type Role, Rsv } from './framing/frame-header.js'
export { createMaskingKeySource, cryptographicMaskingKeys, type MaskingKeySource, mask } from './framing/masking.js'
export { OutputSlabPool } from './framing/output-slab.js'
export { Utf8Validator } from './framing/utf8.js'
export { acceptValue } from './handshake/accept-key.js'
export { type ClientAgreement, ClientHandshake } from './handshake/client-handshake.js'
export type { ClientHandshakeOptions } from './handshake/client-request.js'
export { type PlainAnswer, plainResponse, refuse } from './handshake/plain-response.js'
export { makeRequestPolicy, type RequestPolicy } from './handshake/request-policy.js'
export {
  type Acceptance,
  type AcceptedRequest,
  acceptRequest,
  isUpgradeRequest,
  judgeRequest,
  type OpeningRequest,
} from './handshake/server-handshake.js'
export { WebSocketUri, type WebSocketUriOptions } from './handshake/websocket-uri.js'
export type { HeaderInit } from './http/field-lines.js'
export { Fields } from './http/fields.js'
export type { Parameter, ParametrisedToken } from './http/grammar.js'
export { defaultHeadLimits, type HeadLimits, HeadReader, type ReadHead } from './http/head-reader.js'
export { type NodeRequest, type RequestHead, type ResponseHead, requestHeadFromNode } from './http/message-head.js'
export { isSendableStatusCode, StatusCode } from './status-code.js'
