/**
 * Steps put to a proxy when the connection is open: what one of our ends sends has to arrive at the other. `peer` is the end
 * before the proxy, a client; `peer.behind` the one behind it, a server.
 */
import { asRawFrame, close, closeBody, type FrameParts, frame } from '../frame-parts.js'
import { closeBodyText, frameText } from '../frame-text.js'
import type { AgreedRawExtension } from '../raw-extension.js'
import type { RawFrame } from '../raw-frame.js'
import type { RawPeer } from '../raw-peer.js'
import { type Step, type StepOutcome, well } from '../step.js'
import { messageText } from './awaiting.js'

/** From the client to the server, or back. */
export type Direction = 'out' | 'back'

function ends(peer: RawPeer, direction: Direction): { from: RawPeer; to: RawPeer } {
  return direction === 'out' ? { from: peer, to: peer.behind! } : { from: peer.behind!, to: peer }
}

const where: Readonly<Record<Direction, string>> = { out: 'before the proxy', back: 'behind the proxy' }
const arrival: Readonly<Record<Direction, string>> = { out: 'behind the proxy', back: 'before the proxy' }

/** Sends frames, and awaits the same frames in the same order: FIN, RSV bits, opcodes and payloads. */
export function passFrames(direction: Direction, ...frames: readonly FrameParts[]): Step {
  const expected = frames.map(parts => told(asRawFrame(parts)))
  const text = `frame by frame, ${arrival[direction]}: ${expected.join(' | ')}`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { from, to } = ends(peer, direction)
    const came: string[] = []
    to.inbox.onFrame = one => came.push(told(one))
    await from.sendFrames(frames)
    await to.until(() => came.length >= expected.length)
    to.inbox.onFrame = undefined
    to.inbox.messages.splice(0)
    to.inbox.pongs.splice(0)
    const at = expected.findIndex((one, i) => came[i] !== one)
    return at < 0
      ? well
      : { missed: `${arrival[direction]} came ${came[at] ?? to.instead()} instead of ${expected[at]}` }
  }
  return { kind: 'await', text, run }
}

function told({ maskingKey: _, ...one }: RawFrame): string {
  return frameText({ ...one, maskingKey: undefined }, 'server')
}

/** Sends frames, and awaits the messages in them, however they are cut. */
export function passMessages(direction: Direction, ...messages: readonly FrameParts[]): Step {
  const text = `${messages.length} messages ${arrival[direction]}, as they were sent`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { from, to } = ends(peer, direction)
    // Silence is measured from the last octet on: a proxy may wait for it.
    await from.sendFrames(messages)
    for (const { opcode, payload } of messages) {
      await to.until(() => to.inbox.messages.length > 0)
      const message = to.inbox.messages.shift()
      const same = message?.opcode === opcode && message.payload.equals(Buffer.from(payload))
      if (same) continue
      const came = message === undefined ? to.instead() : messageText(message)
      return { missed: `${arrival[direction]} came ${came} instead of what was sent` }
    }
    return well
  }
  return { kind: 'await', text, run }
}

/** Sends a Ping, and awaits one Pong for it, which the other end has sent. */
export function passPing(direction: Direction, payload: string): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { from, to } = ends(peer, direction)
    let pings = 0
    to.inbox.onFrame = ({ opcode }) => {
      if (opcode === 0x9) pings++
    }
    await from.sendFrames([frame(0x9, payload)])
    await from.until(() => from.inbox.pongs.length > 0)
    to.inbox.onFrame = undefined
    const pong = from.inbox.pongs.shift()
    if (pong === undefined) return { missed: `${from.instead()} instead of a Pong` }
    if (pings !== 1) return { missed: `the Ping was answered, and came ${arrival[direction]} ${pings} times` }
    return pong.toString() === payload ? well : { missed: `the Pong came with ${JSON.stringify(pong.toString())}` }
  }
  return { kind: 'await', text: `one Pong for a Ping from ${where[direction]}, by the other end`, run }
}

/** Nothing is sent for half of the longest silence; the connection has to stay. */
export function stayIdle(): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    await peer.until(() => false, peer.patience.silence / 2)
    const gone = peer.ended ?? peer.behind!.ended
    return gone === undefined ? well : { missed: `it ended a connection that was idle (${gone})` }
  }
  return { kind: 'await', text: 'that an idle connection stays', run }
}

/** Closes from one end: both Close frames arrive as they were sent, and the end of TCP does. */
export function passClose(direction: Direction, code?: number, reason = ''): Step {
  const body = closeBody(code, reason)
  const text = `the Close frame ${closeBodyText(body)}, sent ${where[direction]}, its answer, and the end of TCP`
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { from, to } = ends(peer, direction)
    for (const [sender, receiver, way] of [[from, to, direction] as const, [to, from, other(direction)] as const]) {
      await sender.sendFrames([frame(0x8, body)])
      await receiver.until(() => receiver.inbox.close !== undefined)
      const came = receiver.inbox.close?.body
      if (came?.equals(body) === true) continue
      const what = came === undefined ? receiver.instead() : `the Close frame ${closeBodyText(came)}`
      return { missed: `${arrival[way]} came ${what} instead of ${closeBodyText(body)}` }
    }
    return await endOfBoth(peer)
  }
  return { kind: 'await', text, run }
}

function other(direction: Direction): Direction {
  return direction === 'out' ? 'back' : 'out'
}

/** TCP ends behind the proxy, with a message and a Close frame before its end, which must not be lost. */
export function passEnd(...last: readonly FrameParts[]): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const missed = await passLast(peer, 'back', last)
    if (missed !== undefined) return { missed }
    if (peer.inbox.close !== undefined) await peer.sendClose(peer.inbox.close.code)
    return await endOfBoth(peer)
  }
  return { kind: 'await', text: `what is sent last behind the proxy (${last.length} frames), and the end of TCP`, run }
}

/** TCP ends before the proxy, with a message and a Close frame before its end, which must not be lost. */
export function passEndOfClient(...last: readonly FrameParts[]): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const missed = await passLast(peer, 'out', last)
    if (missed !== undefined) return { missed }
    await peer.behind!.until(() => false)
    const noticed = peer.behind!.ended !== undefined
    await peer.behind!.finish()
    return noticed ? well : { missed: 'TCP ended before the proxy, and stays open behind it' }
  }
  return { kind: 'await', text: `what is sent last before the proxy (${last.length} frames), and the end of TCP`, run }
}

/** Sends frames and ends TCP; says what came of them instead at the other end. */
async function passLast(peer: RawPeer, way: Direction, last: readonly FrameParts[]): Promise<string | undefined> {
  const { from, to } = ends(peer, way)
  await from.sendFrames(last)
  await from.finish()
  for (const { opcode, payload } of last.filter(({ opcode }) => opcode < 0x8)) {
    await to.until(() => to.inbox.messages.length > 0)
    const message = to.inbox.messages.shift()
    if (message?.opcode === opcode && message.payload.equals(Buffer.from(payload))) continue
    return `${arrival[way]} came ${to.instead()} instead of the last message`
  }
  if (!last.some(({ opcode }) => opcode === 0x8)) return undefined
  await to.until(() => to.inbox.close !== undefined)
  return to.inbox.close === undefined ? `${to.instead()} instead of the Close frame` : undefined
}

/** TCP ends in one direction; in the other a message and a Close frame come through. */
export function passOtherWay(direction: Direction): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { from, to } = ends(peer, direction)
    await from.finish()
    await to.until(() => false)
    const missed = await passLast(peer, other(direction), [frame(0x1, 'still there'), close(1000)])
    return missed === undefined ? well : { missed }
  }
  return { kind: 'await', text: `what is sent to the end ${where[direction]}, which has ended its side of TCP`, run }
}

/** TCP is reset at one end; the other is told, in whatever way. */
export function passReset(direction: Direction): Step {
  const run = async (peer: RawPeer): Promise<StepOutcome> => {
    const { from, to } = ends(peer, direction)
    from.destroy()
    await to.until(() => false)
    return to.ended === undefined
      ? { missed: `TCP was reset ${where[direction]}, and stays open at the other end` }
      : well
  }
  return { kind: 'await', text: `that TCP ends, when it is reset ${where[direction]}`, run }
}

/** The server ends TCP, then the client. */
async function endOfBoth(peer: RawPeer): Promise<StepOutcome> {
  const far = peer.behind!
  await far.finish()
  await peer.until(() => false)
  if (peer.ended === undefined) return { missed: 'TCP ended behind the proxy, and stays open before it' }
  await peer.finish()
  await far.until(() => false)
  return far.ended === undefined ? { missed: 'TCP ended before the proxy, and stays open behind it' } : well
}

/** From here on both ends use an extension that claims RSV3 and leaves payloads as they are. */
export function agreeOnRsv3(): Step {
  const run = async (peer: RawPeer) => {
    peer.inbox.extension = transparent
    peer.behind!.inbox.extension = transparent
    return well
  }
  return { kind: 'send', text: 'both ends use an extension that claims RSV3', run }
}

const whole = { takeover: true, bits: 15 }
const same = (payload: Buffer) => payload
const transparent: AgreedRawExtension = {
  rsv: 1,
  open: same,
  close: same,
  own: whole,
  theirs: whole,
}
