/** Steps that send. */
import { asRawFrame, type FrameParts } from '../frame-parts.js'
import { frameText } from '../frame-text.js'
import { buildRawFrame } from '../raw-frame.js'
import type { RawPeer } from '../raw-peer.js'
import { cutEvery } from '../segmentation.js'
import { type Step, type StepOutcome, well } from '../step.js'

/** Sends frames, in one write unless the run cuts otherwise. */
export function sendFrames(...frames: readonly FrameParts[]): Step {
  return { kind: 'send', text: framesText(frames), run: async peer => taken(await peer.sendFrames(frames)) }
}

/** Sends frames in pieces of this many octets, each in a write of its own, however the run cuts. */
export function sendInPieces(size: number, ...frames: readonly FrameParts[]): Step {
  const run = async (peer: RawPeer) => {
    const octets = Buffer.concat(frames.map(parts => peer.build(parts)))
    return taken(await peer.sendPieces(cutEvery(octets, size)))
  }
  return {
    kind: 'send',
    text: `${framesText(frames)}, in pieces of ${size === 1 ? 'one octet' : `${size} octets`}`,
    run,
  }
}

/**
 * Sends octets as they are.
 *
 * @param what - names them for reports.
 */
export function sendOctets(what: string, octets: Buffer): Step {
  return {
    kind: 'send',
    text: what,
    run: async peer => taken(await peer.sendOctets(peer.note('octets', what, octets))),
  }
}

/**
 * Sends a part of a frame: its octets from one place up to another, the header counted. The frame is masked with zeros where
 * it has to be, so that its parts fit together.
 */
export function sendPart(parts: FrameParts, from: number, to?: number): Step {
  const text = `octets ${from} to ${to ?? 'the end'} of ${framesText([parts])}`
  const run = async (peer: RawPeer) => {
    const maskingKey = peer.tested === 'server' ? Buffer.alloc(4) : undefined
    const octets = buildRawFrame({ ...parts, maskingKey }).subarray(from, to)
    return taken(await peer.sendOctets(peer.note('octets', text, octets)))
  }
  return { kind: 'send', text, run }
}

/** Sends frames, and reads what comes meanwhile only afterwards. */
export function sendUnreading(...frames: readonly FrameParts[]): Step {
  const run = async (peer: RawPeer) => {
    peer.readOn(false)
    const all = await peer.sendFrames(frames)
    peer.readOn(true)
    return taken(all)
  }
  return { kind: 'send', text: `${framesText(frames)}, without reading what comes`, run }
}

/** Ends our side of TCP (FIN). */
export function endTcp(): Step {
  const run = async (peer: RawPeer) => {
    await peer.finish()
    return well
  }
  return { kind: 'send', text: 'the end of TCP (FIN)', run }
}

/** Whether the endpoint took all that was sent. */
export function taken(all: boolean): StepOutcome {
  return all ? well : { missed: 'it stopped reading: not all of what was sent was taken' }
}

/** At most a few of the frames by name. */
function framesText(frames: readonly FrameParts[]): string {
  const most = 12
  const named = frames.slice(0, most).map(parts => {
    const side = parts.masked === undefined ? '' : parts.masked ? ', masked' : ', not masked'
    const raw = asRawFrame(parts)
    return `${frameText(raw, raw.maskingKey === undefined ? 'server' : 'client')}${side}`
  })
  const more = frames.length - named.length
  return `${named.join(' | ')}${more > 0 ? ` | and ${more} more frames` : ''}`
}
