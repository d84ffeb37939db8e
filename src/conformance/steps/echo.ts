/** Pairs of steps: a message sent, and its echo awaited. */
import type { FrameParts } from '../frame-parts.js'
import type { Step } from '../step.js'
import { awaitMessage } from './awaiting.js'
import { sendFrames } from './sending.js'

/** Sends the frames of one message and awaits its echo. Control frames among them are left out of the account. */
export function echo(...frames: readonly FrameParts[]): Step[] {
  return [sendFrames(...frames), awaitEcho(...frames)]
}

/** Awaits the echo of the message that these frames make. */
export function awaitEcho(...frames: readonly FrameParts[]): Step {
  const data = frames.filter(({ opcode }) => opcode < 0x8)
  return awaitMessage(data[0]!.opcode, Buffer.concat(data.map(({ payload }) => Buffer.from(payload))))
}
