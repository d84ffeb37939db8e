/** The other end of a connection with permessage-deflate: compresses and inflates with node:zlib's public functions. */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { PerMessageDeflateOptions } from '../../src/extensions/deflate-options.js'
import type { AgreedExtension } from '../../src/extensions/extension.js'
import { PerMessageDeflate } from '../../src/extensions/permessage-deflate.js'
import type { Role } from '../../src/framing/frame-header.js'
import type { Parameter } from '../../src/http/grammar.js'
import type { WireFrame } from './naive-peer.js'

/** permessage-deflate as this end would have agreed on it, with everything allowed unless `parameters` say otherwise. */
export function agreed(
  role: Role,
  options: PerMessageDeflateOptions = {},
  parameters: readonly Parameter[] = [],
): AgreedExtension[] {
  const open = { serverContextTakeover: true, clientContextTakeover: true, threshold: 0 }
  return [{ extension: new PerMessageDeflate(role, { ...open, ...options }), parameters }]
}

/** The parameters under which nobody keeps a window. */
export const withoutTakeover: readonly Parameter[] = [
  ['server_no_context_takeover', undefined],
  ['client_no_context_takeover', undefined],
]

/** A message compressed by itself, as it stands on the wire (RFC 7692 §7.2.1). */
export function deflated(message: Buffer | string, level = 6): Buffer {
  return Buffer.from(
    deflateRawSync(Buffer.from(message), { level, finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4),
  )
}

/** The messages in frames that were sent: inflated where RSV1 says so, each by itself or with what came before. */
export function messagesIn(frames: readonly WireFrame[], takeover: boolean): Buffer[] {
  const messages: Buffer[] = []
  let window = Buffer.alloc(0)
  let parts: WireFrame[] = []
  for (const frame of frames.filter(({ opcode }) => opcode < 8)) {
    parts.push(frame)
    if (!frame.fin) continue
    const payload = Buffer.concat(parts.map(part => part.payload))
    const compressed = parts[0]!.rsv === 4
    parts = []
    if (!compressed) {
      messages.push(payload)
      continue
    }
    const octets = Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])])
    const message = inflateRawSync(octets, { finishFlush: constants.Z_SYNC_FLUSH, dictionary: window })
    messages.push(message)
    if (takeover) window = Buffer.concat([window, message]).subarray(-32_768)
  }
  return messages
}
