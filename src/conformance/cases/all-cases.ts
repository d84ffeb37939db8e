/** The list of all cases, section after section. A new file of cases is named here. */
import type { Case } from '../case.js'
import { orderedRequestCases } from './4.1-ordered.js'
import { clientRequestCases } from './4.1-request.js'
import { responseReadingCases } from './4.1-response.js'
import { requestReadingCases } from './4.2.1-request.js'
import { responseCases } from './4.2.2-response.js'
import { maskingCases } from './5.1-masking.js'
import { opcodeCases } from './5.2-opcodes.js'
import { payloadLengthCases } from './5.2-payload-length.js'
import { reservedBitCases } from './5.2-reserved-bits.js'
import { unmaskingCases } from './5.3-unmasking.js'
import { fragmentationCases } from './5.4-fragmentation.js'
import { closeCases } from './5.5.1-close.js'
import { largeClosingCases } from './5.5.1-large.js'
import { orderedCloseCases } from './5.5.1-ordered.js'
import { pingCases } from './5.5.2-ping.js'
import { controlFrameCases } from './5.5-control-frames.js'
import { orderedSendingCases } from './6.1-ordered.js'
import { sendingCases } from './6.1-sending.js'
import { dataCases } from './6-data.js'
import { endingCases } from './7.1-ending.js'
import { orderedEndingCases } from './7.1-ordered.js'
import { everyCodeCases } from './7.4-every-code.js'
import { utf8Cases } from './8.1-utf8.js'
import { negotiationCases } from './9.1-negotiation.js'
import { limitCases } from './9-limits.js'
import { robustnessCases } from './10-robustness.js'
import { deflateMessageCases } from './rfc7692-messages.js'
import { deflateNegotiationCases } from './rfc7692-negotiation.js'
import { deflatePayloadCases } from './rfc7692-payloads.js'
import { deflateViolationCases } from './rfc7692-violations.js'
import { expectationCases } from './rfc9110-expectations.js'
import { httpResponseCases } from './rfc9110-responses.js'
import { requestLengthCases } from './rfc9112-lengths.js'
import { httpRequestCases } from './rfc9112-requests.js'
import { httpResponseReadingCases } from './rfc9112-responses.js'

export const allCases: readonly Case[] = [
  ...maskingCases,
  ...reservedBitCases,
  ...opcodeCases,
  ...payloadLengthCases,
  ...unmaskingCases,
  ...fragmentationCases,
  ...controlFrameCases,
  ...closeCases,
  ...pingCases,
  ...sendingCases,
  ...dataCases,
  ...endingCases,
  ...everyCodeCases(),
  ...utf8Cases,
  ...limitCases,
  ...largeClosingCases,
  ...requestReadingCases,
  ...responseCases,
  ...httpRequestCases,
  ...requestLengthCases,
  ...httpResponseCases,
  ...expectationCases,
  ...deflateMessageCases,
  ...deflateViolationCases,
  ...deflatePayloadCases,
  ...robustnessCases,
  ...clientRequestCases,
  // These last: some programs leave the loop when a connection is not opened.
  ...responseReadingCases,
  ...httpResponseReadingCases,
  ...negotiationCases,
  ...deflateNegotiationCases,
  // For clients that take orders.
  ...orderedRequestCases,
  ...orderedSendingCases,
  ...orderedCloseCases,
  ...orderedEndingCases,
]
