/** Steps for a client that takes orders: what it is told to do, what comes of it, and what it reports. */
import { splitList } from '../../http/grammar.js'
import type { RequestHead } from '../../http/message-head.js'
import type { ClientEvent, Order, OrderedClient } from '../control.js'
import { closeBodyText, payloadText } from '../frame-text.js'
import type { RawPeer } from '../raw-peer.js'
import { type Step, type StepOutcome, well } from '../step.js'

/** The endpoint's own status code of a Close frame, or none. */
type Code = number | 'none'

/** Orders the client to do this. */
export function order(what: Order): Step {
  const run = async (peer: RawPeer) => {
    clientOf(peer).order(what)
    return well
  }
  return { kind: 'send', text: `the order ${JSON.stringify(what)}`, run }
}

/** Awaits the Close frame that was ordered. Who lets nobody order that is told so, and the case is over: no MUST says to. */
export function awaitOwnClose(codes: readonly Code[], reason = ''): Step {
  const text = `a Close frame with ${codes.join(' or ')}${reason === '' ? '' : ` ${payloadText(Buffer.from(reason))}`}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    const client = clientOf(peer)
    await peer.until(() => inbox.close !== undefined || declined(client, 'close') !== undefined)
    const { close } = inbox
    if (close === undefined) return declined(client, 'close') ?? { missed: `${peer.instead()} instead of ${text}` }
    const good = codes.includes(close.code ?? 'none') && close.body.subarray(2).equals(Buffer.from(reason))
    return good ? well : { missed: `it closed ${closeBodyText(close.body)} instead of with ${text}` }
  }
  return { kind: 'await', text, run }
}

/**
 * Awaits that the client does not put on the wire what it was ordered to: it refuses, sends something legal instead, or
 * nothing. What it does send is looked at whatever the case.
 *
 * @param then - what becomes of the connection of who refuses: how it goes on, and closes, is another question.
 */
export function awaitNothingIllegal(what: Order['do'], then: 'left' | 'goes on' = 'left'): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    const client = clientOf(peer)
    const came = () => inbox.close !== undefined || inbox.messages.length > 0 || inbox.pings.length > 0
    await peer.until(() => came() || declined(client, what) !== undefined)
    if (declined(client, what) !== undefined) return then === 'left' ? { over: 'left' } : well
    if (came()) {
      inbox.messages.shift()
      return well
    }
    return { findings: [{ verdict: 'INFO', reason: 'it took the order, and did nothing' }] }
  }
  return { kind: 'await', text: 'that it refuses, or sends something legal', run }
}

/** Awaits the Ping that was ordered. */
export function awaitOwnPing(payload: string): Step {
  const text = `a Ping ${payloadText(Buffer.from(payload))}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    const client = clientOf(peer)
    await peer.until(() => inbox.pings.length > 0 || declined(client, 'ping') !== undefined)
    const ping = inbox.pings.shift()
    if (ping === undefined) return declined(client, 'ping') ?? { missed: `${peer.instead()} instead of ${text}` }
    return ping.equals(Buffer.from(payload))
      ? well
      : { missed: `it sent a Ping ${payloadText(ping)} instead of ${text}` }
  }
  return { kind: 'await', text, run }
}

/** Awaits the text that was ordered in fragments, in more than one frame. */
export function awaitFragments(whole: string): Step {
  const text = `the text ${JSON.stringify(whole)} in fragments`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { messages } = peer.inbox
    const client = clientOf(peer)
    await peer.until(() => messages.length > 0 || declined(client, 'send') !== undefined)
    const message = messages.shift()
    if (message === undefined) return declined(client, 'send') ?? { missed: `${peer.instead()} instead of ${text}` }
    const { opcode, payload, frames } = message
    if (opcode !== 1 || payload.toString() !== whole)
      return { missed: `it sent ${payloadText(payload)} instead of ${text}` }
    return frames > 1
      ? well
      : { findings: [{ verdict: 'INFO', reason: 'it sent one frame, though fragments were ordered' }] }
  }
  return { kind: 'await', text, run }
}

/** What a program should report of the end of a connection. */
export interface Report {
  readonly code?: number
  readonly reason?: string
  readonly clean?: boolean
}

/** Awaits that the program is told of the end of the connection, and by which code. What its library does not tell is not judged. */
export function awaitReport(wanted: Report): Step {
  const text = `that its program is told of the end: ${JSON.stringify(wanted)}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const told = await toldOf(peer, 'close')
    if (told === undefined) return { missed: 'its program was not told that the connection is over' }
    const names = Object.keys(wanted) as (keyof Report)[]
    const wrong = names.filter(name => told[name] !== undefined && told[name] !== wanted[name])
    if (wrong.length > 0)
      return { missed: `its program was told ${JSON.stringify(told)}, which differs in ${wrong.join(', ')}` }
    if (names.some(name => told[name] !== undefined)) return well
    return { findings: [{ verdict: 'SKIP', reason: `its library does not tell ${names.join(', ')}` }] }
  }
  return { kind: 'await', text, run }
}

/** Awaits that the program is told that the connection is open, and of the subprotocol in use; '' for none. */
export function awaitOpen(protocol: string): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const told = await toldOf(peer, 'open')
    if (told === undefined) return { missed: 'its program was not told that the connection is open' }
    if ((told.protocol ?? protocol) === protocol) return well
    return { missed: `its program was told of the subprotocol ${JSON.stringify(told.protocol)}` }
  }
  return { kind: 'await', text: `that its program is told of the subprotocol ${JSON.stringify(protocol)}`, run }
}

/** Awaits that the program is told that the connection did not come to be. */
export function awaitNeverOpen(): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const client = clientOf(peer)
    await untilTold(peer, () => client.events.length > 0)
    if (client.told('open') !== undefined) return { missed: 'its program was told that the connection is open' }
    return client.events.length === 0 ? { missed: 'its program was not told that there is no connection' } : well
  }
  return { kind: 'await', text: 'that its program is told that there is no connection', run }
}

/** The subprotocols that a request asks for, in its order. */
export function askedFor({ fields }: RequestHead): string[] {
  return splitList(fields.get('sec-websocket-protocol') ?? '')
}

function clientOf({ client }: RawPeer): OrderedClient {
  return client!
}

/** What comes of an order that the client did not take. */
function declined({ events }: OrderedClient, what: Order['do']): StepOutcome | undefined {
  const found = events.find(one => (one.event === 'refused' || one.event === 'cannot') && one.do === what)
  if (found === undefined) return undefined
  if (found.event === 'cannot')
    return { over: 'left', findings: [{ verdict: 'SKIP', reason: `its library has no ${what}` }] }
  const reason = `it lets nobody order that: ${JSON.stringify(found)}`
  return { over: 'left', findings: [{ verdict: 'INFO', reason }] }
}

/** Waits for such an event, the end of TCP or not; after an error no other may come. */
async function toldOf<Name extends ClientEvent['event']>(
  peer: RawPeer,
  name: Name,
): Promise<Extract<ClientEvent, { event: Name }> | undefined> {
  const client = clientOf(peer)
  await untilTold(peer, () => client.told(name) !== undefined || (name === 'open' && client.events.length > 0))
  return client.told(name)
}

/** Waits for what the program tells, the end of TCP or not. */
async function untilTold(peer: RawPeer, there: () => boolean): Promise<void> {
  if (!(await peer.until(there)) && peer.ended !== undefined) await clientOf(peer).until(there, peer.patience.silence)
}
