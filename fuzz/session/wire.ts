/**
 * Judges all octets that an endpoint has sent: RFC 6455 §5 (whole, legal frames), §5.4 (their sequence), §5.5.1 (what may
 * follow a Close frame), §8.1.
 */
import type { Role } from '../../src/framing/frame-header.js'
import { type NaiveFrame, readFrames } from '../oracles/frames.js'
import { readUtf8 } from '../oracles/utf8.js'
import { must } from '../violation.js'

export interface SentMessage {
  readonly text: boolean
  readonly octets: Buffer
}

export interface Sent {
  /** Complete messages, in order. */
  readonly messages: readonly SentMessage[]
  readonly pings: readonly Buffer[]
  readonly pongs: readonly Buffer[]
  /** Bodies of Close frames: none or one. */
  readonly closes: readonly Buffer[]
}

/**
 * @param whole - the last frame must be complete.
 * @throws Violation of "output".
 */
export function judgeWire(wire: Buffer, role: Role, maxFrameSize: number, whole: boolean): Sent {
  const { frames, failure } = readFrames(wire, { masked: role === 'client', maxFrameSize, allowedRsv: 0 })
  must('output', failure === undefined, () => `illegal from octet ${failure!.at} on`)
  const end = frames.at(-1)?.end ?? 0
  must('output', whole ? end === wire.length : true, () => `${wire.length} octets, the last frame ends at ${end}`)
  const controls: Record<number, Buffer[]> = { 8: [], 9: [], 10: [] }
  const messages: SentMessage[] = []
  let open: { text: boolean; parts: Buffer[] } | undefined
  for (const frame of frames.filter(one => one.end <= wire.length)) {
    must(
      'output',
      controls[8]!.length === 0 || frame.opcode === 10,
      () => `opcode ${frame.opcode} behind a Close frame`,
    )
    if (frame.opcode >= 8) {
      controls[frame.opcode]!.push(frame.payload)
      continue
    }
    must('output', (frame.opcode === 0) === (open !== undefined), 'a fragment out of sequence')
    open = joined(open, frame)
    if (!frame.fin) continue
    messages.push(finished(open))
    open = undefined
  }
  return { messages, pings: controls[9]!, pongs: controls[10]!, closes: controls[8]! }
}

function joined(open: { text: boolean; parts: Buffer[] } | undefined, { opcode, payload }: NaiveFrame) {
  const message = open ?? { text: opcode === 1, parts: [] }
  message.parts.push(payload)
  return message
}

function finished({ text, parts }: { text: boolean; parts: readonly Buffer[] }): SentMessage {
  const octets = Buffer.concat(parts)
  must('output', !text || readUtf8(octets).complete, () => `a text that is not UTF-8: ${octets.toString('hex', 0, 99)}`)
  return { text, octets }
}

/** @throws Violation of "round trip" unless both are the same messages in the same order. */
export function mustBeSame(actual: readonly SentMessage[], expected: readonly SentMessage[], what: string): void {
  must('round trip', actual.length === expected.length, () => `${actual.length} ${what}, should be ${expected.length}`)
  for (const [index, { text, octets }] of actual.entries()) {
    const other = expected[index]!
    const same = text === other.text && octets.equals(other.octets)
    must(
      'round trip',
      same,
      () => `number ${index} of the ${what}: ${describe(actual[index]!)}, should be ${describe(other)}`,
    )
  }
}

function describe({ text, octets }: SentMessage): string {
  return `${text ? 'text' : 'binary'} of ${octets.length} octets ${octets.toString('hex', 0, 40)}`
}
