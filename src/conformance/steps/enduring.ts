/** Steps that put an endpoint to what costs it: RFC 6455 §10.4, §10.7. Who defends itself by failing is in the right. */
import { Opcode } from '../../framing/frame-header.js'
import { type FrameParts, frame, ping } from '../frame-parts.js'
import { naiveReading } from '../naive-reading.js'
import type { RawPeer } from '../raw-peer.js'
import { type Step, type StepOutcome, well } from '../step.js'
import type { Finding } from '../verdict.js'
import { awaitMessage } from './awaiting.js'
import { awaitFailure, keepsTcpOpen } from './closing.js'

const stillThere = 'still there?'

/**
 * Awaits that the endpoint has fared well: it answers a Ping that is sent now, or it has failed the connection.
 *
 * @param echoes - `may come`: what it has answered on the way is its own business.
 */
export function awaitSurvival(echoes: 'may come' | 'have come' = 'may come'): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { inbox } = peer
    inbox.heedless ||= echoes === 'may come'
    await peer.sendFrames([ping(stillThere)])
    const answered = () => inbox.pongs.some(payload => payload.equals(Buffer.from(stillThere)))
    const over = () => inbox.close !== undefined || answered()
    await peer.until(over)
    if (answered()) return well
    if (peer.silent) {
      // An answer may have been lost among those that were not read.
      await peer.sendFrames([ping(stillThere)])
      await peer.until(over, peer.patience.asking)
      if (answered()) return { findings: [forgetful] }
    }
    peer.sawFailure = inbox.close !== undefined || peer.ended !== undefined
    if (peer.sawFailure) return { over: true }
    return { missed: `${peer.instead()}: it neither answers a Ping nor has it failed the connection` }
  }
  return { kind: 'await', text: 'that it answers a Ping, or has failed the connection', run }
}

const forgetful: Finding = {
  verdict: 'WARN',
  reason:
    'it answered no Ping at first: "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response"',
  section: '5.5.2',
}

/** Sends the same frame so many times, cut as the run says; whole in large writes. */
export function sendFlood(one: FrameParts, times: number, what: string, before: readonly FrameParts[] = []): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    await peer.sendFrames(before)
    const octets = Buffer.concat(Array.from({ length: times }, () => peer.build(one)))
    // One that no longer reads may have failed, which the next step looks for.
    await peer.sendOctets(octets)
    return well
  }
  return { kind: 'send', text: `${times} times ${what}`, run }
}

/**
 * Sends messages without reading their echoes, until the endpoint takes no more or so many octets, then reads again.
 */
export function sendUnread(size: number, most: number): Step {
  const text = `messages of ${size} octets, without reading, as many as it takes, at most ${most} octets`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const message = peer.build(frame(Opcode.binary, Buffer.alloc(size, 0x2e)))
    peer.readOn(false)
    const taken = await peer.fill(message, most)
    peer.readOn(true)
    if (taken < most) return well
    const reason = `it took ${taken} octets while its answers were not read: a slow reader makes it hold them all`
    return { findings: [{ verdict: 'INFO', reason }] }
  }
  return { kind: 'send', text, run }
}

/** Sends a mutated session, and awaits what RFC 6455 says of these octets. */
export function endure(octets: Buffer): Step[] {
  const text = `${octets.length} octets, mutated: ${octets.toString('hex')}`
  const send: Step = {
    kind: 'send',
    text,
    async run(peer) {
      await peer.sendOctets(peer.note('octets', text, octets))
      return well
    },
  }
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { messages, pings, end } = naiveReading(octets, peer.tested)
    peer.pingsSent.push(...pings)
    if (end === 'violation') {
      for (const message of messages) peer.inbox.allow(message)
      const outcome = await awaitFailure(1002, 1007, 1009).run(peer)
      return outcome.missed === undefined ? { ...outcome, over: true } : outcome
    }
    for (const { opcode, payload } of messages) {
      const outcome = await awaitMessage(opcode, payload).run(peer)
      // An incomplete frame may break a rule already; and who closes owes no echo any more.
      const failed = end !== 'open' && (peer.inbox.close !== undefined || peer.ended !== undefined)
      if (outcome.missed !== undefined) return failed ? endedEarly(peer) : outcome
    }
    if (end === 'within') {
      await peer.finish()
      await peer.until(() => false)
      return peer.ended === undefined ? keepsTcpOpen(peer) : endedEarly(peer)
    }
    return end === 'open' ? await awaitSurvival('have come').run(peer) : well
  }
  return [send, { kind: 'await', text: 'what these octets ask for', run }]
}

function endedEarly(peer: RawPeer): StepOutcome {
  peer.sawFailure = true
  return { over: true }
}
