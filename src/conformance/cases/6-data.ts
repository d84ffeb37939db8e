/** RFC 6455 §5.6 and §6: messages, one after the other. */
import { Opcode } from '../../framing/frame-header.js'
import type { Case } from '../case.js'
import { binary, frame, ping, text } from '../frame-parts.js'
import { awaitPongs } from '../steps/awaiting.js'
import { awaitEcho, echo } from '../steps/echo.js'
import { sendFrames } from '../steps/sending.js'

const opaque = 'The "Payload data" is arbitrary binary data whose interpretation is solely up to the application layer.'
const type =
  'Upon receiving a data frame (Section 5.6), the endpoint MUST note the /type/ of the data as defined by the opcode (frame-opcode) from Section 5.2.'
const parsed = 'Incoming data MUST be parsed as WebSocket frames as defined in Section 5.2.'

const octets: [name: string, title: string, payload: Buffer][] = [
  ['every-octet', 'every value of an octet', Buffer.from(Array.from({ length: 256 }, (_, i) => i))],
  ['zeros', 'zeros', Buffer.alloc(100)],
  ['ones', 'octets of ones', Buffer.alloc(100, 255)],
  ['like-frames', 'octets that look like frames', Buffer.from('810548656c6c6f880203e88900', 'hex')],
  ['like-http', 'octets that look like a request', Buffer.from('GET / HTTP/1.1\r\nHost: example.com\r\n\r\n')],
]

export const dataCases: readonly Case[] = [
  ...octets.map(
    ([name, title, payload]): Case => ({
      id: `6455/5.6/binary-${name}`,
      title: `a binary message of ${title}`,
      requirement: opaque,
      level: 'MUST',
      steps: () => echo(binary(payload)),
    }),
  ),
  {
    id: '6455/6.2/types-in-turns',
    title: 'text and binary messages in turns, with the same payload',
    requirement: type,
    level: 'MUST',
    steps: () => {
      const frames = Array.from({ length: 10 }, (_, i) => frame(i % 2 === 0 ? Opcode.text : Opcode.binary, 'the same'))
      return [sendFrames(...frames), ...frames.map(one => awaitEcho(one))]
    },
  },
  {
    id: '6455/6.2/one-after-the-other',
    title: 'a hundred messages, each after the echo of the one before',
    requirement: parsed,
    level: 'MUST',
    steps: () => Array.from({ length: 100 }, (_, i) => echo(text(`message ${i}`))).flat(),
  },
  {
    id: '6455/6.2/all-at-once',
    title: 'a hundred messages at once',
    requirement: parsed,
    level: 'MUST',
    steps: () => {
      const frames = Array.from({ length: 100 }, (_, i) => text(`message ${i}`))
      return [sendFrames(...frames), ...frames.map(one => awaitEcho(one))]
    },
  },
  {
    id: '6455/6.2/empty-messages',
    title: 'empty messages of both types',
    requirement: type,
    level: 'MUST',
    steps: () => {
      const frames = [text(), binary(), text(), binary()]
      return [sendFrames(...frames), ...frames.map(one => awaitEcho(one))]
    },
  },
  {
    id: '6455/6.2/messages-and-pings',
    title: 'messages and Pings in turns, all at once',
    requirement: 'If a control frame (Section 5.5) is received, the frame MUST be handled as defined by Section 5.5.',
    level: 'MUST',
    steps: () => {
      const numbers = Array.from({ length: 20 }, (_, i) => `${i}`)
      const frames = numbers.flatMap(number => [text(number), ping(number)])
      return [sendFrames(...frames), ...numbers.map(number => awaitEcho(text(number))), awaitPongs(numbers)]
    },
  },
]
