/**
 * Negotiating extensions: RFC 6455 §9.1. Reads and writes Sec-WebSocket-Extensions, makes the client's offer, the
 * server's choice and the client's check of it. What parameters mean is each extension's own business. Sans fault:
 * nothing here throws at a peer's text; undefined says that it is not acceptable, and the handshake says so.
 */
import { isToken, type ParametrisedToken, parseParametrisedTokens } from '../http/grammar.js'
import type { AgreedExtension, Extension } from './extension.js'

/**
 * Parses the value of Sec-WebSocket-Extensions, repeated lines joined by commas.
 *
 * @returns undefined when it does not conform to the ABNF of §9.1, or has more than `limit` extensions.
 */
export function parseExtensions(value: string, limit = 64): ParametrisedToken[] | undefined {
  const listed = parseParametrisedTokens(value)
  if (listed === undefined || listed.length > limit) return undefined
  // §9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF".
  const conform = listed.every(one => one.parameters.every(([, value]) => value === undefined || isToken(value)))
  return conform ? listed : undefined
}

/** The value of a Sec-WebSocket-Extensions field; '' for none, and then the field is left away. */
export function formatExtensions(listed: Iterable<ParametrisedToken>): string {
  return Array.from(listed, ({ name, parameters }) => {
    return [name, ...parameters.map(([key, value]) => (value === undefined ? key : `${key}=${value}`))].join('; ')
  }).join(', ')
}

/** The client's offers: each extension in the order of preference, and each of its offers (§9.1). */
export function offerExtensions(extensions: readonly Extension[]): ParametrisedToken[] {
  return extensions.flatMap(extension => extension.offers().map(parameters => ({ name: extension.name, parameters })))
}

/**
 * The server's choice. The client's order is its preference: each offer in turn is put to our extension of that name,
 * unless that one is agreed already or claims an RSV bit that is taken.
 */
export function chooseExtensions(
  offers: readonly ParametrisedToken[],
  extensions: readonly Extension[],
): readonly AgreedExtension[] {
  if (offers.length === 0) return none
  // Not by push: a list that has grown has room for more, in every connection.
  let agreed: readonly AgreedExtension[] = none
  for (const offer of offers) {
    const extension = extensions.find(one => one.name === offer.name)
    if (extension === undefined || isTaken(extension, agreed)) continue
    const parameters = extension.answer(offer.parameters)
    if (parameters !== undefined) agreed = [...agreed, { extension, parameters }]
  }
  return agreed
}

/** One for all who have agreed on none: they keep it. */
const none: readonly AgreedExtension[] = []

/**
 * The client's check of what the server chose.
 *
 * @returns undefined when the server listed an extension that was not offered (§4.1), one twice, two that claim the
 *   same RSV bit, or parameters that the extension does not accept: the connection must fail.
 */
export function checkExtensions(
  answers: readonly ParametrisedToken[],
  offered: readonly Extension[],
): AgreedExtension[] | undefined {
  const agreed: AgreedExtension[] = []
  for (const { name, parameters } of answers) {
    const extension = offered.find(one => one.name === name)
    if (extension === undefined || isTaken(extension, agreed) || !extension.accepts(parameters)) return undefined
    agreed.push({ extension, parameters })
  }
  return agreed
}

/** Is this extension agreed already, or one of its RSV bits another's? */
function isTaken(extension: Extension, agreed: readonly AgreedExtension[]): boolean {
  return agreed.some(({ extension: other }) => other === extension || (other.rsv & extension.rsv) !== 0)
}
