/** RFC 7692 §6 and §7.2: compressed messages, legal ones of all kinds, and illegal ones. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { close, continuation, type FrameParts, frame, ping, pong, text } from '../frame-parts.js'
import { rawDeflate } from '../raw-deflate.js'
import { SeededOctets } from '../seeded-octets.js'
import { awaitMessage, awaitPong } from '../steps/awaiting.js'
import { awaitFailure } from '../steps/closing.js'
import { awaitEchoes, awaitWire, type Compressible, sendCompressed, wireFrames } from '../steps/deflating.js'
import { echo } from '../steps/echo.js'
import { sendFrames } from '../steps/sending.js'

const deflate = rawDeflate()

const hex = (octets: string) => Buffer.from(octets.replaceAll(' ', ''), 'hex')
const textOf = (payload: string | Buffer): Compressible => ({ opcode: Opcode.text, payload: Buffer.from(payload) })
const binaryOf = (payload: Buffer): Compressible => ({ opcode: Opcode.binary, payload })
const random = (size: number) => new SeededOctets(size).take(size)

interface Row {
  readonly id: string
  readonly title: string
  readonly requirement: string
  readonly section?: string
  readonly large?: boolean
  readonly steps: Case['steps']
}

const anyBlock = 'An endpoint MAY use DEFLATE blocks of any type.'
const finals =
  'An endpoint MAY use both DEFLATE blocks with the "BFINAL" bit set to 0 and DEFLATE blocks with the "BFINAL" bit set to 1.'
const several = 'An endpoint MAY use multiple DEFLATE blocks to compress one message.'
const splitting = 'An endpoint fragments a compressed message by splitting the result of running this algorithm.'
const plain =
  'A message with the "Per-Message Compressed" bit unset on the first fragment of the message is called an "uncompressed message".'
const receive = 'An endpoint MUST use the following algorithm to receive a message in the form of a compressed message.'

/** [name, title, requirement, octets on the wire, payload, size of fragments] */
const samples: [string, string, string, string, string, number?][] = [
  ['one-block', 'the compressed "Hello" of the RFC', receive, 'f2 48 cd c9 c9 07 00', 'Hello'],
  ['one-block-in-two-fragments', 'it, in two fragments', splitting, 'f2 48 cd c9 c9 07 00', 'Hello', 3],
  ['one-block-octet-by-octet', 'it, in fragments of one octet', splitting, 'f2 48 cd c9 c9 07 00', 'Hello', 1],
  ['stored-block', 'a block that is not compressed', anyBlock, '00 05 00 fa ff 48 65 6c 6c 6f 00', 'Hello'],
  ['final-block', 'a block with BFINAL=1', finals, 'f3 48 cd c9 c9 07 00 00', 'Hello'],
  ['two-blocks', 'two blocks', several, 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00', 'Hello'],
  ['empty-block', 'an empty message', receive, '00', ''],
  ['empty-blocks', 'four empty blocks', several, '00 00 00 ff ff 00 00 00 ff ff 00 00 00 ff ff 00', ''],
  ['empty-fixed-block', 'an empty block of the other kind', anyBlock, '02 00', ''],
]

const wires: readonly Row[] = samples.map(([name, title, requirement, wire, payload, fragment]) => ({
  id: `7692/7.2.3/${name}`,
  title,
  requirement,
  section: requirement === receive ? '6.2' : '7.2.1',
  steps: () => [
    sendFrames(...wireFrames(Opcode.text, hex(wire), fragment)),
    awaitMessage(Opcode.text, payload),
    ...echo(text('and one that is not compressed')),
  ],
}))

const both = (messages: readonly Compressible[]) => messages.flatMap(one => [sendCompressed(one), ...awaitEchoes(one)])

const messages: readonly Row[] = [
  ...[0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537].flatMap((size): Row[] => [
    {
      id: `7692/6.2/text-of-${size}-octets`,
      title: `a text of ${size} octets`,
      large: size > 4000,
      requirement: receive,
      steps: () => both([textOf('a'.repeat(size))]),
    },
    {
      id: `7692/6.2/random-of-${size}-octets`,
      title: `${size} octets that cannot be compressed`,
      large: size > 4000,
      requirement: receive,
      steps: () => both([binaryOf(random(size))]),
    },
  ]),
  {
    id: '7692/6/compressed-and-plain',
    title: 'compressed messages and others in turns',
    requirement: plain,
    steps: () => [
      ...both([textOf('compressed')]),
      ...echo(text('plain')),
      ...both([textOf('compressed compressed')]),
      ...echo(text('plain', { fin: false }), continuation(' fragments')),
      ...both([textOf('compressed')]),
    ],
  },
  {
    id: '7692/6/plain-that-looks-compressed',
    title: 'a message that is not compressed, and has the octets of one that is',
    requirement: plain,
    steps: () => echo(frame(Opcode.binary, hex('f2 48 cd c9 c9 07 00'))),
  },
  {
    id: '7692/6.2/ping-between-fragments',
    title: 'Pings between the fragments of a compressed message',
    requirement: receive,
    steps: () => {
      const message = { ...textOf('interrupted by Pings '.repeat(20)), fragment: 8, between: ping('between') }
      return [sendCompressed(message), awaitPong('between'), ...awaitEchoes(message)]
    },
  },
  {
    id: '7692/6.2/empty-fragments',
    title: 'empty fragments before, within and behind a compressed message',
    requirement: splitting,
    section: '7.2.1',
    steps: () => {
      const part = (from: number, to?: number) => hex('f2 48 cd c9 c9 07 00').subarray(from, to)
      const more = { fin: false }
      return [
        sendFrames(
          text('', { fin: false, rsv: 4 }),
          continuation(part(0, 3), more),
          continuation('', more),
          continuation(part(3), more),
          continuation(''),
        ),
        awaitMessage(Opcode.text, 'Hello'),
      ]
    },
  },
  {
    id: '7692/6.2/text-cut-within-a-code-point',
    title: 'a compressed text, many code points of many octets, octet by octet',
    requirement:
      'the concatenation of the output data corresponding to the application data portion of frames of a compressed text message is not required to be valid UTF-8.',
    section: '6.1',
    steps: () => both([{ ...textOf('κόσμε 😀 '.repeat(9)), fragment: 1 }]),
  },
]

const windowKept =
  'Otherwise, the server MUST decompress each new message using the LZ77 sliding window used to process the last compressed message.'
const fullWindow = 'Otherwise, the server MUST use a 32,768-byte LZ77 sliding window to decompress received messages.'

const contexts: readonly Row[] = [
  {
    id: '7692/7.2.2/window-of-the-message-before',
    large: true,
    title: 'the same incompressible octets three times: the second and third refer to the first',
    requirement: windowKept,
    steps: () => both([binaryOf(random(2000)), binaryOf(random(2000)), binaryOf(random(2000))]),
  },
  {
    id: '7692/7.2.2/window-of-32500-octets',
    large: true,
    title: 'a reference 32,500 octets back',
    requirement: fullWindow,
    steps: () => both([binaryOf(random(32_500)), binaryOf(random(32_500))]),
  },
  {
    id: '7692/7.2.2/window-across-plain-messages',
    title: 'a reference across a message that is not compressed',
    requirement: windowKept,
    steps: () => [...both([binaryOf(random(500))]), ...echo(text('between')), ...both([binaryOf(random(500))])],
  },
  {
    id: '7692/7.2.2/window-across-empty-messages',
    title: 'a reference across an empty message',
    requirement: windowKept,
    steps: () => both([binaryOf(random(500)), textOf(''), binaryOf(random(500))]),
  },
]

/** Agreements that bind what the endpoint under test sends: what goes against them cannot be opened. */
const bound: readonly (Row & Pick<Case, 'roles' | 'extension'>)[] = (
  [
    [
      'server',
      'If the "agreed parameters" contain the "server_no_context_takeover" extension parameter, the server MUST start compressing each new message with an empty LZ77 sliding window.',
      'If the "agreed parameters" contain the "server_max_window_bits" extension parameter with a value of w, the server MUST NOT use an LZ77 sliding window longer than the w-th power of 2 bytes to compress messages to send.',
    ],
    [
      'client',
      'If the "agreed parameters" contain the "client_no_context_takeover" extension parameter, the client MUST start compressing each new message with an empty LZ77 sliding window.',
      'If the "agreed parameters" contain the "client_max_window_bits" extension parameter with a value of w, the client MUST NOT use an LZ77 sliding window longer than the w-th power of 2 bytes to compress messages to send.',
    ],
  ] as const
).flatMap(([role, emptyWindow, smallWindow]) => {
  const extension = (parameters: string) => rawDeflate(parameters, parameters)
  return [
    {
      id: `7692/7.2.1/${role}-without-takeover`,
      title: 'the same octets twice, where it agreed to take nothing over',
      requirement: emptyWindow,
      roles: [role],
      extension: extension(`${role}_no_context_takeover`),
      steps: () => both([binaryOf(random(600)), binaryOf(random(600))]),
    },
    ...[8, 9, 10, 12, 14].map(bits => ({
      id: `7692/7.2.1/${role}-window-of-${bits}-bits`,
      title: `octets that repeat themselves only further back than 2^${bits} octets`,
      requirement: smallWindow,
      roles: [role],
      extension: extension(`${role}_max_window_bits=${bits}`),
      steps: () => both([binaryOf(Buffer.concat([random(2 ** bits + 300), random(2 ** bits + 300)]))]),
    })),
  ]
})

/** What an endpoint makes of the agreement; legal if not. */
const uses: readonly Row[] = [
  {
    id: '7692/5/really-compresses',
    title: 'whether it compresses at all',
    requirement:
      'the message payload transformation (compressing and decompressing) procedure of the PMCE configured with the "agreed parameters"',
    steps: () => {
      const message = textOf('compress this, '.repeat(300))
      return [
        sendCompressed(message),
        awaitWire(message, 'compressed', ({ rsv, wireLength }) => {
          const small = (rsv & 4) !== 0 && wireLength < 1000
          return small ? undefined : `it agreed on permessage-deflate, and sent 4,500 octets of text in ${wireLength}`
        }),
      ]
    },
  },
  {
    id: '7692/7.2.1/really-keeps-its-window',
    title: 'whether it takes over the window of the message before',
    requirement: 'the server MAY take over the LZ77 sliding window used to build the last compressed message.',
    steps: () => {
      const message = binaryOf(random(1500))
      return [
        ...both([message]),
        sendCompressed(message),
        awaitWire(message, 'short, for it refers to the one before', ({ wireLength }, { theirs }) => {
          if (!theirs.takeover || wireLength < 400) return undefined
          return `it agreed to take over the window, and sent 1,500 octets again in ${wireLength}`
        }),
      ]
    },
  },
]

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
      steps: () => [sendCompressed(textOf(hex(payload))), awaitFailure(1007)],
    },
    {
      id: `7692/6.1/text-${name}-in-fragments`,
      title: `it, in fragments of one octet: ${payload}`,
      requirement: validated,
      steps: () => [sendCompressed({ ...textOf(hex(payload)), fragment: 1 }), awaitFailure(1007)],
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

const shared = { profile: 'deflate', level: 'MUST', extension: deflate } as const

export const deflateMessageCases: readonly Case[] = [
  ...[...wires, ...messages, ...contexts, ...fails].map((row): Case => ({ ...shared, ...row })),
  ...bound.map((row): Case => ({ ...shared, ...row, large: true, segmentations: ['whole'] })),
  ...uses.map((row): Case => ({ ...shared, ...row, level: 'MAY', segmentations: ['whole'] })),
]
