/**
 * The frames that cases send, by name: `text('Hello')`, `ping()`, `close(1000)`. Each can be bent in any way by parts of
 * its own: `text('Hello', { rsv: 4 })`, `ping('x', { fin: false })`, `text('Hello', { masked: false })`.
 */
import { Opcode } from '../framing/frame-header.js'
import type { RawFrame, RawFrameParts } from './raw-frame.js'

/** A frame to be sent. Unless told it is masked as §5.1 asks of our side. */
export interface FrameParts extends RawFrameParts {
  readonly payload: Uint8Array | string
  /** Masked or not, whatever §5.1 asks. */
  readonly masked?: boolean
}

type Bent = Omit<FrameParts, 'opcode' | 'payload'>

export function text(payload: FrameParts['payload'] = '', bent: Bent = {}): FrameParts {
  return { opcode: Opcode.text, payload, ...bent }
}

export function binary(payload: FrameParts['payload'] = '', bent: Bent = {}): FrameParts {
  return { opcode: Opcode.binary, payload, ...bent }
}

/** A fragment that ends the message, unless bent. */
export function continuation(payload: FrameParts['payload'] = '', bent: Bent = {}): FrameParts {
  return { opcode: Opcode.continuation, payload, ...bent }
}

export function ping(payload: FrameParts['payload'] = '', bent: Bent = {}): FrameParts {
  return { opcode: Opcode.ping, payload, ...bent }
}

export function pong(payload: FrameParts['payload'] = '', bent: Bent = {}): FrameParts {
  return { opcode: Opcode.pong, payload, ...bent }
}

/** A Close frame with a status code and a reason, or without both. */
export function close(code?: number, reason: string | Uint8Array = '', bent: Bent = {}): FrameParts {
  return { opcode: Opcode.close, payload: closeBody(code, reason), ...bent }
}

/** A frame of any opcode. */
export function frame(opcode: number, payload: FrameParts['payload'] = '', bent: Bent = {}): FrameParts {
  return { opcode, payload, ...bent }
}

/** A message in fragments: the first bears the opcode, the last FIN. At least one payload. */
export function fragments(opcode: number, payloads: readonly (Uint8Array | string)[]): FrameParts[] {
  return payloads.map((payload, i) => {
    return { opcode: i === 0 ? opcode : Opcode.continuation, payload, fin: i === payloads.length - 1 }
  })
}

/** The body of a Close frame; any code, also one that must not be sent. */
export function closeBody(code?: number, reason: string | Uint8Array = ''): Buffer {
  if (code === undefined) return Buffer.from(reason)
  const body = Buffer.alloc(2)
  body.writeUInt16BE(code)
  return Buffer.concat([body, Buffer.from(reason)])
}

/** The frame that these parts make, as if it had been read: for telling of it. */
export function asRawFrame(parts: RawFrameParts): RawFrame {
  const payload = Buffer.from(parts.payload ?? '')
  const payloadLength = BigInt(parts.payloadLength ?? payload.length)
  return {
    fin: parts.fin ?? true,
    rsv: parts.rsv ?? 0,
    opcode: parts.opcode,
    maskingKey: parts.maskingKey === undefined ? undefined : Buffer.from(parts.maskingKey),
    lengthOctets: parts.lengthOctets ?? (payloadLength <= 125n ? 0 : payloadLength <= 65535n ? 2 : 8),
    payloadLength,
    payload,
  }
}
