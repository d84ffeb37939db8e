/** Steps about compressed messages: RFC 7692. The connection has the extension in use. */
import { type FrameParts, fragments } from '../frame-parts.js'
import { opcodeText, payloadText } from '../frame-text.js'
import type { ReceivedMessage } from '../inbox.js'
import type { AgreedRawExtension } from '../raw-extension.js'
import type { RawPeer } from '../raw-peer.js'
import type { Step, StepOutcome } from '../step.js'
import { well } from '../step.js'
import { awaitMessage } from './awaiting.js'
import { taken } from './sending.js'

/** A message that is sent compressed. */
export interface Compressible {
  readonly opcode: number
  readonly payload: Buffer
  /** In fragments of so many octets of compressed payload. Default: one frame. */
  readonly fragment?: number
  /** Sent between the fragments. */
  readonly between?: FrameParts
}

/** Sends messages compressed, as the agreement binds us. */
export function sendCompressed(...messages: readonly Compressible[]): Step {
  const named = messages.map(({ opcode, payload, fragment }) => {
    const how = fragment === undefined ? '' : ` in fragments of ${fragment}`
    return `${opcodeText(opcode)} ${payloadText(payload)} compressed${how}`
  })
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const frames = messages.flatMap(message => compressed(message, peer.inbox.extension!))
    return taken(await peer.sendFrames(frames))
  }
  return { kind: 'send', text: named.join(' | '), run }
}

/** The frames of a message whose octets on the wire are given: the first bears RSV1. */
export function wireFrames(opcode: number, wire: Buffer, fragment = Math.max(1, wire.length)): FrameParts[] {
  const pieces: Buffer[] = []
  for (let at = 0; at === 0 || at < wire.length; at += fragment) pieces.push(wire.subarray(at, at + fragment))
  const [first, ...rest] = fragments(opcode, pieces)
  return [{ ...first!, rsv: 4 }, ...rest]
}

function compressed({ opcode, payload, fragment, between }: Compressible, extension: AgreedRawExtension): FrameParts[] {
  const frames = wireFrames(opcode, extension.close(payload), fragment)
  if (between === undefined) return frames
  return frames.flatMap((frame, i) => (i === 0 ? [frame] : [between, frame]))
}

/** Awaits the echoes of these messages, however they come. */
export function awaitEchoes(...messages: readonly Compressible[]): Step[] {
  return messages.map(({ opcode, payload }) => awaitMessage(opcode, payload))
}

/**
 * Awaits the echo of a message, and looks at how it came.
 *
 * @param what - it should be like.
 * @param check - says how it is not.
 */
export function awaitWire(
  { opcode, payload }: Compressible,
  what: string,
  check: (message: ReceivedMessage, extension: AgreedRawExtension) => string | undefined,
): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    await peer.until(() => inbox.messages.length > 0 || inbox.close !== undefined)
    const [message] = inbox.messages
    const outcome = await awaitMessage(opcode, payload).run(peer)
    const missed = outcome.missed ?? check(message!, inbox.extension!)
    return missed === undefined ? well : { missed }
  }
  return { kind: 'await', text: `the message ${opcodeText(opcode)} ${payloadText(payload)}, ${what}`, run }
}
