/** RFC 7692 §6 and §7.2: compressed messages, legal ones of all kinds, and illegal ones. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { continuation, frame, ping, text } from '../frame-parts.js'
import { rawDeflate } from '../raw-deflate.js'
import { SeededOctets } from '../seeded-octets.js'
import { awaitMessage, awaitPong } from '../steps/awaiting.js'
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

const splitting = 'An endpoint fragments a compressed message by splitting the result of running this algorithm.'
const plain =
  'A message with the "Per-Message Compressed" bit unset on the first fragment of the message is called an "uncompressed message".'
const receive = 'An endpoint MUST use the following algorithm to receive a message in the form of a compressed message.'

/** [name, title, requirement, octets on the wire, payload, size of fragments] */
const samples: [string, string, string, string, string, number?][] = [
  ['one-block', 'the compressed "Hello" of the RFC', receive, 'f2 48 cd c9 c9 07 00', 'Hello'],
  ['one-block-in-two-fragments', 'it, in two fragments', splitting, 'f2 48 cd c9 c9 07 00', 'Hello', 3],
  ['one-block-octet-by-octet', 'it, in fragments of one octet', splitting, 'f2 48 cd c9 c9 07 00', 'Hello', 1],
  ['stored-block', 'a block that is not compressed', receive, '00 05 00 fa ff 48 65 6c 6c 6f 00', 'Hello'],
  ['final-block', 'a block with BFINAL=1', receive, 'f3 48 cd c9 c9 07 00 00', 'Hello'],
  ['two-blocks', 'two blocks', receive, 'f2 48 05 00 00 00 ff ff ca c9 c9 07 00', 'Hello'],
  ['empty-block', 'an empty message', receive, '00', ''],
  ['empty-blocks', 'four empty blocks', receive, '00 00 00 ff ff 00 00 00 ff ff 00 00 00 ff ff 00', ''],
  ['empty-fixed-block', 'an empty block of the other kind', receive, '02 00', ''],
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

const besides =
  'Note that even if some uncompressed messages (with the RSV1 bit unset) are inserted between the two "Hello" messages, they don\'t affect the LZ77 sliding window.'

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
    requirement: besides,
    section: '7.2.3.2',
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
    requirement: 'An endpoint MUST use the following algorithm to send a message in the form of a compressed message.',
    section: '6.1',
    steps: () => {
      const message = textOf('compress this, '.repeat(300))
      return [
        sendCompressed(message),
        awaitWire(message, 'compressed', ({ rsv, wire }) => {
          const small = (rsv & 4) !== 0 && wire.length < 1000
          return small ? undefined : `it agreed on permessage-deflate, and sent 4,500 octets of text in ${wire.length}`
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
        awaitWire(message, 'short, for it refers to the one before', ({ wire }, { theirs }) => {
          if (!theirs.takeover || wire.length < 400) return undefined
          return `it agreed to take over the window, and sent 1,500 octets again in ${wire.length}`
        }),
      ]
    },
  },
]

/** What its own frames are like. */
const sent: readonly (Row & Pick<Case, 'roles' | 'extension'>)[] = [
  {
    id: '7692/6/pong-is-not-compressed',
    title: 'a Ping whose payload could be compressed',
    requirement: 'PMCEs operate only on data messages.',
    steps: () => [sendFrames(ping('x'.repeat(100))), awaitPong('x'.repeat(100))],
  },
  {
    id: '7692/6.1/opcode-of-its-messages',
    title: 'whether compressed text comes back as text, and octets as octets',
    requirement:
      'PMCEs do not change the opcode field. The opcode of the first frame of a compressed message indicates the opcode of the original message.',
    steps: () => both([textOf('the same '.repeat(20)), binaryOf(Buffer.from('the same '.repeat(20)))]),
  },
  {
    id: '7692/7.2.1/its-messages-have-no-tail',
    title: 'whether it removes what each flush of DEFLATE ends with',
    requirement: 'Remove 4 octets (that are 0x00 0x00 0xff 0xff) from the tail end.',
    steps: () => {
      const message = textOf('compress this, '.repeat(30))
      return [
        sendCompressed(message),
        awaitWire(message, 'without 00 00 ff ff at its end', ({ rsv, wire }) => {
          const tail = (rsv & 4) !== 0 && wire.toString('hex').endsWith('0000ffff')
          return tail ? 'what it sent ends with 00 00 ff ff' : undefined
        }),
      ]
    },
  },
  {
    id: '7692/7.1.1.2/client-takeover-in-response',
    title: 'an answer with client_no_context_takeover',
    requirement:
      'A client MUST support the "client_no_context_takeover" extension parameter in an extension negotiation response.',
    roles: ['client'],
    extension: rawDeflate('', 'client_no_context_takeover'),
    steps: () => both([textOf('Hello'), textOf('Hello')]),
  },
]

const shared = { profile: 'deflate', level: 'MUST', extension: deflate } as const

export const deflateMessageCases: readonly Case[] = [
  ...[...wires, ...messages, ...contexts].map((row): Case => ({ ...shared, ...row })),
  ...sent.map((row): Case => ({ ...shared, ...row })),
  ...bound.map((row): Case => ({ ...shared, ...row, large: true })),
  ...uses.map((row): Case => ({ ...shared, ...row, level: 'MAY', segmentations: ['whole'] })),
]
