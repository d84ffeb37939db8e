/** RFC 6455 §5.3: masking-keys, as a server uses them and as a client chooses them. */
import type { Case } from '../case.js'
import { binary, continuation, ping, text } from '../frame-parts.js'
import { awaitPong } from '../steps/awaiting.js'
import { awaitEcho, echo } from '../steps/echo.js'
import { awaitMaskingKeys, awaitOwnMaskingKeys } from '../steps/masking-keys.js'
import { sendFrames } from '../steps/sending.js'

const algorithm =
  'Octet i of the transformed data ("transformed-octet-i") is the XOR of octet i of the original data ("original-octet-i") with octet at index i modulo 4 of the masking key ("masking-key-octet-j")'
const chosen = 'The masking key is a 32-bit value chosen at random by the client.'
const sameLength = 'The masking does not affect the length of the "Payload data".'
const unpredictable =
  'The masking key needs to be unpredictable; thus, the masking key MUST be derived from a strong source of entropy, and the masking key for a given frame MUST NOT make it simple for a server/proxy to predict the masking key for a subsequent frame.'

const keys: [name: string, key: string][] = [
  ['zeros', '00000000'],
  ['ones', 'ffffffff'],
  ['first-octet', 'ff000000'],
  ['last-octet', '000000ff'],
  ['high-bits', '80808080'],
  ['of-the-rfc', '37fa213d'],
  ['ascending', '01020304'],
]

const sizes = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1021]

/** Every octet value, turned by one for each repetition. */
function varied(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 255))
}

export const unmaskingCases: readonly Case[] = [
  ...keys.map(
    ([name, key]): Case => ({
      id: `6455/5.3/masking-key-${name}`,
      title: `octets masked with ${key}`,
      requirement: name === 'of-the-rfc' ? algorithm : chosen,
      level: 'MUST',
      roles: ['server'],
      steps: () => echo(binary(varied(67), { maskingKey: Buffer.from(key, 'hex') })),
    }),
  ),
  ...sizes.map(
    (size): Case => ({
      id: `6455/5.3/unmasks-${size}-octets`,
      title: `${size} octets, masked`,
      requirement: size < 8 ? sameLength : algorithm,
      level: 'MUST',
      roles: ['server'],
      steps: () => echo(binary(varied(size), { maskingKey: Buffer.from('a15c0e73', 'hex') })),
    }),
  ),
  {
    id: '6455/5.3/key-of-each-frame',
    title: 'fragments of odd lengths and a Ping, each with a key of its own',
    requirement: 'The masking key is contained completely within the frame',
    level: 'MUST',
    roles: ['server'],
    steps: () => {
      const key = (text: string) => ({ maskingKey: Buffer.from(text, 'hex') })
      const frames = [
        text('frag', { fin: false, ...key('11223344') }),
        ping('Hello', key('ffeeddcc')),
        continuation('men', { fin: false, ...key('00000000') }),
        continuation('ted', key('a5a5a55a')),
      ]
      return [sendFrames(...frames), awaitPong('Hello'), awaitEcho(...frames)]
    },
  },
  {
    id: '6455/5.3/masking-keys-of-messages',
    title: 'the masking-keys of 200 messages',
    requirement: unpredictable,
    level: 'MUST',
    roles: ['client'],
    segmentations: ['whole'],
    steps: () => {
      const frames = Array.from({ length: 200 }, (_, i) => text(`message ${i}`))
      return [sendFrames(...frames), ...frames.map(one => awaitEcho(one)), awaitMaskingKeys(200)]
    },
  },
  {
    id: '6455/5.3/other-keys-on-each-connection',
    title: 'the masking-keys of this connection beside those of all others in this run',
    requirement: unpredictable,
    level: 'MUST',
    roles: ['client'],
    segmentations: ['whole'],
    steps: () => {
      const frames = Array.from({ length: 4 }, (_, i) => text(`message ${i}`))
      return [sendFrames(...frames), ...frames.map(one => awaitEcho(one)), awaitOwnMaskingKeys()]
    },
  },
  {
    id: '6455/5.3/masking-keys-of-pongs',
    title: 'the masking-keys of Pongs',
    requirement: unpredictable,
    level: 'MUST',
    roles: ['client'],
    segmentations: ['whole'],
    steps: () => [
      ...Array.from({ length: 64 }, (_, i) => [sendFrames(ping(`${i}`)), awaitPong(`${i}`)]).flat(),
      awaitMaskingKeys(64),
    ],
  },
]
