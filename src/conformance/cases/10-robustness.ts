/** RFC 6455 §10: what an endpoint endures. Floods, what never ends, bombs, slow peers, and octets that were legal once. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case, RunAbout } from '../case.js'
import { binary, continuation, type FrameParts, fragments, frame, ping, pong, text } from '../frame-parts.js'
import { mutatedOctets, untouched } from '../mutated-octets.js'
import { rawDeflate } from '../raw-deflate.js'
import { SeededOctets } from '../seeded-octets.js'
import { awaitPong } from '../steps/awaiting.js'
import { awaitEndOfTcp } from '../steps/closing.js'
import { sendCompressed } from '../steps/deflating.js'
import { awaitEcho, echo } from '../steps/echo.js'
import { awaitSurvival, endure, sendFlood, sendUnread } from '../steps/enduring.js'
import { endTcp, sendFrames, sendPart } from '../steps/sending.js'
import { awaitEchoOrSurrender, sendReadingSlowly, sendSlowly } from '../steps/slowness.js'

const limits =
  'Implementations that have implementation- and/or platform-specific limitations regarding the frame size or total message size after reassembly from multiple frames MUST protect themselves against exceeding those limits.'
const validated = 'Incoming data MUST always be validated by both clients and servers.'
const parsed = 'Incoming data MUST be parsed as WebSocket frames as defined in Section 5.2.'
const mustPong =
  'Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close frame.'

const floods: [
  name: string,
  title: string,
  requirement: string,
  one: FrameParts,
  times: number,
  before?: FrameParts[],
][] = [
  [
    'fragments-of-no-octets',
    'empty fragments of a message that never ends',
    limits,
    continuation('', { fin: false }),
    10_000,
    [binary('', { fin: false })],
  ],
  [
    'fragments-of-one-octet',
    'fragments of one octet, of a message that never ends',
    limits,
    continuation('x', { fin: false }),
    10_000,
    [binary('', { fin: false })],
  ],
  [
    'large-fragments',
    'fragments of 64 KiB, of a message that never ends',
    limits,
    continuation(Buffer.alloc(65_536, 0x2e), { fin: false }),
    512,
    [binary('', { fin: false })],
  ],
  ['pings', 'Pings', mustPong, ping('flood'), 10_000],
  ['empty-pings', 'empty Pings', mustPong, ping(), 10_000],
  ['pongs', 'Pongs that nobody asked for', limits, pong('flood'), 10_000],
  ['empty-messages', 'empty messages', limits, text(), 10_000],
  ['small-messages', 'messages of one octet', limits, binary('x'), 10_000],
]

const shared = { level: 'MUST', profile: 'robust', segmentations: ['whole'] } as const

/** What has at most 1 MiB on the wire. */
const inPiecesToo = { segmentations: ['whole', 'pieces'] } as const

/** How many mutated sessions a run has; another seed has others. */
const sessions = 150

const mutated = Array.from({ length: sessions }, (_, i): Case => {
  const id = `6455/10.7/mutated-${i + 1}`
  const octets = ({ tested, seed }: RunAbout) => mutatedOctets(tested, new SeededOctets(seed, id))
  return {
    id,
    title: 'a session that was legal once, with some octets changed',
    requirement: validated,
    ...shared,
    steps: about => enduring(octets(about)),
    shrinks: { octets, of: fewer => octetsCase(fewer.toString('hex')) },
  }
})

function enduring(octets: Buffer) {
  return [...echo(frame(untouched.opcode, untouched.payload)), ...endure(octets)]
}

/**
 * The case of these octets, in hexadecimal: to run again what a mutated session came to. Those for a client are not for a
 * server, whose frames are masked.
 */
function octetsCase(hex: string): Case {
  return {
    id: `6455/10.7/octets-${hex}`,
    title: 'octets of a mutated session',
    requirement: validated,
    ...shared,
    steps: () => enduring(Buffer.from(hex, 'hex')),
  }
}

/** The cases of octets among these patterns of ids. */
export function octetsCases(patterns: readonly string[]): Case[] {
  return patterns.flatMap(pattern => {
    const [, hex] = /^6455\/10\.7\/octets-((?:[0-9a-f]{2})+)$/.exec(pattern) ?? []
    return hex === undefined ? [] : [octetsCase(hex)]
  })
}

export const robustnessCases: readonly Case[] = [
  ...floods.map(
    ([name, title, requirement, one, times, before]): Case => ({
      id: `6455/10.4/flood-of-${name}`,
      title: `${times} ${title}`,
      requirement,
      ...(requirement === mustPong && { section: '5.5.2' }),
      ...shared,
      large: true,
      ...(name !== 'large-fragments' && inPiecesToo),
      steps: () => [sendFlood(one, times, title, before), awaitSurvival()],
    }),
  ),
  ...[2n ** 32n, 2n ** 53n, 2n ** 62n].map(
    (payloadLength): Case => ({
      id: `6455/10.4/declares-${payloadLength}`,
      title: `a frame that declares ${payloadLength} octets and has five, then the end of TCP`,
      requirement: limits,
      ...shared,
      steps: () => [sendPart(binary('Hello', { payloadLength }), 0), endTcp(), awaitEndOfTcp()],
    }),
  ),
  ...[16, 64].map(
    (mebibytes): Case => ({
      id: `6455/10.4/bomb-of-${mebibytes}-mib`,
      title: `${mebibytes} MiB of zeros, compressed to a thousandth`,
      requirement: limits,
      ...shared,
      large: true,
      ...inPiecesToo,
      extension: rawDeflate(),
      steps: () => [
        sendCompressed({ opcode: Opcode.binary, payload: Buffer.alloc(mebibytes * 2 ** 20) }),
        awaitSurvival(),
      ],
    }),
  ),
  {
    id: '6455/10.4/slow-reader',
    title: 'messages whose echoes are not read for a while',
    requirement: limits,
    ...shared,
    large: true,
    steps: () => [sendUnread(65_536, 64 * 2 ** 20), awaitSurvival()],
  },
  {
    id: '6455/10.4/slow-reader-of-echoes',
    title: '16 MiB in 64 messages, whose echoes are read a little at a time, 2 ms between',
    requirement: limits,
    ...shared,
    large: true,
    steps: () => {
      const messages = Array.from({ length: 64 }, (_, i) => binary(new SeededOctets(i).take(262_144)))
      return [sendReadingSlowly(messages, 2), ...messages.map(awaitEchoOrSurrender)]
    },
  },
  {
    id: '6455/10.4/slow-sender',
    title: 'a text of 20 octets, 25 ms between one octet and the next',
    requirement: parsed,
    section: '6.2',
    ...shared,
    steps: () => {
      const one = text('one octet at a time…')
      return [sendSlowly(one, 25), awaitEchoOrSurrender(one)]
    },
  },
  {
    id: '6455/10.4/slow-sender-of-fragments',
    title: 'a text in 50 fragments of one octet, each behind the Pong for a Ping',
    requirement: parsed,
    section: '6.2',
    ...shared,
    steps: () => {
      const one = fragments(Opcode.text, [...'a little at a time, '.repeat(3).slice(0, 50)])
      return [
        ...one.slice(0, -1).flatMap((part, i) => [sendFrames(part, ping(`${i}`)), awaitPong(`${i}`)]),
        sendFrames(one.at(-1)!),
        awaitEcho(...one),
      ]
    },
  },
  ...mutated,
]
