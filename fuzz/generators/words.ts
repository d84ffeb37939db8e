/** Text strung together from words of a dictionary, in octets (latin1 or UTF-8). */
import fc, { type Arbitrary } from 'fast-check'
import { listWords, uriWords } from '../dictionary.js'

const element = fc
  .tuple(
    fc.constantFrom('foo', 'permessage-deflate', 'x-claim', 'x-other', '__proto__', 'constructor'),
    fc.array(fc.constantFrom(';a', '; a=b', ';a="b"', ';a="b\\c"', '; a = "x y"', ';constructor', ';a=', ';'), {
      maxLength: 3,
    }),
  )
  .map(([name, parameters]) => name + parameters.join(''))

const anyWords = fc.array(fc.constantFrom(...listWords), { maxLength: 12 }).map(words => words.join(''))

/** Values of header fields that are lists, or nearly. Octets. */
export const listText: Arbitrary<Buffer> = fc
  .oneof(
    { weight: 5, arbitrary: fc.array(element, { maxLength: 4 }).map(elements => elements.join(', ')) },
    { weight: 3, arbitrary: anyWords },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.array(fc.constantFrom(...listWords), { minLength: 1, maxLength: 3 }),
          fc.integer({ min: 60, max: 200 }),
        )
        .map(([words, count]) => words.join('').repeat(count)),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  )
  .map(text => Buffer.from(text, 'latin1'))

const uri = fc
  .tuple(
    fc.constantFrom('ws://', 'wss://', 'ws://', 'http://', ''),
    fc.constantFrom('server.example', 'localhost', '[::1]', '127.0.0.1', 'user:p%40ss@a', '例え', ''),
    fc.array(fc.constantFrom(...uriWords), { maxLength: 4 }),
  )
  .map(([scheme, host, more]) => scheme + host + more.join(''))

const hostWords = [
  'server.example',
  'a',
  '1',
  '.',
  '-',
  '0x',
  '127',
  '255',
  '256',
  '0',
  ':',
  '::',
  '[',
  ']',
  'f',
  'Z',
  '_',
  '~',
  ':80',
  '1.2.3.4',
]

/** `host`, `host:port`, with a scheme before it perhaps: an authority or an origin. */
const host = fc
  .tuple(
    fc.constantFrom('', '', 'http://', 'https://', 'ws://'),
    fc.oneof(
      fc.array(fc.constantFrom(...hostWords), { maxLength: 8 }).map(words => words.join('')),
      fc
        .array(fc.constantFrom('::', ':', '0', 'ffff', '1.2.3.4', 'a:'), { maxLength: 9 })
        .map(words => `[${words.join('')}]`),
      fc.constantFrom('server.example', 'SERVER.example', '127.0.0.1', '[::1]'),
    ),
    fc.constantFrom('', '', ':', ':80', ':443', ':65535', ':65536', ':080'),
  )
  .map(parts => parts.join(''))

/** URIs, hosts and origins, or nearly. UTF-8. */
export const uriText: Arbitrary<Buffer> = fc
  .oneof(
    { weight: 4, arbitrary: uri },
    { weight: 4, arbitrary: host },
    { weight: 2, arbitrary: fc.array(fc.constantFrom(...uriWords), { maxLength: 8 }).map(words => words.join('')) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
  )
  .map(text => Buffer.from(text))
