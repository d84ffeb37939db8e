/**
 * Runs octets through a FrameDecoder and writes down what it tells as short lines:
 *
 *     text fin 5              a header: opcode, FIN, RSV bits where set, payload length
 *     = 48656c6c6f            its payload, when the frame is complete
 *     ~ 4865                  what there was of it, when it is not
 *     fail 1002 §5.5 WS_…     a ProtocolError: status code, section, code
 */
import { createHash } from 'node:crypto'
import { ProtocolError } from '../../src/errors.js'
import { FrameDecoder, type FrameSink } from '../../src/framing/frame-decoder.js'
import { type FrameHeader, Opcode, type Role } from '../../src/framing/frame-header.js'

/** What a decoder may be told beside its role. */
export interface TraceOptions {
  readonly maxFrameSize?: number
  readonly allowedRsv?: number
}

/** Octets from hexadecimal digits; blanks between them are for the reader. */
export function hex(digits: string): Buffer {
  const compact = digits.replaceAll(' ', '')
  if (!/^([0-9a-f]{2})*$/.test(compact)) throw new Error(`not hexadecimal: ${digits}`)
  return Buffer.from(compact, 'hex')
}

/** Cuts octets at these places, taken modulo their number; a place that comes twice makes an empty chunk. */
export function cut(octets: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map(place => place % (octets.length + 1)).sort((a, b) => a - b)
  return [0, ...sorted].map((start, i) => octets.subarray(start, sorted[i] ?? octets.length))
}

/** One chunk for each octet. */
export function octetByOctet(octets: Buffer): Buffer[] {
  return Array.from(octets, octet => Buffer.of(octet))
}

/** How a name of an opcode reads in a trace. */
export function opcodeName(opcode: number): string {
  return Object.entries(Opcode).find(([, value]) => value === opcode)?.[0] ?? `opcode ${opcode}`
}

/** The first line of a frame. */
export function headerLine(fin: boolean, rsv: number, opcode: number, length: number | bigint): string {
  return `${opcodeName(opcode)}${fin ? ' fin' : ''}${rsv === 0 ? '' : ` rsv ${rsv}`} ${length}`
}

/** The second line of a frame: the payload, or its hash when it is long. */
export function payloadLine(mark: '=' | '~', payload: Buffer): string {
  if (payload.length <= 64) return `${mark} ${payload.toString('hex')}`.trimEnd()
  return `${mark} ${payload.length} octets ${createHash('sha1').update(payload).digest('hex')}`
}

/** The line of a ProtocolError. */
export function failLine(error: ProtocolError): string {
  return `fail ${error.statusCode} §${error.section} ${error.code}`
}

/** Writes down what a decoder tells. */
export class Tracer implements FrameSink {
  readonly lines: string[] = []
  #runs: Buffer[] = []

  onHeader(frame: FrameHeader): void {
    this.lines.push(headerLine(frame.fin, frame.rsv, frame.opcode, frame.payloadLength))
  }

  onPayload(frame: FrameHeader, chunk: Buffer, start: number, end: number): void {
    this.#runs.push(Buffer.from(chunk.subarray(start, end)))
    if (frame.remaining === 0) this.#flush('=')
  }

  /** No more octets come. */
  end(): void {
    if (Buffer.concat(this.#runs).length > 0) this.#flush('~')
  }

  #flush(mark: '=' | '~'): void {
    this.lines.push(payloadLine(mark, Buffer.concat(this.#runs)))
    this.#runs = []
  }
}

/** What a decoder of this role makes of these chunks, and how many octets it had been given when it failed. */
export function decodeChunks(
  role: Role,
  chunks: readonly Buffer[],
  options: TraceOptions = {},
): { lines: string[]; failedBy: number | undefined } {
  const tracer = new Tracer()
  const decoder = new FrameDecoder(role, tracer, options.maxFrameSize, options.allowedRsv)
  let given = 0
  let failedBy: number | undefined
  let failure: string | undefined
  for (const chunk of chunks) {
    given += chunk.length
    try {
      // A copy, for it is unmasked in place.
      const taken = decoder.decode(Buffer.from(chunk))
      if (taken !== chunk.length) throw new Error(`took ${taken} of ${chunk.length} octets`)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      if (failure !== undefined) throw new Error('failed twice')
      decoder.stop()
      failure = failLine(error)
      failedBy = given
    }
  }
  tracer.end()
  return { lines: failure === undefined ? tracer.lines : [...tracer.lines, failure], failedBy }
}

/** The lines alone. */
export function trace(role: Role, chunks: readonly Buffer[], options?: TraceOptions): string[] {
  return decodeChunks(role, chunks, options).lines
}
