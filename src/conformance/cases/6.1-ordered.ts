/** RFC 6455 §5.4, §5.5.2, §5.6: messages, fragments and Pings that the client begins, put to clients that take orders. */
import type { Case } from '../case.js'
import { pong } from '../frame-parts.js'
import { awaitMessage } from '../steps/awaiting.js'
import { awaitFragments, awaitNothingIllegal, awaitOwnPing, order } from '../steps/ordering.js'
import { sendFrames } from '../steps/sending.js'

const whole =
  'The "Payload data" is text data encoded as UTF-8. Note that a particular text frame might include a partial UTF-8 sequence; however, the whole message MUST contain valid UTF-8.'
const mayPing =
  'An endpoint MAY send a Ping frame any time after the connection is established and before the connection is closed.'
const short = 'All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented.'
const fragmented =
  'A fragmented message consists of a single frame with the FIN bit clear and an opcode other than 0, followed by zero or more frames with the FIN bit clear and the opcode set to 0, and terminated by a single frame with the FIN bit set and an opcode of 0.'

const texts: [name: string, title: string, text: string][] = [
  ['text', 'a text', 'Hello'],
  ['empty-text', 'an empty text', ''],
  ['text-beyond-ascii', 'a text beyond ASCII', 'Größe: 1 € 再见 👋'],
  ['text-with-nul', 'a text with U+0000', 'a\u0000b'],
]

const pings: [name: string, title: string, payload: string][] = [
  ['ping', 'a Ping', 'Hello'],
  ['empty-ping', 'a Ping without payload', ''],
  ['ping-of-125-octets', 'a Ping of 125 octets', 'p'.repeat(125)],
]

const longPings: [octets: number, title: string][] = [
  [126, 'a Ping of 126 octets'],
  [65_536, 'a Ping of 65,536 octets'],
]

const base = { level: 'MUST', roles: ['controlled client'], segmentations: ['whole'], ordered: {} } as const

export const orderedSendingCases: readonly Case[] = [
  ...texts.map(
    ([name, title, text]): Case => ({
      ...base,
      id: `6455/5.6/sends-${name}`,
      title: `it is told to send ${title}`,
      requirement: whole,
      steps: () => [order({ do: 'send', text }), awaitMessage(1, text)],
    }),
  ),
  {
    ...base,
    id: '6455/5.6/does-not-send-half-a-character',
    title: 'it is told to send half of a surrogate pair, which is not UTF-8',
    requirement: whole,
    steps: () => [order({ do: 'send', text: 'half \ud83d' }), awaitNothingIllegal('send')],
  },
  {
    ...base,
    id: '6455/5.4/sends-fragments',
    title: 'it is told to send a text in three fragments',
    requirement: fragmented,
    steps: () => [order({ do: 'send', fragments: ['frag', 'men', 'ted'] }), awaitFragments('fragmented')],
  },
  {
    ...base,
    id: '6455/5.4/sends-a-message-behind-fragments',
    title: 'it is told to send a text in fragments, and another behind it',
    requirement: 'The fragments of one message MUST NOT be interleaved between the fragments of another message',
    steps: () => [
      order({ do: 'send', fragments: ['frag', 'men', 'ted'] }),
      order({ do: 'send', text: 'behind' }),
      awaitFragments('fragmented'),
      awaitMessage(1, 'behind'),
    ],
  },
  ...pings.map(
    ([name, title, payload]): Case => ({
      ...base,
      id: `6455/5.5.2/sends-${name}`,
      title: `it is told to send ${title}`,
      requirement: mayPing,
      level: 'MAY',
      steps: () => [order({ do: 'ping', payload }), awaitOwnPing(payload), sendFrames(pong(payload))],
    }),
  ),
  ...longPings.map(
    ([octets, title]): Case => ({
      ...base,
      id: `6455/5.5.2/does-not-send-ping-of-${octets}-octets`,
      title: `it is told to send ${title}, which no control frame holds`,
      requirement: short,
      section: '5.5',
      steps: () => [order({ do: 'ping', payload: 'p'.repeat(octets) }), awaitNothingIllegal('ping')],
    }),
  ),
]
