/** Bodies of Close frames, read and built: src/framing/close-body.ts, src/status-code.ts. */
import fc from 'fast-check'
import { ProtocolError, UsageError } from '../../src/errors.js'
import { buildCloseBody, type CloseBody, readCloseBody, shortenReason } from '../../src/framing/close-body.js'
import { formatChunks, parseChunks } from '../chunks.js'
import { damaged } from '../generators/octets.js'
import { anyText } from '../generators/text.js'
import { readUtf8 } from '../oracles/utf8.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

/** §7.4 and the IANA registry: the codes that may stand in a Close frame. */
const sendable = [
  [1000, 1003],
  [1007, 1014],
  [3000, 4999],
] as const

const edges = [
  0, 999, 1000, 1003, 1004, 1005, 1006, 1007, 1014, 1015, 1016, 1100, 2999, 3000, 3999, 4000, 4999, 5000, 65535,
]

const bodies = fc
  .tuple(fc.oneof(fc.constantFrom(...edges), fc.nat({ max: 65535 })), anyText)
  .map(([code, reason]) => Buffer.concat([Buffer.from([code >> 8, code & 0xff]), reason]))

export const closeBodyTarget: Target<Buffer> = {
  name: 'close-body',
  about: 'bodies of Close frames, read and built',
  inputs: damaged(bodies, [Buffer.alloc(0), Buffer.from('03e8', 'hex'), Buffer.from('03ed', 'hex')]),
  format: body => formatChunks([body]),
  parse: lines => parseChunks(lines)[0]!,
  check(body) {
    const before = body.toString('hex')
    const expected = expectedReading(body)
    const actual = read(body)
    mustEqual('twin', actual, expected, 'the reading')
    mustEqual('conservation', body.toString('hex'), before, 'the octets that were only read')
    if (typeof actual !== 'number' && body.length <= 125) checkBuilt(actual, body)
    checkBuilding(body.length < 2 ? 0 : body.readUInt16BE(0), body.toString('utf8', 2))
    checkShortening(body.toString('utf8', 2))
    checkShortening(body.toString('latin1', 2))
  },
}

function read(body: Buffer): CloseBody | number {
  try {
    return readCloseBody(body)
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return error.statusCode
  }
}

/** What §5.5.1 and §7.4 make of it: code and reason, or the status code to fail with. */
function expectedReading(body: Buffer): CloseBody | number {
  if (body.length === 0) return { code: 1005, reason: '' }
  if (body.length === 1) return 1002
  const code = body[0]! * 256 + body[1]!
  if (!sendable.some(([from, to]) => from <= code && code <= to)) return 1002
  if (!readUtf8(body.subarray(2)).complete) return 1007
  return { code, reason: body.toString('utf8', 2) }
}

function checkBuilt({ code, reason }: CloseBody, body: Buffer): void {
  const built = code === 1005 ? buildCloseBody() : buildCloseBody(code, reason)
  must('round trip', built.equals(body), `built as ${built.toString('hex')}`)
}

/** Whatever is asked for: a body that can be read to the same, or a UsageError. */
function checkBuilding(code: number, reason: string): void {
  try {
    const built = buildCloseBody(code, reason)
    must('output', built.length <= 125, `a body of ${built.length} octets`)
    mustEqual('round trip', readCloseBody(built), { code, reason: Buffer.from(reason).toString() }, 'what was built')
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const legal = sendable.some(([from, to]) => from <= code && code <= to) && Buffer.byteLength(reason) <= 123
    must('twin', !legal, `refused to build: ${error.message}`)
  }
}

function checkShortening(reason: string): void {
  const short = shortenReason(reason)
  const [octets, all] = [Buffer.from(short), Buffer.from(reason)]
  must('output', octets.length <= 123, `a reason of ${octets.length} octets`)
  must('round trip', all.subarray(0, octets.length).equals(octets), 'not the beginning of the reason')
  must('output', all.length <= 123 ? octets.length === all.length : octets.length >= 120, 'shortened more than needed')
}
