/** RFC 6455 §5.4: fragmentation. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { binary, continuation, type FrameParts, fragments, ping, pong, text } from '../frame-parts.js'
import { allowMessage, awaitPong, awaitPongs } from '../steps/awaiting.js'
import { awaitFailure } from '../steps/closing.js'
import { awaitEcho, echo } from '../steps/echo.js'
import { sendFrames } from '../steps/sending.js'

const receiving = 'Clients and servers MUST support receiving both fragmented and unfragmented messages.'
const equivalent =
  'A fragmented message is conceptually equivalent to a single larger message whose payload is equal to the concatenation of the payloads of the fragments in order'
const between = 'An endpoint MUST be capable of handling control frames in the middle of a fragmented message.'
const inOrder = 'Message fragments MUST be delivered to the recipient in the order sent by the sender.'
const oneType = "all fragments of a message are of the same type, as set by the first fragment's opcode."
const starting =
  'A fragmented message consists of a single frame with the FIN bit clear and an opcode other than 0, followed by zero or more frames with the FIN bit clear and the opcode set to 0, and terminated by a single frame with the FIN bit set and an opcode of 0.'
const interleaved =
  'The fragments of one message MUST NOT be interleaved between the fragments of another message unless an extension has been negotiated that can interpret the interleaving.'
const soon = 'It SHOULD respond with Pong frame as soon as is practical.'

function split(payload: string, size: number): string[] {
  return Array.from({ length: Math.ceil(payload.length / size) }, (_, i) => payload.slice(i * size, (i + 1) * size))
}

const hello = 'fragment one, fragment two, fragment three'

const messages: [
  name: string,
  title: string,
  requirement: string,
  frames: readonly FrameParts[],
  autobahn?: string[],
][] = [
  [
    'text-in-2',
    'a text in two fragments',
    receiving,
    fragments(Opcode.text, ['fragment1', 'fragment2']),
    ['5.3', '5.4', '5.5'],
  ],
  ['text-in-3', 'a text in three fragments', receiving, fragments(Opcode.text, split(hello, 15))],
  ['text-octet-by-octet', 'a text in fragments of one octet', receiving, fragments(Opcode.text, split(hello, 1))],
  ['text-in-200', 'a text in 200 fragments', receiving, fragments(Opcode.text, split('x'.repeat(200), 1))],
  ['binary-in-2', 'octets in two fragments', oneType, fragments(Opcode.binary, [Buffer.of(0, 255), Buffer.of(128, 1)])],
  ['binary-octet-by-octet', 'octets in fragments of one', receiving, fragments(Opcode.binary, split('\0\x01\x7f~', 1))],
  ['empty-first', 'an empty first fragment', equivalent, fragments(Opcode.text, ['', 'Hello'])],
  ['empty-middle', 'an empty fragment in the middle', equivalent, fragments(Opcode.text, ['Hel', '', 'lo'])],
  ['empty-last', 'an empty last fragment', equivalent, fragments(Opcode.text, ['Hel', 'lo', ''])],
  ['all-empty', 'three empty fragments of octets', equivalent, fragments(Opcode.binary, ['', '', ''])],
  [
    'many-empty',
    '100 empty fragments before the last one',
    equivalent,
    fragments(Opcode.text, [...split('x'.repeat(100), 1).map(() => ''), 'end']),
  ],
  [
    'growing',
    'fragments of 1, 126, 127 and 1000 octets',
    inOrder,
    fragments(
      Opcode.binary,
      [1, 126, 127, 1000].map(n => Buffer.alloc(n, n)),
    ),
  ],
]

const controlFrames: [
  name: string,
  title: string,
  frames: readonly FrameParts[],
  pings: string[],
  autobahn?: string[],
][] = [
  [
    'ping',
    'a Ping between two fragments',
    [text('fragment1', { fin: false }), ping('between'), continuation('fragment2')],
    ['between'],
    ['5.6', '5.7', '5.8'],
  ],
  [
    'empty-ping',
    'an empty Ping between two fragments',
    [text('Hel', { fin: false }), ping(), continuation('lo')],
    [''],
  ],
  [
    'three-pings',
    'three Pings between two fragments',
    [text('Hel', { fin: false }), ping('1'), ping('2'), ping('3'), continuation('lo')],
    ['1', '2', '3'],
  ],
  ['pong', 'a Pong between two fragments', [text('Hel', { fin: false }), pong('between'), continuation('lo')], []],
  [
    'ping-in-binary',
    'a Ping between two fragments of octets',
    [binary('Hel', { fin: false }), ping('x'), continuation('lo')],
    ['x'],
  ],
  [
    'ping-before-empty-end',
    'a Ping before an empty last fragment',
    [text('Hello', { fin: false }), ping('x'), continuation('')],
    ['x'],
  ],
  [
    'pings-everywhere',
    'a Ping in each gap of five fragments',
    fragments(Opcode.text, split('fragmented', 2)).flatMap((one, i, all) =>
      i < all.length - 1 ? [one, ping(`gap ${i}`)] : [one],
    ),
    ['gap 0', 'gap 1', 'gap 2', 'gap 3'],
    ['5.19', '5.20'],
  ],
]

/** [what comes before and need not be echoed, what must not be] */
const illegal: [
  name: string,
  title: string,
  requirement: string,
  frames: readonly FrameParts[],
  autobahn?: string[],
][] = [
  ['continuation-of-nothing', 'a last fragment where nothing has begun', starting, [continuation('stray')]],
  [
    'continuation-of-nothing-without-fin',
    'a fragment where nothing has begun',
    starting,
    [continuation('stray', { fin: false })],
  ],
  ['empty-continuation-of-nothing', 'an empty last fragment where nothing has begun', starting, [continuation('')]],
  [
    'continuation-of-nothing-before-message',
    'a last fragment of nothing, then a text',
    starting,
    [continuation('stray'), text('Hello')],
    ['5.9', '5.10', '5.11'],
  ],
  [
    'continuation-of-nothing-without-fin-before-message',
    'a fragment of nothing, then a text',
    starting,
    [continuation('stray', { fin: false }), text('Hello')],
    ['5.12', '5.13', '5.14'],
  ],
  [
    'continuation-of-nothing-twice',
    'a fragment of nothing before a fragmented text, twice',
    starting,
    [0, 1].flatMap(() => [
      continuation('stray', { fin: false }),
      text('fragment1', { fin: false }),
      continuation('fragment2'),
    ]),
    ['5.16'],
  ],
  [
    'last-continuation-of-nothing-twice',
    'a last fragment of nothing before a fragmented text, twice',
    starting,
    [0, 1].flatMap(() => [continuation('stray'), text('fragment1', { fin: false }), continuation('fragment2')]),
    ['5.17'],
  ],
  [
    'text-within-text',
    'a text within a fragmented text',
    interleaved,
    [text('fragment1', { fin: false }), text('fragment2')],
    ['5.18'],
  ],
  [
    'fragment-of-text-within-text',
    'the first fragment of a text within another',
    interleaved,
    [text('fragment1', { fin: false }), text('fragment2', { fin: false })],
  ],
  [
    'binary-within-text',
    'octets within a fragmented text',
    interleaved,
    [text('fragment1', { fin: false }), binary('fragment2')],
  ],
  [
    'text-within-binary',
    'a text within fragmented octets',
    interleaved,
    [binary('fragment1', { fin: false }), text('fragment2')],
  ],
  [
    'empty-text-within-text',
    'an empty text within a fragmented text',
    interleaved,
    [text('fragment1', { fin: false }), text('')],
  ],
  [
    'text-within-text-after-ping',
    'a text within a fragmented text, a Ping before it',
    interleaved,
    [text('fragment1', { fin: false }), ping('x'), text('fragment2')],
  ],
  // Who tells by the octets that have come whether a message has begun sees none here.
  [
    'text-within-empty-text',
    'a text within another whose first fragment was empty',
    interleaved,
    [text('', { fin: false }), text('Hello')],
  ],
  [
    'text-within-text-of-empty-fragments',
    'a text within another whose two fragments so far were empty',
    interleaved,
    [text('', { fin: false }), continuation('', { fin: false }), text('Hello')],
  ],
  [
    'binary-within-empty-text',
    'octets within a text whose first fragment was empty',
    interleaved,
    [text('', { fin: false }), binary('Hello')],
  ],
  [
    'text-within-empty-binary',
    'a text within octets whose first fragment was empty',
    interleaved,
    [binary('', { fin: false }), text('Hello')],
  ],
]

const afterMessage: [name: string, title: string, frames: readonly FrameParts[], autobahn?: string[]][] = [
  ['continuation-after-message', 'a last fragment behind a whole text', [text('whole'), continuation('stray')]],
  [
    'continuation-after-fragmented-message',
    'a fragment behind a fragmented text, then another text',
    [
      text('fragment1', { fin: false }),
      continuation('fragment2'),
      continuation('stray', { fin: false }),
      text('behind'),
    ],
    ['5.15'],
  ],
  [
    'last-continuation-after-fragmented-message',
    'a last fragment behind a fragmented text',
    [text('fragment1', { fin: false }), continuation('fragment2'), continuation('stray')],
  ],
]

function numbered(autobahn: readonly string[] | undefined): Pick<Case, 'autobahn'> {
  return autobahn === undefined ? {} : { autobahn }
}

export const fragmentationCases: readonly Case[] = [
  ...messages.map(
    ([name, title, requirement, frames, autobahn]): Case => ({
      id: `6455/5.4/${name}`,
      title,
      requirement,
      level: 'MUST',
      ...numbered(autobahn),
      steps: () => echo(...frames),
    }),
  ),
  ...controlFrames.map(
    ([name, title, frames, pings, autobahn]): Case => ({
      id: `6455/5.4/${name}-within-message`,
      title,
      requirement: between,
      level: 'MUST',
      ...numbered(autobahn),
      steps: () => [sendFrames(...frames), ...(pings.length > 0 ? [awaitPongs(pings)] : []), awaitEcho(...frames)],
    }),
  ),
  {
    id: '6455/5.4/pong-before-the-end-of-a-message',
    title: 'a Ping within a message that does not go on before its Pong has come',
    requirement: soon,
    section: '5.5.2',
    level: 'SHOULD',
    steps: () => [
      sendFrames(text('Hel', { fin: false }), ping('now')),
      awaitPong('now'),
      sendFrames(continuation('lo')),
      awaitEcho(text('Hello')),
    ],
  },
  {
    id: '6455/5.4/message-after-message',
    title: 'a fragmented text, octets, and another fragmented text, all at once',
    requirement: 'Subsequent data frames MUST be interpreted as belonging to a new WebSocket message.',
    section: '6.2',
    level: 'MUST',
    steps: () => {
      const [one, two, three] = [
        fragments(Opcode.text, ['on', 'e']),
        [binary('two')],
        fragments(Opcode.text, ['thr', 'e', 'e']),
      ]
      return [sendFrames(...one, ...two, ...three), awaitEcho(...one), awaitEcho(...two), awaitEcho(...three)]
    },
  },
  ...illegal.map(
    ([name, title, requirement, frames, autobahn]): Case => ({
      id: `6455/5.4/${name}`,
      title,
      requirement,
      level: 'MUST',
      ...numbered(autobahn),
      steps: () => [sendFrames(...frames), awaitFailure(1002)],
    }),
  ),
  ...afterMessage.map(
    ([name, title, frames, autobahn]): Case => ({
      id: `6455/5.4/${name}`,
      title,
      requirement: starting,
      level: 'MUST',
      ...numbered(autobahn),
      steps: () => [
        sendFrames(...frames),
        allowMessage(Opcode.text, frames.length === 2 ? 'whole' : 'fragment1fragment2'),
        awaitFailure(1002),
      ],
    }),
  ),
]
