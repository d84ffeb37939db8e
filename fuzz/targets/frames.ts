/**
 * Frames, as a server and as a client reads them: src/framing/frame-decoder.ts alone. Reads are compared with the twin's,
 * whole and cut; what was read is written again by src/framing/frame-encoder.ts.
 */
import { ProtocolError } from '../../src/errors.js'
import { FrameDecoder } from '../../src/framing/frame-decoder.js'
import { FrameEncoder } from '../../src/framing/frame-encoder.js'
import type { FrameHeader, Opcode, Role } from '../../src/framing/frame-header.js'
import { OutputSlabPool } from '../../src/framing/output-slab.js'
import { Allocations } from '../allocations.js'
import { type Chunks, copyOf, cutEverywhere, formatChunks, parseChunks } from '../chunks.js'
import { Reads } from '../counted.js'
import { frameStream } from '../generators/frames.js'
import { inChunks } from '../generators/octets.js'
import { type FrameRules, type NaiveFrame, type NaiveReading, readFrames } from '../oracles/frames.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

const slabs = new OutputSlabPool()

/** A frame as the decoder told it. */
interface Told {
  fin: boolean
  rsv: number
  opcode: number
  length: number
  payload: Buffer[]
}

interface Trace {
  readonly frames: readonly Told[]
  readonly code: number | undefined
  /** Which chunk was being read when it failed. */
  readonly failedIn: number
}

/** Rules that differ between the two, so that each side of each limit is met. */
const rulesOf: Record<Role, FrameRules> = {
  server: { masked: true, maxFrameSize: 70_000, allowedRsv: 0 },
  client: { masked: false, maxFrameSize: Number.POSITIVE_INFINITY, allowedRsv: 4 },
}

export function framesTarget(role: Role): Target<Chunks> {
  const rules = rulesOf[role]
  return {
    name: `frames-${role}`,
    about: `frames as a ${role} reads them`,
    inputs: inChunks(frameStream(rules.masked)),
    format: formatChunks,
    parse: parseChunks,
    check(chunks) {
      const whole = Buffer.concat(chunks)
      const expected = readFrames(whole, rules)
      checkAgainstTwin(chunks, role, expected)
      checkAgainstTwin([whole], role, expected)
      if (whole.length <= 64) checkAgainstTwin(cutEverywhere(whole), role, expected)
      checkCanonical(whole, role, expected)
      checkWork(whole, role)
    },
  }
}

function checkAgainstTwin(chunks: Chunks, role: Role, expected: NaiveReading): void {
  const actual = decode(chunks, role)
  mustEqual('twin', actual.frames.map(describeTold), expected.frames.map(describeNaive), 'the frames')
  const { failure } = expected
  if (failure === undefined) {
    must('twin', actual.code === undefined, `failed with ${actual.code}, but nothing is wrong`)
    return
  }
  const { code } = actual
  must(
    'twin',
    code !== undefined && failure.codes.includes(code),
    `${code}, should fail with ${failure.codes.join(' or ')}`,
  )
  mustEqual('twin', actual.failedIn, chunkOf(chunks, failure.at), `the chunk of the first wrong octet, ${failure.at}`)
}

/** Decodes; then goes on with octets that must be dead. */
function decode(chunks: Chunks, role: Role): Trace {
  const frames: Told[] = []
  const allocations = new Allocations()
  const sink = {
    onHeader({ fin, rsv, opcode, payloadLength }: FrameHeader) {
      frames.push({ fin, rsv, opcode, length: payloadLength, payload: [] })
    },
    onPayload(frame: FrameHeader, chunk: Buffer, start: number, end: number) {
      const last = frames.at(-1)
      must('once', last !== undefined && start <= end && end <= chunk.length, 'a run that no frame has')
      last.payload.push(Buffer.from(chunk.subarray(start, end)))
      const had = last.payload.reduce((sum, run) => sum + run.length, 0)
      mustEqual('conservation', frame.remaining, last.length - had, 'octets remaining')
    },
  }
  const { maxFrameSize, allowedRsv } = rulesOf[role]
  const decoder = new FrameDecoder(role, sink, maxFrameSize, allowedRsv)
  for (const [index, chunk] of copyOf(chunks).entries()) {
    allocations.octets = 0
    try {
      const taken = allocations.during(() => decoder.decode(chunk))
      mustEqual('conservation', taken, chunk.length, 'octets taken')
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
      decoder.stop()
      const before = JSON.stringify(frames)
      for (const more of copyOf(chunks)) decoder.decode(more)
      mustEqual('silence', JSON.stringify(frames), before, 'what was told after the error')
      return { frames, code: error.statusCode, failedIn: index }
    }
    must('memory', allocations.octets <= 14, `${allocations.octets} octets set aside for a header`)
  }
  return { frames, code: undefined, failedIn: -1 }
}

function describeTold({ fin, rsv, opcode, length, payload }: Told): string {
  return `${fin} ${rsv} ${opcode} ${length} ${Buffer.concat(payload).toString('latin1')}`
}

function describeNaive({ fin, rsv, opcode, length, payload }: NaiveFrame): string {
  return `${fin} ${rsv} ${opcode} ${length} ${payload.toString('latin1')}`
}

/** The chunk that holds this octet. */
function chunkOf(chunks: Chunks, at: number): number {
  let end = 0
  return chunks.findIndex(chunk => {
    end += chunk.length
    return at < end
  })
}

/** Every frame that was read is written again, by the other side: octet for octet what it was. */
function checkCanonical(whole: Buffer, role: Role, { frames }: NaiveReading): void {
  const complete = frames.filter(frame => frame.end <= whole.length)
  const keys = complete.map(({ key }) => (key.length === 0 ? 0 : key.readInt32LE()))
  const sender: Role = role === 'server' ? 'client' : 'server'
  const encoder = new FrameEncoder(sender, () => keys.shift()!, slabs)
  for (const { fin, rsv, opcode, payload } of complete) {
    if (payload.length <= 65_536) {
      encoder.writeFrame(fin, rsv, opcode as Opcode, payload)
      continue
    }
    const key = encoder.writeHeader(fin, rsv, opcode as Opcode, payload.length)
    const turned = encoder.writePiece(payload.subarray(0, 65_535), key)
    encoder.writePiece(payload.subarray(65_535), turned)
  }
  const pending = encoder.pending
  const written = Buffer.concat(encoder.take())
  encoder.release()
  const read = whole.subarray(0, complete.at(-1)?.end ?? 0)
  must('canonical', written.equals(read), 'a frame that was read is not written the same')
  mustEqual('conservation', pending, written.length, 'octets pending')
}

/** Each octet is looked at a bounded number of times; all but headers are the business of masking. */
function checkWork(whole: Buffer, role: Role): void {
  const reads = new Reads()
  const sink = { onHeader() {}, onPayload() {} }
  const decoder = new FrameDecoder(role, sink, rulesOf[role].maxFrameSize, rulesOf[role].allowedRsv)
  const places = whole.length > 512 ? [whole] : cutEverywhere(whole)
  try {
    for (const chunk of places) decoder.decode(reads.octets(Buffer.from(chunk)))
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
  }
  must('work', reads.count <= 4 * whole.length + 32, `${reads.count} steps for ${whole.length} octets`)
}
