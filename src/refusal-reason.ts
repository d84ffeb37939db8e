/** What a server says that refuses the Opening Handshake, in one line. */
import type { HandshakeError, RefusalResponse } from './errors.js'
import { oneLine } from './one-line.js'

/** Of a body, and of where it redirects to, no more is told. */
const mostTold = 200

/** With the first line of the body, where it is text: servers say there what they did not like; and where they redirect to. */
export function refusalReason({ message, response }: HandshakeError): string {
  const type = fieldOf(response, 'content-type') ?? ''
  // No character has more octets than four, and white space may stand before.
  const text = /^text\/plain\b/i.test(type) ? new TextDecoder().decode(response!.body.subarray(0, 8 * mostTold)) : ''
  const [line = ''] = text.trim().split('\n')
  const location = response?.status.toString().startsWith('3') ? fieldOf(response, 'location') : undefined
  const elsewhere = location === undefined ? '' : `; it redirects to ${location.slice(0, mostTold)}`
  return oneLine(`${message}${line === '' ? '' : `: ${line.slice(0, mostTold)}`}${elsewhere}`)
}

function fieldOf(response: RefusalResponse | undefined, name: string): string | undefined {
  return response?.headers.find(([field]) => field.toLowerCase() === name)?.[1]
}
