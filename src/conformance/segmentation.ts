/**
 * How the octets of a case are cut into TCP segments. RFC 6455 §5.4 speaks of frames; TCP knows none, so wherever the
 * octets are cut must make no difference. Each case runs once for each segmentation.
 */

/** A way to cut; `whole` comes first, and is the one of a case without an `@` behind its id. */
export const segmentations = ['whole', 'frames', 'octets', 'joined', 'pieces'] as const

/**
 * - `whole`: what a step sends, in one write.
 * - `frames`: each frame in a write of its own.
 * - `octets`: each octet in a write of its own.
 * - `joined`: with a neighbour before it in the same write: a whole message; to a client also the end of our handshake.
 * - `pieces`: in writes of 997 octets.
 */
export type Segmentation = (typeof segmentations)[number]

const pieceSize = 997

/** Cuts what one step sends: these frames (or other units of octets), in order. The pieces are views or the same. */
export function cut(units: readonly Buffer[], segmentation: Segmentation): Buffer[] {
  switch (segmentation) {
    case 'whole':
    case 'joined':
      return [units.length === 1 ? units[0]! : Buffer.concat(units)]
    case 'frames':
      return [...units]
    case 'octets':
      return cutEvery(Buffer.concat(units), 1)
    case 'pieces':
      return cutEvery(Buffer.concat(units), pieceSize)
  }
}

/** Cuts into pieces of this many octets, the last one perhaps shorter; views. */
export function cutEvery(octets: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < octets.length; at += size) pieces.push(octets.subarray(at, at + size))
  return pieces
}
