/** Heads of HTTP messages: mostly an Opening Handshake as it should be, with one thing or another that should not. */
import fc, { type Arbitrary } from 'fast-check'
import {
  fieldValues,
  lineEnds,
  methods,
  spaces,
  statusLines,
  targets,
  treacherousNames,
  versions,
} from '../dictionary.js'
import { anyOctets, damaged } from './octets.js'

const words: readonly Buffer[] = [
  ...lineEnds,
  ...spaces,
  ...Object.keys(fieldValues),
  '\r\n\r\n',
  ': ',
  'HTTP/1.1',
].map(text => Buffer.from(text, 'latin1'))

/** The first of the list most of the time. */
function mostly(list: readonly string[], weight = 15): Arbitrary<string> {
  return fc.oneof({ weight, arbitrary: fc.constant(list[0]!) }, { weight: 1, arbitrary: fc.constantFrom(...list) })
}

/** How a name is spelled. */
const spelling = fc.constantFrom<(name: string) => string>(
  name => name,
  name => name,
  name => name.toLowerCase(),
  name => name.toUpperCase(),
)

/** `name: value` with its line end, which is right most of the time. */
function line(name: Arbitrary<string>, value: Arbitrary<string>): Arbitrary<string> {
  return fc
    .tuple(name, spelling, mostly([':', ' :', '', '::'], 60), mostly([' ', ...spaces], 30), value, mostly(lineEnds, 60))
    .map(([text, spell, colon, space, content, end]) => `${spell(text)}${colon}${space}${content}${end}`)
}

function field(name: string, weight = 15): Arbitrary<string> {
  return line(fc.constant(name), mostly(fieldValues[name]!, weight))
}

const optional = ['Origin', 'Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions', 'X-Other']
const unwanted = ['Content-Length', 'Transfer-Encoding', 'Expect']

/** Fields that may be there beside the ones that must. */
const otherField = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...optional).chain(name => field(name, 1)) },
  { weight: 2, arbitrary: fc.constantFrom(...unwanted).chain(name => field(name, 1)) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(fieldValues)).chain(name => field(name, 3)) },
  { weight: 1, arbitrary: line(fc.constantFrom(...treacherousNames), fc.constantFrom('', 'a', 'toString')) },
)

const needed = ['Host', 'Upgrade', 'Connection', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version']

/** These lines and others in any order; now and then one is missing. */
function block(lines: readonly Arbitrary<string>[]): Arbitrary<string> {
  return fc
    .tuple(fc.tuple(...lines), fc.array(otherField, { maxLength: 4 }), fc.nat(), fc.nat({ max: 40 }))
    .map(([own, others, turn, missing]) => {
      const all = [...own.filter((_, index) => index !== missing), ...others]
      const start = turn % (all.length + 1)
      return [...all.slice(start), ...all.slice(0, start)].join('')
    })
}

/** Many short lines, or one that is long: around the limits. */
const bulk = fc.oneof(
  fc.integer({ min: 90, max: 105 }).map(count => 'a:b\r\n'.repeat(count)),
  fc.constantFrom(8190, 8191, 8192, 8193).map(size => `a:${'b'.repeat(size - 2)}\r\n`),
  fc.constantFrom(2, 3).map(count => `a:${'b'.repeat(7000)}\r\n`.repeat(count)),
)

const maybeBulk = fc.oneof({ weight: 40, arbitrary: fc.constant('') }, { weight: 1, arbitrary: bulk })
const rest = fc.oneof({ weight: 2, arbitrary: fc.constant(Buffer.alloc(0)) }, { weight: 1, arbitrary: anyOctets })

/** A request's octets, and what may come behind it. */
export const requestOctets: Arbitrary<Buffer> = damaged(
  fc
    .record({
      before: mostly(['', '\r\n', '\r\n\r\n', '\n', ' '], 40),
      method: mostly(methods, 30),
      target: fc.oneof(
        { weight: 4, arbitrary: fc.constant('/chat') },
        { weight: 1, arbitrary: fc.constantFrom(...targets) },
      ),
      version: mostly(versions, 30),
      space: mostly([' ', ...spaces], 60),
      end: mostly(lineEnds, 60),
      fields: block(needed.map(name => field(name))),
      bulk: maybeBulk,
      last: mostly(lineEnds, 60),
      rest,
    })
    .map(one => {
      const start = `${one.before}${one.method}${one.space}${one.target} ${one.version}${one.end}`
      return Buffer.concat([Buffer.from(`${start}${one.fields}${one.bulk}${one.last}`, 'latin1'), one.rest])
    }),
  words,
)

/** The proof for the key that the target's client sends. */
export const expectedAccept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

const interim = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }).map(count => 'HTTP/1.1 103 x\r\na: b\r\n\r\n'.repeat(count)) },
)

const accept = line(
  fc.constant('Sec-WebSocket-Accept'),
  mostly([expectedAccept, expectedAccept.toLowerCase(), `${expectedAccept} `, '', `${expectedAccept}, a`]),
)

/** What stands behind the head of a refusal. */
const body = fc.oneof(
  { weight: 2, arbitrary: rest },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('0\r\n\r\n', '5\r\nhello\r\n0\r\n\r\n', '5;a=b\r\nhello\r\n1 \r\n!\r\n0\r\n')
      .map(text => Buffer.from(text)),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('fffffffff\r\n', '5\r\nhelloX', '\r\n', 'A\r\nhellohello\r\n5')
      .map(text => Buffer.from(text)),
  },
)

/** A response's octets: 101 as it should be, or a refusal with a body. */
export const responseOctets: Arbitrary<Buffer> = damaged(
  fc
    .record({
      interim,
      start: fc.oneof(
        { weight: 3, arbitrary: fc.constant(statusLines[0]!) },
        { weight: 2, arbitrary: fc.constantFrom(...statusLines) },
      ),
      end: mostly(lineEnds, 60),
      fields: block([field('Upgrade'), field('Connection'), accept]),
      bulk: maybeBulk,
      last: mostly(lineEnds, 60),
      body,
    })
    .map(one => {
      const head = `${one.interim}${one.start}${one.end}${one.fields}${one.bulk}${one.last}`
      return Buffer.concat([Buffer.from(head, 'latin1'), one.body])
    }),
  words,
)
