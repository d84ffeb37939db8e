/**
 * Reads frames from octets as they come, with the naive codec. What has come of a frame is joined only once the whole of it
 * is there, so that a large frame in many chunks does not cost their number squared.
 */
import { type RawFrame, rawFrameSize, readRawFrame } from './raw-frame.js'

/** A frame, and the octets it lay in: a view. */
export interface ReadFrame {
  readonly frame: RawFrame
  readonly octets: Buffer
}

export class RawFrameReader {
  #chunks: Buffer[] = []
  #length = 0
  /** As long as there are fewer octets, there is no whole frame among them. */
  #needed = 2

  /** How many octets have come of a frame that is not whole. */
  get pending(): number {
    return this.#length
  }

  /**
   * Takes in what has come.
   *
   * @param chunk - kept until the frames in it are whole.
   */
  receive(chunk: Buffer): ReadFrame[] {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length < this.#needed) return []
    const octets = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks)
    const frames: ReadFrame[] = []
    let at = 0
    for (let read = readRawFrame(octets); read !== undefined; read = readRawFrame(octets, at)) {
      frames.push({ frame: read.frame, octets: octets.subarray(at, read.end) })
      at = read.end
    }
    const rest = octets.subarray(at)
    this.#chunks = [rest]
    this.#length = rest.length
    this.#needed = rawFrameSize(rest) ?? rest.length + 1
    return frames
  }
}
