/** RFC 6455 §8.1 and §5.6: text is UTF-8. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { continuation, fragments, frame, ping, text } from '../frame-parts.js'
import { allowMessage, awaitMessage, awaitPong } from '../steps/awaiting.js'
import { awaitFailure, awaitFailureSoon } from '../steps/closing.js'
import { echo } from '../steps/echo.js'
import { sendFrames, sendPart } from '../steps/sending.js'
import { utf8Groups } from './utf8-sequences.js'

const invalid =
  'When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_.'
const partial =
  'Note that a particular text frame might include a partial UTF-8 sequence; however, the whole message MUST contain valid UTF-8.'
const valid = 'The "Payload data" is text data encoded as UTF-8.'

const accessible =
  'In UTF-8, characters from the U+0000..U+10FFFF range (the UTF-16 accessible range) are encoded using sequences of 1 to 4 octets.'
const initial =
  'In a sequence of n octets, n>1, the initial octet has the n higher-order bits set to 1, followed by a bit set to 0.'
const following = 'The following octet(s) all have the higher-order bit set to 1 and the following bit set to 0'
const surrogates =
  'The definition of UTF-8 prohibits encoding character numbers between U+D800 and U+DFFF, which are reserved for use with the UTF-16 encoding form (as surrogate pairs) and do not directly represent characters.'
const never = 'The octet values C0, C1, F5 to FF never appear.'
const oneWay = 'there is only one valid way to encode a given character.'
const cesu = 'the CESU-8 encoding of those characters is NOT valid UTF-8.'
const protect = 'Implementations of the decoding algorithm above MUST protect against decoding invalid sequences.'

/** What RFC 3629 says of a group; of the others §5.6 and §8.1 say enough. */
const ofRfc3629: Readonly<Record<string, readonly [section: string, requirement: string]>> = {
  'first-of-length': ['RFC 3629 §3', accessible],
  'last-of-length': ['RFC 3629 §3', accessible],
  'first-of-length-5-and-6': ['RFC 3629 §3', accessible],
  'last-of-length-beyond': ['RFC 3629 §3', accessible],
  'stray-continuation': ['RFC 3629 §3', initial],
  'lonely-start': ['RFC 3629 §3', following],
  'last-octet-missing': ['RFC 3629 §3', following],
  'incomplete-joined': ['RFC 3629 §3', following],
  impossible: ['RFC 3629 §1', never],
  'overlong-slash': ['RFC 3629 §3', oneWay],
  'overlong-most': ['RFC 3629 §3', oneWay],
  'overlong-nul': ['RFC 3629 §3', protect],
  surrogate: ['RFC 3629 §3', surrogates],
  'surrogate-pair': ['RFC 3629 §3', cesu],
}

const hello = 'Hello-µ@ßöäüàá-UTF-8!!'
/** Valid, then a surrogate, then valid again: Autobahn's text for 6.3. */
const bad = Buffer.concat([Buffer.from('κόσμε'), Buffer.from('eda080', 'hex'), Buffer.from('edited')])
/** As 6.4 has it: beyond U+10FFFF. */
const beyond = [Buffer.from('κόσμε'), Buffer.from('f4908080', 'hex'), Buffer.from('edited')] as const

function octetFragments(opcode: number, payload: Buffer | string): ReturnType<typeof fragments> {
  return fragments(
    opcode,
    [...Buffer.from(payload)].map(octet => Buffer.of(octet)),
  )
}

function utf8(
  name: string,
  title: string,
  requirement: string,
  autobahn: string | undefined,
  steps: Case['steps'],
  rest: Partial<Case> = {},
): Case {
  const section = requirement === invalid ? {} : { section: '5.6' }
  return {
    id: `6455/8.1/${name}`,
    title,
    requirement,
    level: 'MUST',
    ...section,
    ...(autobahn !== undefined && { autobahn: [autobahn] }),
    ...rest,
    steps,
  }
}

const whole = utf8Groups.flatMap(({ name, title, autobahn, sequences }) =>
  sequences.map(({ valid: isValid, octets }, i) =>
    utf8(
      `${name}-${i + 1}`,
      `${title}: ${octets.length > 8 ? `${octets.toString('hex', 0, 8)}…` : octets.toString('hex')}`,
      ofRfc3629[name]?.[1] ?? (isValid ? valid : invalid),
      autobahn && `${autobahn}.${i + 1}`,
      () => (isValid ? echo(text(octets)) : [sendFrames(text(octets)), awaitFailure(1007)]),
      ofRfc3629[name] && { section: ofRfc3629[name][0] },
    ),
  ),
)

const empty: readonly Case[] = [
  utf8('empty', 'an empty text', valid, '6.1.1', () => echo(text())),
  utf8('empty-fragments', 'a text of three empty fragments', valid, '6.1.2', () =>
    echo(...fragments(Opcode.text, ['', '', ''])),
  ),
  utf8('empty-around', 'a text between two empty fragments', valid, '6.1.3', () =>
    echo(...fragments(Opcode.text, ['', 'middle frame payload', ''])),
  ),
]

const cutText: readonly Case[] = [
  utf8('text', 'a text beyond ASCII', valid, '6.2.1', () => echo(text(hello))),
  utf8('fragments-between-code-points', 'a text cut between code points', partial, '6.2.2', () =>
    echo(...fragments(Opcode.text, [hello.slice(0, 8), hello.slice(8)])),
  ),
  utf8('fragments-of-one-octet', 'a text in fragments of one octet', partial, '6.2.3', () =>
    echo(...octetFragments(Opcode.text, hello)),
  ),
  utf8('greek-in-fragments-of-one-octet', 'κόσμε in fragments of one octet', partial, '6.2.4', () =>
    echo(...octetFragments(Opcode.text, 'κόσμε')),
  ),
  utf8('emoji-in-fragments-of-one-octet', 'code points of four octets in fragments of one', partial, undefined, () =>
    echo(...octetFragments(Opcode.text, '😀🏳️‍🌈')),
  ),
  utf8('ping-within-code-point', 'a Ping in the middle of a code point', partial, undefined, () => [
    sendFrames(text(Buffer.of(0xe2, 0x82), { fin: false }), ping('x'), continuation(Buffer.of(0xac))),
    awaitPong('x'),
    awaitMessage(Opcode.text, '€'),
  ]),
  utf8('empty-fragment-within-code-point', 'an empty fragment in the middle of a code point', partial, undefined, () =>
    echo(...fragments(Opcode.text, [Buffer.of(0xf0, 0x9f), '', Buffer.of(0x98, 0x80)])),
  ),
  utf8(
    'binary-is-no-text',
    'octets that are not UTF-8 in a binary message',
    'The "Payload data" is arbitrary binary data whose interpretation is solely up to the application layer.',
    undefined,
    () => echo(frame(Opcode.binary, bad)),
  ),
  utf8(
    'binary-in-fragments-is-no-text',
    'octets that are not UTF-8 in fragments of a binary message',
    'The "Payload data" is arbitrary binary data whose interpretation is solely up to the application layer.',
    undefined,
    () => echo(...octetFragments(Opcode.binary, bad)),
  ),
]

const cutBad: readonly Case[] = [
  utf8('invalid-whole', 'a surrogate between valid text', invalid, '6.3.1', () => [
    sendFrames(text(bad)),
    awaitFailure(1007),
  ]),
  utf8('invalid-in-fragments-of-one-octet', 'the same, in fragments of one octet', invalid, '6.3.2', () => [
    sendFrames(...octetFragments(Opcode.text, bad)),
    awaitFailure(1007),
  ]),
  utf8('overlong-over-fragments', 'an overlong slash over two fragments', invalid, undefined, () => [
    sendFrames(...fragments(Opcode.text, [Buffer.of(0xc0), Buffer.of(0xaf)])),
    awaitFailure(1007),
  ]),
  utf8('surrogate-over-fragments', 'a surrogate over two fragments', invalid, undefined, () => [
    sendFrames(...fragments(Opcode.text, [Buffer.of(0xed), Buffer.of(0xa0, 0x80)])),
    awaitFailure(1007),
  ]),
  utf8('unfinished-at-the-end', 'a last fragment that ends within a code point', partial, undefined, () => [
    sendFrames(...fragments(Opcode.text, ['Hello ', Buffer.of(0xe2, 0x82)])),
    awaitFailure(1007),
  ]),
  utf8(
    'unfinished-before-empty-end',
    'a text that ends within a code point, and an empty last fragment',
    partial,
    undefined,
    () => [sendFrames(...fragments(Opcode.text, [Buffer.of(0x48, 0xe2, 0x82), ''])), awaitFailure(1007)],
  ),
  utf8(
    'unfinished-then-next-message',
    'a text that ends within a code point, which the next text begins with',
    partial,
    undefined,
    () => [sendFrames(text(Buffer.of(0x48, 0xe2, 0x82)), text(Buffer.of(0xac))), awaitFailure(1007)],
  ),
  utf8('invalid-after-message', 'a good text, then one that is not UTF-8', invalid, undefined, () => [
    sendFrames(text('good'), text(bad)),
    allowMessage(Opcode.text, 'good'),
    awaitFailure(1007),
  ]),
]

/** Around the blocks in which fast validators read, and where the length is written otherwise. */
const lengths = [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 63, 64, 65, 126, 1000, 65_535, 65_536]
const lengthsInFragments = [8, 17, 64, 126, 1000, 65_536]

/** Nothing but ASCII, up to what is wrong. */
const wrongAt: [name: string, title: string, wrong: string, at: (length: number) => number][] = [
  ['invalid-in-the-middle', 'ff in the middle', 'ff', length => length >> 1],
  ['invalid-at-the-end', 'ff as its last octet', 'ff', length => length - 1],
  ['unfinished-at-the-end', 'a code point that is not finished at its end', 'e282', length => length - 2],
]

const wrongFarIn = wrongAt.flatMap(([name, title, wrong, at]) => {
  const payload = (length: number) => {
    const octets = Buffer.alloc(length, 'a')
    octets.write(wrong, at(length), 'hex')
    return octets
  }
  const thirds = (octets: Buffer) => {
    const cut = Math.ceil(octets.length / 3)
    return [octets.subarray(0, cut), octets.subarray(cut, 2 * cut), octets.subarray(2 * cut)]
  }
  return [
    ...lengths.map(length =>
      utf8(
        `${name}-of-${length}-octets`,
        `a text of ${length} octets with ${title}`,
        invalid,
        undefined,
        () => [sendFrames(text(payload(length))), awaitFailure(1007)],
        { large: length > 4000 },
      ),
    ),
    ...lengthsInFragments.map(length =>
      utf8(
        `${name}-of-${length}-octets-in-fragments`,
        `a text of ${length} octets in three fragments with ${title}`,
        invalid,
        undefined,
        () => [sendFrames(...fragments(Opcode.text, thirds(payload(length)))), awaitFailure(1007)],
        { large: length > 4000 },
      ),
    ),
  ]
})

/** Which octets are wrong shows before the message ends; the RFC does not say how soon to look. */
const early: readonly Case[] = [
  utf8(
    'fails-at-fragment',
    'fragments, the second of which is wrong',
    invalid,
    '6.4.1',
    () => [
      sendFrames(text(beyond[0], { fin: false })),
      sendFrames(continuation(beyond[1], { fin: false })),
      awaitFailureSoon('between frames', 1007),
      sendFrames(continuation(beyond[2])),
      awaitFailure(1007),
    ],
    { segmentations: ['whole'] },
  ),
  utf8(
    'fails-at-octet-in-fragment',
    'fragments, the second of which ends where it has become wrong',
    invalid,
    '6.4.2',
    () => [
      sendFrames(text(Buffer.concat([beyond[0], Buffer.of(0xf4)]), { fin: false })),
      sendFrames(continuation(Buffer.of(0x90), { fin: false })),
      awaitFailureSoon('between frames', 1007),
      sendFrames(continuation(Buffer.concat([Buffer.of(0x80, 0x80), beyond[2]]))),
      awaitFailure(1007),
    ],
    { segmentations: ['whole'] },
  ),
]

/** A whole frame of the text that is wrong, in parts that end where it has become so, and where it shows. */
const inOneFrame = (() => {
  const frame = text(Buffer.concat(beyond))
  const start = (tested: 'server' | 'client') => (tested === 'server' ? 6 : 2) + beyond[0].length
  const rows: [name: string, title: string, autobahn: string, known: number][] = [
    ['fails-within-frame', 'a frame whose first part ends behind what is wrong', '6.4.3', 4],
    ['fails-at-octet-within-frame', 'a frame whose first part ends where it has become wrong', '6.4.4', 2],
  ]
  return rows.map(([name, title, autobahn, known]) =>
    utf8(
      name,
      title,
      invalid,
      autobahn,
      ({ tested }) => [
        sendPart(frame, 0, start(tested) + known),
        awaitFailureSoon('within a frame', 1007),
        sendPart(frame, start(tested) + known),
        awaitFailure(1007),
      ],
      { segmentations: ['whole'] },
    ),
  )
})()

export const utf8Cases: readonly Case[] = [
  ...empty,
  ...cutText,
  ...cutBad,
  ...wrongFarIn,
  ...early,
  ...inOneFrame,
  ...whole,
]
