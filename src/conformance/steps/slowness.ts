/** Steps of a peer that is slow: RFC 6455 §10.4. Who gives up on it is in the right, and told so. */
import { setTimeout as pause } from 'node:timers/promises'
import type { FrameParts } from '../frame-parts.js'
import type { RawPeer } from '../raw-peer.js'
import { cutEvery } from '../segmentation.js'
import { type Step, type StepOutcome, well } from '../step.js'
import { awaitEcho } from './echo.js'

/** Sends a frame octet by octet, and so many milliseconds pass between one and the next. */
export function sendSlowly(one: FrameParts, every: number): Step {
  const run = async (peer: RawPeer) => {
    for (const octet of cutEvery(peer.build(one), 1)) {
      await peer.sendPieces([octet])
      if (await peer.until(() => peer.inbox.close !== undefined, every)) break
    }
    return well
  }
  return { kind: 'send', text: `a frame octet by octet, ${every} ms between one and the next`, run }
}

/** Sends frames, and reads what comes meanwhile a little at a time, so many milliseconds between, until all of it is there. */
export function sendReadingSlowly(frames: readonly FrameParts[], every: number): Step {
  const run = async (peer: RawPeer) => {
    const { inbox } = peer
    peer.readOn(false)
    const sent = peer.sendFrames(frames)
    const over = () => inbox.messages.length === frames.length || inbox.close !== undefined || peer.ended !== undefined
    while (!over()) {
      const before = [inbox.frames, peer.pending]
      peer.readOn(true)
      const came = await peer.until(() => inbox.frames !== before[0] || peer.pending !== before[1] || over())
      peer.readOn(false)
      if (!came) break
      await pause(every)
    }
    peer.readOn(true)
    await sent
    return well
  }
  return { kind: 'send', text: `${frames.length} messages, their echoes read a little at a time`, run }
}

/** Awaits the echo; or that the endpoint has given up on who is slow. */
export function awaitEchoOrSurrender(one: FrameParts): Step {
  const echo = awaitEcho(one)
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const outcome = await echo.run(peer)
    const gaveUp = peer.inbox.close !== undefined || peer.ended !== undefined
    if (outcome.missed === undefined || !gaveUp) return outcome
    peer.sawFailure = true
    const reason = `it gave up on a peer that is slow: ${outcome.missed}`
    return { over: true, findings: [{ verdict: 'WARN', reason, section: '10.4' }] }
  }
  return { kind: 'await', text: `${echo.text}, or that it gives up`, run }
}
