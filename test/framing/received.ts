/** Octets as a peer would send them: what a server receives is masked, what a client receives is not. */
import { buildRawFrame, type RawFrameParts } from '../../src/conformance/raw-frame.js'
import type { Role } from '../../src/framing/frame-header.js'

/** Both ends: each table is run with both. */
export const roles: readonly Role[] = ['client', 'server']

/** The masking-key of RFC 6455 §5.7. */
export const exampleKey = Buffer.from('37fa213d', 'hex')

/** These frames, one behind the other, as an endpoint of this role must receive them. */
export function received(role: Role, ...frames: readonly RawFrameParts[]): Buffer {
  const maskingKey = role === 'server' ? exampleKey : undefined
  return Buffer.concat(frames.map(frame => buildRawFrame({ maskingKey, ...frame })))
}
