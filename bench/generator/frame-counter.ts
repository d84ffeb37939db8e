/** Counts the frames of a server (RFC 6455 §5.2) in octets as they come, and looks at nothing else of them. */
export class FrameCounter {
  /** Octets of a frame that are still to come; of a header that is cut, what there is of it. */
  #left = 0
  #header: Buffer = Buffer.alloc(0)

  /** How many frames end within chunk[0, length). */
  count(chunk: Buffer, length: number): number {
    let octets = chunk.subarray(0, length)
    if (this.#header.length > 0) {
      octets = Buffer.concat([this.#header, octets])
      this.#header = Buffer.alloc(0)
    }
    let frames = 0
    let at = 0
    if (this.#left > 0) {
      at = Math.min(this.#left, octets.length)
      this.#left -= at
      if (this.#left > 0) return 0
      frames++
    }
    while (at < octets.length) {
      const size = frameSize(octets, at)
      if (size === undefined) {
        this.#header = Buffer.from(octets.subarray(at))
        return frames
      }
      if (at + size > octets.length) {
        this.#left = at + size - octets.length
        return frames
      }
      at += size
      frames++
    }
    return frames
  }
}

/** Undefined while the header is not whole. */
function frameSize(octets: Buffer, at: number): number | undefined {
  const length = (octets[at + 1] ?? 0) & 0x7f
  const header = length < 126 ? 2 : length === 126 ? 4 : 10
  if (octets.length - at < header) return undefined
  if (length < 126) return header + length
  return header + (length === 126 ? octets.readUInt16BE(at + 2) : Number(octets.readBigUInt64BE(at + 2)))
}
