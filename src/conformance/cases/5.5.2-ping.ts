/** RFC 6455 §5.5.2 and §5.5.3: Ping and Pong. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { ping, pong, text } from '../frame-parts.js'
import { awaitMessage, awaitNothing, awaitPong, awaitPongs } from '../steps/awaiting.js'
import { sendFrames, sendInPieces } from '../steps/sending.js'

const mustPong =
  'Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close frame.'
const identical =
  'A Pong frame sent in response to a Ping frame must have identical "Application data" as found in the message body of the Ping frame being replied to.'
const unsolicited = 'A response to an unsolicited Pong frame is not expected.'

const payloads: [name: string, title: string, payload: Buffer | string, autobahn?: string][] = [
  ['text', 'text', 'Hello, world!', '2.2'],
  ['binary', 'octets that are not UTF-8', Buffer.from('00fffefdfcfb00ff', 'hex'), '2.3'],
  ['one-octet', 'one octet', 'x'],
  ['124-octets', '124 octets', Buffer.alloc(124, 0xfe)],
  ['125-octets', '125 octets', Buffer.alloc(125, 0xfe), '2.4'],
]

/** Shorter than one before: what is left of that one is none of its payload. */
const shrinking = [125, 5, 0, 1, 0].map((size, i) => Buffer.alloc(size, 'a'.charCodeAt(0) + i))

const tenPings = Array.from({ length: 10 }, (_, i) => `payload ${i}`)

export const pingCases: readonly Case[] = [
  {
    id: '6455/5.5.2/ping-without-payload',
    title: 'a Ping without payload',
    requirement: mustPong,
    level: 'MUST',
    autobahn: ['2.1'],
    steps: () => [sendFrames(ping()), awaitPong()],
  },
  ...payloads.map(
    ([name, title, payload, autobahn]): Case => ({
      id: `6455/5.5.3/pong-repeats-${name}`,
      title: `a Ping with ${title} as its payload`,
      requirement: identical,
      level: 'MUST',
      ...(autobahn === undefined ? {} : { autobahn: [autobahn] }),
      steps: () => [sendFrames(ping(payload)), awaitPong(payload)],
    }),
  ),
  {
    id: '6455/5.5.3/pong-repeats-nothing-of-earlier-pings',
    title: 'Pings of 125, 5, 0, 1 and 0 octets, one after the other',
    requirement: identical,
    level: 'MUST',
    steps: () => shrinking.flatMap(payload => [sendFrames(ping(payload)), awaitPong(payload)]),
  },
  {
    id: '6455/5.5.2/ping-octet-by-octet',
    title: 'a Ping, octet by octet',
    requirement: mustPong,
    level: 'MUST',
    autobahn: ['2.6'],
    segmentations: ['whole'],
    steps: () => [sendInPieces(1, ping(Buffer.alloc(125, 0xfe))), awaitPong(Buffer.alloc(125, 0xfe))],
  },
  {
    id: '6455/5.5.3/ten-pings',
    title: 'ten Pings with different payloads at once',
    // Of Pings not answered yet only the last one is owed an answer: awaitPongs.
    requirement: mustPong,
    section: '5.5.2',
    level: 'MUST',
    autobahn: ['2.10', '2.11'],
    steps: () => [sendFrames(...tenPings.map(payload => ping(payload))), awaitPongs(tenPings)],
  },
  {
    id: '6455/5.5.3/unsolicited-pong',
    title: 'a Pong nobody asked for',
    requirement: unsolicited,
    level: 'SHOULD',
    autobahn: ['2.7'],
    steps: () => [sendFrames(pong()), awaitNothing()],
  },
  {
    id: '6455/5.5.3/unsolicited-pong-with-payload',
    title: 'a Pong nobody asked for, with a payload',
    requirement: 'A Pong frame MAY be sent unsolicited.',
    level: 'SHOULD',
    autobahn: ['2.8'],
    steps: () => [sendFrames(pong('unsolicited')), awaitNothing()],
  },
  {
    id: '6455/5.5.3/unsolicited-pong-before-ping',
    title: 'a Pong nobody asked for, then a Ping',
    requirement: unsolicited,
    level: 'SHOULD',
    autobahn: ['2.9'],
    steps: () => [sendFrames(pong('unsolicited'), ping('asked')), awaitPong('asked'), awaitNothing()],
  },
  {
    id: '6455/5.5.2/ping-between-messages',
    title: 'a Ping between two messages',
    requirement: mustPong,
    level: 'MUST',
    steps: () => [
      sendFrames(text('one'), ping('between'), text('two')),
      awaitMessage(Opcode.text, 'one'),
      awaitMessage(Opcode.text, 'two'),
      awaitPong('between'),
    ],
  },
]
