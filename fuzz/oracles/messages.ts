/**
 * What the octets of a peer say, read the obvious way: messages and control frames (RFC 6455 §5.4, §5.5, §6.2, §7.4, §8.1)
 * within limits (§10.4). The twin of src/connection/message-assembler.ts and control-receiver.ts.
 */
import { type FrameRules, type NaiveFailure, type NaiveFrame, readFrames } from './frames.js'
import { readUtf8 } from './utf8.js'

export interface MessageRules extends FrameRules {
  readonly maxMessageSize: number
  readonly maxFragments: number
}

/** Something that a handler is told. */
export interface NaiveEvent {
  readonly kind: 'text' | 'binary' | 'ping' | 'pong' | 'close'
  readonly payload: Buffer
}

/** What is wrong with data frames; behind it only control frames are read on. */
export interface DataFailure extends NaiveFailure {
  /** How many events came before. */
  readonly after: number
}

export interface NaiveConversation {
  /** Up to the Close frame, the failure or the end of the octets. */
  readonly events: readonly NaiveEvent[]
  /** What a connection fails with that is open; one that is closing discards data, and does not look. */
  readonly dataFailure: DataFailure | undefined
  /** What a connection fails with in any case. */
  readonly failure: NaiveFailure | undefined
}

interface Message {
  kind: 'text' | 'binary'
  octets: Buffer
  fragments: number
}

export function readConversation(octets: Buffer, rules: MessageRules): NaiveConversation {
  const { frames, failure } = readFrames(octets, rules)
  const events: NaiveEvent[] = []
  const data = new DataReader(rules)
  let dataFailure: DataFailure | undefined
  for (const frame of frames) {
    const complete = frame.end <= octets.length
    if (frame.opcode < 8) {
      if (dataFailure !== undefined) continue
      const read = data.read(frame, complete)
      if (read !== undefined && 'codes' in read) dataFailure = { ...read, after: events.length }
      else if (read !== undefined) events.push(read)
      continue
    }
    if (!complete) break
    const wrong = frame.opcode === 8 ? judgeClose(frame) : undefined
    if (wrong !== undefined) return { events, dataFailure, failure: wrong }
    events.push({ kind: frame.opcode === 8 ? 'close' : frame.opcode === 9 ? 'ping' : 'pong', payload: frame.payload })
    if (frame.opcode === 8) return { events, dataFailure, failure: undefined }
  }
  return { events, dataFailure, failure }
}

/** Puts messages together. */
class DataReader {
  readonly #rules: MessageRules
  #message: Message | undefined

  constructor(rules: MessageRules) {
    this.#rules = rules
  }

  read(frame: NaiveFrame, complete: boolean): NaiveEvent | NaiveFailure | undefined {
    const wrong = judgeHeader(frame, this.#message, this.#rules)
    if (wrong !== undefined) return wrong
    this.#message ??= { kind: frame.opcode === 1 ? 'text' : 'binary', octets: Buffer.alloc(0), fragments: 0 }
    const message = this.#message
    const badText = judgeText(frame, message, complete)
    if (badText !== undefined) return badText
    message.octets = Buffer.concat([message.octets, frame.payload])
    message.fragments++
    if (!complete || !frame.fin) return undefined
    this.#message = undefined
    return { kind: message.kind, payload: message.octets }
  }
}

/** May this frame come now? Known with the last octet of its header. */
function judgeHeader(frame: NaiveFrame, message: Message | undefined, rules: MessageRules): NaiveFailure | undefined {
  const codes: number[] = []
  const size = message?.octets.length ?? 0
  if ((frame.opcode === 0) !== (message !== undefined)) codes.push(1002)
  if ((message?.fragments ?? 0) + 1 > rules.maxFragments + size / 64) codes.push(1008)
  if (size + frame.length > rules.maxMessageSize) codes.push(1009)
  // A frame of no message is judged by the first rule alone.
  const judged = codes.includes(1002) ? [1002] : codes
  return judged.length > 0 ? { at: frame.payloadStart - 1, codes: judged } : undefined
}

/** §8.1: at the first octet that no text has; or at the end, within a character. */
function judgeText(frame: NaiveFrame, message: Message, complete: boolean): NaiveFailure | undefined {
  if (message.kind !== 'text') return undefined
  const before = message.octets.length
  const { wrongAt, complete: whole } = readUtf8(Buffer.concat([message.octets, frame.payload]))
  if (wrongAt >= 0) return { at: frame.payloadStart + wrongAt - before, codes: [1007] }
  return complete && frame.fin && !whole ? { at: frame.end - 1, codes: [1007] } : undefined
}

/** §5.5.1, §7.4. */
function judgeClose({ payload, end }: NaiveFrame): NaiveFailure | undefined {
  if (payload.length === 0) return undefined
  const code = payload.length === 1 ? 0 : payload.readUInt16BE()
  const sendable =
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  if (!sendable) return { at: end - 1, codes: [1002] }
  return readUtf8(payload.subarray(2)).complete ? undefined : { at: end - 1, codes: [1007] }
}
