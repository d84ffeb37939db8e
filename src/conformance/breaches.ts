/**
 * What no frame may be, whatever the case: looked at in every frame that the endpoint under test sends. RFC 6455 §5.1,
 * §5.2, §5.5, §5.5.1 and §7.4.
 */
import { isUtf8 } from 'node:buffer'
import { type Role, Rsv } from '../framing/frame-header.js'
import { isSendableStatusCode } from '../status-code.js'
import { frameText } from './frame-text.js'
import type { RawFrame } from './raw-frame.js'
import type { Finding } from './verdict.js'

const close = 0x8

/**
 * What the frame breaks by itself; its place among others is the inbox's business.
 *
 * @param tested - which side the endpoint under test is.
 * @param agreedRsv - the RSV bits that a first data frame may bear, by the extensions agreed on.
 */
export function breaches(frame: RawFrame, tested: Role, agreedRsv: number): Finding[] {
  const found: Finding[] = []
  const breach = (section: string, what: string, verdict: Finding['verdict'] = 'FAIL') => {
    found.push({ verdict, reason: `it sent ${frameText(frame, tested)}: ${what}`, section })
  }
  const masked = frame.maskingKey !== undefined
  if (tested === 'client' && !masked) breach('5.1', '"A client MUST mask all frames that it sends to the server"')
  if (tested === 'server' && masked) {
    breach('5.1', '"A server MUST NOT mask any frames that it sends to the client"')
  }
  if (!isMinimal(frame)) breach('5.2', '"the minimal number of bytes MUST be used to encode the length"')
  if (frame.payloadLength >= 2n ** 63n) breach('5.2', '"the most significant bit MUST be 0"')
  const control = frame.opcode >= 0x8
  const allowedRsv = control || frame.opcode === 0 ? Rsv.none : agreedRsv
  if ((frame.rsv & ~allowedRsv) !== 0) {
    breach(
      '5.2',
      'RSV1, RSV2, RSV3 "MUST be 0 unless an extension is negotiated that defines meanings for non-zero values"',
    )
  }
  if ((frame.opcode >= 0x3 && frame.opcode <= 0x7) || frame.opcode >= 0xb) breach('5.2', 'a reserved opcode')
  if (control && !frame.fin) breach('5.5', 'control frames "MUST NOT be fragmented"')
  if (control && frame.payloadLength > 125n) {
    breach('5.5', '"All control frames MUST have a payload length of 125 bytes or less"')
  }
  if (frame.opcode === close) for (const found of closeBreaches(frame.payload)) breach(...found)
  return found
}

function isMinimal({ lengthOctets, payloadLength }: RawFrame): boolean {
  if (lengthOctets === 0) return true
  return payloadLength > (lengthOctets === 2 ? 125n : 65535n)
}

function closeBreaches(body: Buffer): [section: string, what: string, verdict?: Finding['verdict']][] {
  if (body.length === 0) return []
  if (body.length === 1) {
    return [['5.5.1', '"If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer"']]
  }
  const code = body.readUInt16BE(0)
  const found: ReturnType<typeof closeBreaches> = []
  // Of codes from 5000 on no sentence says what they are, nor that they must not be sent.
  if (code >= 5000) found.push(['7.4', 'a status code of no range that the RFC knows', 'WARN'])
  else if (!isSendableStatusCode(code)) found.push(['7.4', 'a status code that must not stand in a Close frame'])
  if (!isUtf8(body.subarray(2))) found.push(['5.5.1', 'a reason that is not UTF-8'])
  return found
}
