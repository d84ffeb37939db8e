/** RFC 7692 §6.1 and §7.2.2, RFC 6455 §5.2: what an endpoint must fail on where permessage-deflate is in use. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { close, continuation, type FrameParts, frame, ping, pong, text } from '../frame-parts.js'
import { rawDeflate } from '../raw-deflate.js'
import { awaitFailure } from '../steps/closing.js'
import { sendCompressed, wireFrames } from '../steps/deflating.js'
import { sendFrames } from '../steps/sending.js'

const hex = (octets: string) => Buffer.from(octets.replaceAll(' ', ''), 'hex')

interface Row {
  readonly id: string
  readonly title: string
  readonly requirement: string
  readonly section?: string
  readonly steps: Case['steps']
}

const noBit =
  'An endpoint MUST NOT set the "Per-Message Compressed" bit of control frames and non-first fragments of a data message. An endpoint receiving such a frame MUST _Fail the WebSocket Connection_.'
const otherBits =
  'If a nonzero value is received and none of the negotiated extensions defines the meaning of such a nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_.'
const first = { fin: false, rsv: 4 }
const half = () => text(hex('f2 48 cd'), first)

const illegal: [
  id: string,
  title: string,
  requirement: string,
  section: string | undefined,
  frames: () => FrameParts[],
][] = [
  [
    '6.1/rsv1-on-continuation',
    'RSV1 on the second fragment as well',
    noBit,
    undefined,
    () => [half(), continuation(hex('c9 c9 07 00'), { rsv: 4 })],
  ],
  [
    '6.1/rsv1-on-continuation-of-plain',
    'RSV1 on the second fragment only',
    noBit,
    undefined,
    () => [text('Hel', { fin: false }), continuation('lo', { rsv: 4 })],
  ],
  [
    '6.1/rsv1-on-continuation-in-the-middle',
    'RSV1 on the second of three fragments as well',
    noBit,
    undefined,
    () => [half(), continuation(hex('c9'), first), continuation(hex('c9 07 00'))],
  ],
  [
    '6.1/rsv1-on-continuation-in-the-middle-of-plain',
    'RSV1 on the second of three fragments only',
    noBit,
    undefined,
    () => [text('H', { fin: false }), continuation('el', first), continuation('lo')],
  ],
  ['6.1/rsv1-on-ping', 'RSV1 on a Ping', noBit, undefined, () => [ping('x', { rsv: 4 })]],
  ['6.1/rsv1-on-pong', 'RSV1 on a Pong', noBit, undefined, () => [pong('x', { rsv: 4 })]],
  ['6.1/rsv1-on-close', 'RSV1 on a Close frame', noBit, undefined, () => [close(1000, '', { rsv: 4 })]],
  [
    '6.1/rsv1-on-ping-between-fragments',
    'RSV1 on a Ping within a compressed message',
    noBit,
    undefined,
    () => [half(), ping('x', { rsv: 4 })],
  ],
  ['6/rsv2', 'RSV2, which nobody agreed on', otherBits, 'RFC 6455 §5.2', () => [text('Hello', { rsv: 2 })]],
  ['6/rsv3', 'RSV3, which nobody agreed on', otherBits, 'RFC 6455 §5.2', () => [text('Hello', { rsv: 1 })]],
  [
    '6/rsv1-and-rsv2',
    'RSV1 and RSV2',
    otherBits,
    'RFC 6455 §5.2',
    () => [text(hex('f2 48 cd c9 c9 07 00'), { rsv: 6 })],
  ],
  [
    '6/rsv2-on-middle-fragment',
    'RSV2 on the second of three fragments',
    otherBits,
    'RFC 6455 §5.2',
    () => [half(), continuation(hex('c9'), { fin: false, rsv: 2 }), continuation(hex('c9 07 00'))],
  ],
  [
    '6/rsv3-on-middle-fragment',
    'RSV3 on the second of three fragments',
    otherBits,
    'RFC 6455 §5.2',
    () => [half(), continuation(hex('c9'), { fin: false, rsv: 1 }), continuation(hex('c9 07 00'))],
  ],
  [
    '6/reserved-opcode',
    'a reserved opcode with RSV1',
    'If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_.',
    'RFC 6455 §5.2',
    () => [frame(3, hex('f2 48 cd c9 c9 07 00'), { rsv: 4 })],
  ],
  [
    '6/fragmented-ping',
    'a fragmented Ping',
    'All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented.',
    'RFC 6455 §5.5',
    () => [ping('x', { fin: false })],
  ],
  [
    '6/long-ping',
    'a Ping of 126 octets',
    'All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented.',
    'RFC 6455 §5.5',
    () => [ping('x'.repeat(126))],
  ],
]

const validated =
  'At the receiver, the payload data portion after decompression is subject to the constraints for the original data type again.'
const incoming = 'Incoming data MUST always be validated by both clients and servers.'

const badText: [name: string, payload: string][] = [
  ['impossible-octet', 'ff'],
  ['overlong', '48 c0 af'],
  ['surrogate', 'ed a0 80'],
  ['beyond-unicode', 'f4 90 80 80'],
  ['unfinished', '48 65 e2 82'],
]

const noDeflate: [name: string, title: string, wire: string][] = [
  ['block-of-no-type', 'a block of the type that there is not', '06'],
  [
    'stored-length-without-complement',
    'a stored block whose length and its complement differ',
    '00 05 00 00 00 48 65 6c 6c 6f 00',
  ],
  ['reference-before-the-beginning', 'a reference to what was before the first octet', '4a 04 42 00 00'],
  ['distance-of-no-meaning', 'a distance code that there is not', '4a 04 3e 00 00'],
  ['length-of-no-meaning', 'a length code that there is not', '4a 1c 03 00 00'],
  ['too-many-codes', 'a block with more codes than there are', 'fc 00 00'],
]

const fails: readonly Row[] = [
  ...illegal.map(
    ([id, title, requirement, section, frames]): Row => ({
      id: `7692/${id}`,
      title,
      requirement,
      ...(section !== undefined && { section }),
      steps: () => [sendFrames(...frames()), awaitFailure(1002)],
    }),
  ),
  ...badText.flatMap(([name, payload]): Row[] => [
    {
      id: `7692/6.1/text-${name}`,
      title: `a compressed text that is not UTF-8: ${payload}`,
      requirement: validated,
      steps: () => [sendCompressed({ opcode: Opcode.text, payload: hex(payload) }), awaitFailure(1007)],
    },
    {
      id: `7692/6.1/text-${name}-in-fragments`,
      title: `it, in fragments of one octet: ${payload}`,
      requirement: validated,
      steps: () => [sendCompressed({ opcode: Opcode.text, payload: hex(payload), fragment: 1 }), awaitFailure(1007)],
    },
  ]),
  ...noDeflate.map(
    ([name, title, wire]): Row => ({
      id: `7692/7.2.2/${name}`,
      title,
      requirement: incoming,
      section: 'RFC 6455 §10.7',
      // No RFC says with which code.
      steps: () => [sendFrames(...wireFrames(Opcode.binary, hex(wire))), awaitFailure(1007, 1002, 1003, 1011)],
    }),
  ),
]

const shared = { profile: 'deflate', level: 'MUST', extension: rawDeflate() } as const

export const deflateViolationCases: readonly Case[] = fails.map((row): Case => ({ ...shared, ...row }))
