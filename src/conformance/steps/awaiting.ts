/** Steps that await messages and Pongs, or prove that none comes. */
import { ping } from '../frame-parts.js'
import { opcodeText, payloadText } from '../frame-text.js'
import type { ReceivedMessage } from '../inbox.js'
import type { RawPeer } from '../raw-peer.js'
import { type Step, type StepOutcome, well } from '../step.js'
import type { Finding } from '../verdict.js'

/** Awaits the echo of a message: the next one is of this type and has this payload, in however many frames. */
export function awaitMessage(opcode: number, payload: Uint8Array | string): Step {
  const expected = Buffer.from(payload)
  const text = `the message ${opcodeText(opcode)} ${payloadText(expected)}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    await peer.until(() => peer.inbox.messages.length > 0 || peer.inbox.close !== undefined)
    const message = peer.inbox.messages.shift()
    if (message === undefined) return { missed: `${peer.instead()} instead of ${text}` }
    const different = difference(message, opcode, expected)
    return different === undefined ? well : { missed: `it sent ${different} instead of ${text}` }
  }
  return { kind: 'await', text, run }
}

/**
 * The echo of this message may come, now or later, and need not: it was sent before something that ends the connection.
 */
export function allowMessage(opcode: number, payload: Uint8Array | string): Step {
  const allowed = { opcode, payload: Buffer.from(payload) }
  const text = `perhaps the message ${opcodeText(opcode)} ${payloadText(allowed.payload)}`
  const run = async ({ inbox }: RawPeer) => {
    inbox.allow(allowed)
    return well
  }
  return { kind: 'await', text, run }
}

/** Awaits the Pong for a Ping with this payload. */
export function awaitPong(payload: Uint8Array | string = ''): Step {
  return awaitPongs([payload])
}

/**
 * Awaits the Pongs for these Pings, which were sent in this order. §5.5.3: an endpoint "MAY elect to send a Pong frame for
 * only the most recently processed Ping frame", so only the last one is owed.
 */
export function awaitPongs(payloads: readonly (Uint8Array | string)[]): Step {
  const expected = payloads.map(payload => Buffer.from(payload))
  const last = expected.at(-1)!
  const text =
    expected.length === 1
      ? `a Pong ${payloadText(last)}`
      : `${expected.length} Pongs, the last one ${payloadText(last)}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    let at = 0
    let other: Buffer | undefined
    for (;;) {
      await peer.until(() => inbox.pongs.length > 0 || inbox.close !== undefined)
      const pong = inbox.pongs.shift()
      if (pong === undefined && other !== undefined) {
        return { missed: `it sent Pong ${payloadText(other)} instead of ${text}` }
      }
      if (pong === undefined) return { missed: `${peer.instead()} instead of ${text}` }
      const found = expected.findIndex((payload, i) => i >= at && payload.equals(pong))
      if (found < 0 && isOurs(pong, peer)) {
        return { missed: `it sent Pong ${payloadText(pong)}, as if ours had been a Ping, instead of ${text}` }
      }
      // §5.5.3: a Pong "MAY be sent unsolicited", at any time.
      if (found < 0) other = pong
      else at = found + 1
      if (at === expected.length) return other === undefined ? well : { findings: [strayPong(other)] }
    }
  }
  return { kind: 'await', text, run }
}

/** Whether it repeats a Pong of ours. */
function isOurs(pong: Buffer, { pongsSent }: RawPeer): boolean {
  return pongsSent.some(sent => sent.equals(pong))
}

function strayPong(payload: Buffer): Finding {
  return {
    verdict: 'INFO',
    section: '5.5.3',
    reason: `it sent Pong ${payloadText(payload)}, which nobody asked for`,
  }
}

const probe = 'anything else?'

/** Proves that nothing comes: a Ping is sent, and its Pong is the next frame; other Pongs may come before it, and are told. */
export function awaitNothing(): Step {
  const text = `nothing: a Ping ${JSON.stringify(probe)} is answered by its Pong, and nothing else comes`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    await peer.sendFrames([ping(probe)])
    await peer.until(() => inbox.pongs.some(isProbe) || inbox.messages.length > 0 || inbox.close !== undefined)
    const [message] = inbox.messages
    if (message !== undefined) return { missed: `it sent ${messageText(message)} instead of nothing` }
    const at = inbox.pongs.findIndex(isProbe)
    if (at < 0) return { missed: `${peer.instead()} instead of a Pong for the Ping that asks whether anything comes` }
    const strays = inbox.pongs.splice(0, at + 1).slice(0, -1)
    const answer = strays.find(pong => isOurs(pong, peer))
    if (answer !== undefined) return { missed: `it sent Pong ${payloadText(answer)}, as if ours had been a Ping` }
    return strays.length === 0 ? well : { findings: [strayPong(strays[0]!)] }
  }
  return { kind: 'await', text, run }
}

/** Sees that no message comes of a frame that has not ended; whether the endpoint waits for more or gives up is its choice. */
export function awaitNoMessage(): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    await peer.until(() => inbox.messages.length > 0 || inbox.close !== undefined)
    const message = inbox.messages.shift()
    return message === undefined ? well : { missed: `it sent ${messageText(message)} instead of nothing` }
  }
  return { kind: 'await', text: 'no message', run }
}

function isProbe(payload: Buffer): boolean {
  return payload.equals(Buffer.from(probe))
}

/** A message as the reports name it. */
export function messageText({ opcode, payload }: ReceivedMessage): string {
  return `the message ${opcodeText(opcode)} ${payloadText(payload)}`
}

/** How the message differs from the one that was expected; undefined when it does not. */
function difference(message: ReceivedMessage, opcode: number, expected: Buffer): string | undefined {
  const { payload } = message
  if (message.opcode !== opcode || payload.length !== expected.length || payload.length <= 48) {
    return message.opcode === opcode && payload.equals(expected) ? undefined : messageText(message)
  }
  if (payload.equals(expected)) return undefined
  const at = payload.findIndex((octet, i) => octet !== expected[i])
  return `${messageText(message)}, which differs from octet ${at} on,`
}
