/**
 * Octets that are UTF-8, or nearly: the stress test that Markus Kuhn made known, as Autobahn|Testsuite has it (its groups
 * 6.5 to 6.23), and what lies between.
 */

/** A group of sequences with something in common. */
export interface Utf8Group {
  /** Part of the ids: lower-case words. */
  readonly name: string
  readonly title: string
  /** Autobahn's group, such as `6.5`, whose sequences stand in the same order. */
  readonly autobahn?: string
  readonly sequences: readonly Utf8Sequence[]
}

export interface Utf8Sequence {
  readonly valid: boolean
  readonly octets: Buffer
}

function group(
  name: string,
  title: string,
  autobahn: string | undefined,
  valid: boolean | ((i: number) => boolean),
  all: readonly string[],
): Utf8Group {
  const sequences = all.map((octets, i) => {
    return {
      valid: typeof valid === 'boolean' ? valid : valid(i),
      octets: Buffer.from(octets.replaceAll(' ', ''), 'hex'),
    }
  })
  return { name, title, ...(autobahn !== undefined && { autobahn }), sequences }
}

function hex(octets: Iterable<number>): string {
  return Buffer.from([...octets]).toString('hex')
}

/** Each start octet from one to the other, a space behind each. */
function lonely(from: number, to: number): string {
  return hex(Array.from({ length: to - from + 1 }, (_, i) => [from + i, 0x20]).flat())
}

/** κόσμε */
const greek = 'cebae1bdb9cf83cebcceb5'
/** In octets: where its characters end. */
const greekEnds = [2, 5, 7, 9, 11]
const greekPrefixes = Array.from({ length: 11 }, (_, i) => greek.slice(0, 2 * (i + 1)))

const unfinished = ['c0', 'e080', 'f08080', 'f8808080', 'fc80808080', 'df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf']

/** The last two code points of each plane. */
const nonCharacters = Array.from({ length: 17 }, (_, plane) =>
  [0xfffe, 0xffff].map(low => hex(Buffer.from(String.fromCodePoint(plane * 0x10000 + low)))),
).flat()

const surrogates = ['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf']

export const utf8Groups: readonly Utf8Group[] = [
  group('valid', 'valid text', '6.5', true, [
    '68656c6c6f24776f726c64',
    '68656c6c6fc2a2776f726c64',
    '68656c6c6fe282ac776f726c64',
    '68656c6c6ff0a4ada2776f726c64',
    greek,
  ]),
  group('prefix', 'a prefix of valid text', '6.6', i => greekEnds.includes(i + 1), greekPrefixes),
  group('first-of-length', 'the first code point of a length', '6.7', true, ['00', 'c280', 'e0a080', 'f0908080']),
  group('first-of-length-5-and-6', 'the first of five or six octets', '6.8', false, ['f888808080', 'fc8480808080']),
  group('last-of-length', 'the last code point of a length', '6.9', true, ['7f', 'dfbf', 'efbfbf', 'f48fbfbf']),
  group('last-of-length-beyond', 'the last of a length, beyond U+10FFFF', '6.10', false, [
    'f7bfbfbf',
    'fbbfbfbfbf',
    'fdbfbfbfbfbf',
  ]),
  group('boundary', 'a code point at a boundary', '6.11', i => i < 4, [
    'ed9fbf',
    'ee8080',
    'efbfbd',
    'f48fbfbf',
    'f4908080',
  ]),
  group('stray-continuation', 'continuation octets without a start', '6.12', false, [
    '80',
    'bf',
    '80bf',
    '80bf80',
    '80bf80bf',
    '80bf80bf80',
    '80bf80bf80bf',
    hex(Array.from({ length: 64 }, (_, i) => 0x80 + i)),
  ]),
  group('lonely-start', 'starts without continuation', '6.13', false, [
    lonely(0xc0, 0xdf),
    lonely(0xe0, 0xef),
    lonely(0xf0, 0xf7),
    lonely(0xf8, 0xfb),
    lonely(0xfc, 0xfd),
  ]),
  group('last-octet-missing', 'the last octet is missing', '6.14', false, unfinished),
  group('incomplete-joined', 'incomplete sequences one after the other', '6.15', false, [unfinished.join('')]),
  group('impossible', 'octets that never occur', '6.16', false, ['fe', 'ff', 'fefeffff']),
  group('overlong-slash', 'an overlong slash', '6.17', false, [
    'c0af',
    'e080af',
    'f08080af',
    'f8808080af',
    'fc80808080af',
  ]),
  group('overlong-most', 'the highest overlong', '6.18', false, [
    'c1bf',
    'e09fbf',
    'f08fbfbf',
    'f887bfbfbf',
    'fc83bfbfbfbf',
  ]),
  group('overlong-nul', 'an overlong NUL', '6.19', false, ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080']),
  group('surrogate', 'a surrogate', '6.20', false, surrogates),
  group('surrogate-pair', 'a pair of surrogates', '6.21', false, [
    'eda080edb080',
    'eda080edbfbf',
    'edadbfedb080',
    'edadbfedbfbf',
    'edae80edb080',
    'edae80edbfbf',
    'edafbfedb080',
    'edafbfedbfbf',
  ]),
  group('non-character', 'a code point that is no character', '6.22', true, nonCharacters),
  group('special', 'a special code point', '6.23', true, [
    'efbfb9',
    'efbfba',
    'efbfbb',
    'efbfbc',
    'efbfbd',
    'efbfbe',
    'efbfbf',
  ]),
  group('byte-order-mark', 'a byte order mark', undefined, true, ['efbbbf', 'efbbbf68656c6c6f', '68656c6c6fefbbbf']),
  group('control', 'control characters', undefined, true, ['0001', '1b5b324a', '7f', 'c285', 'e280a8', 'e280ae']),
]
