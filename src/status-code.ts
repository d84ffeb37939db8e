/**
 * Status codes of a Close frame: RFC 6455 §7.4 and the IANA registry "WebSocket Close Code Number" (1012 to 1014 were
 * registered after the RFC; erratum 3227 gives 1011 to clients too). Names, and which of them may stand on the wire.
 */

/** The status codes that have a name (RFC 6455 §7.4.1; IANA registry as of 2026-11). */
export const StatusCode = {
  /** 1000: the purpose for which the connection was established has been fulfilled. */
  normalClosure: 1000,
  /** 1001: the endpoint is going away: a server shutting down, a page left. */
  goingAway: 1001,
  /** 1002: a protocol error. */
  protocolError: 1002,
  /** 1003: a type of data that the endpoint cannot accept. */
  unsupportedData: 1003,
  /** 1005: reported when a Close frame carried no status code. Never on the wire. */
  noStatusReceived: 1005,
  /** 1006: reported when the connection ended without a Close frame. Never on the wire. */
  abnormalClosure: 1006,
  /** 1007: data inconsistent with the type of the message, such as text that is not UTF-8. */
  invalidPayload: 1007,
  /** 1008: a message that violates the endpoint's policy. */
  policyViolation: 1008,
  /** 1009: a message too big to process. */
  messageTooBig: 1009,
  /** 1010: the client expected an extension that the server did not negotiate. */
  mandatoryExtension: 1010,
  /** 1011: an unexpected condition kept the endpoint from fulfilling the request. */
  internalError: 1011,
  /** 1012: the service is restarting (IANA). */
  serviceRestart: 1012,
  /** 1013: try again later (IANA). */
  tryAgainLater: 1013,
  /** 1014: a gateway received an invalid response from its upstream (IANA). */
  badGateway: 1014,
  /** 1015: reported when the TLS handshake failed. Never on the wire. */
  tlsHandshake: 1015,
} as const

/** A status code: one of the named ones, or any number that {@link isSendableStatusCode} allows. */
export type StatusCode = (typeof StatusCode)[keyof typeof StatusCode] | (number & {})

/**
 * May this code stand in a Close frame? 1000 to 1003, 1007 to 1014, and 3000 to 4999 (§7.4.2: libraries and
 * applications); not 1004 (reserved), 1005, 1006, 1015 (§7.4.1: "MUST NOT be set as a status code"), not the ranges
 * that nobody has defined.
 */
export function isSendableStatusCode(code: number): boolean {
  if (!Number.isInteger(code)) return false
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999)
}
