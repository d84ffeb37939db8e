/** RFC 6455 §7.4: all 65,536 status codes, each in a Close frame on a connection of its own; a case for each class of them. */
import type { Case } from '../case.js'
import { sendEveryCode } from '../steps/every-code.js'

const reserved = (code: number) =>
  `${code} is a reserved value and MUST NOT be set as a status code in a Close control frame by an endpoint.`

interface Row {
  readonly section: string
  readonly name: string
  readonly title: string
  /** The section of the requirement, where it is another. */
  readonly quoted?: string
  readonly requirement: string
  readonly level?: Case['level']
  /** The first and the last of each range. */
  readonly ranges: readonly (readonly [from: number, to: number])[]
}

const rows: readonly Row[] = [
  {
    section: '7.4.2',
    name: 'not-used',
    title: 'not used',
    requirement: 'Status codes in the range 0-999 are not used.',
    ranges: [[0, 999]],
  },
  {
    section: '7.4.1',
    name: 'defined',
    title: 'defined by the RFC',
    quoted: '5.5.1',
    requirement:
      'If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame in response.',
    ranges: [
      [1000, 1003],
      [1007, 1011],
    ],
  },
  {
    section: '7.4.1',
    name: 'never-sent',
    title: 'reserved, never to be sent',
    requirement: reserved(1005),
    ranges: [
      [1004, 1006],
      [1015, 1015],
    ],
  },
  {
    section: '7.4.2',
    name: 'registered-since',
    title: 'registered after the RFC',
    requirement:
      'Status codes in the range 1000-2999 are reserved for definition by this protocol, its future revisions, and extensions specified in a permanent and readily available public specification.',
    level: 'SHOULD',
    ranges: [[1012, 1014]],
  },
  {
    section: '7.4.2',
    name: 'reserved-for-revisions',
    title: 'reserved for what the protocol may become',
    requirement:
      'Status codes in the range 1000-2999 are reserved for definition by this protocol, its future revisions, and extensions specified in a permanent and readily available public specification.',
    ranges: [[1016, 2999]],
  },
  {
    section: '7.4.2',
    name: 'for-libraries',
    title: 'for libraries and frameworks',
    requirement: 'Status codes in the range 3000-3999 are reserved for use by libraries, frameworks, and applications.',
    ranges: [[3000, 3999]],
  },
  {
    section: '7.4.2',
    name: 'for-private-use',
    title: 'for private use',
    requirement: 'Status codes in the range 4000-4999 are reserved for private use',
    ranges: [[4000, 4999]],
  },
  {
    section: '7.4',
    name: 'in-no-range',
    title: 'in no range',
    requirement:
      'This specification defines a set of pre-defined status codes and specifies which ranges may be used by extensions, frameworks, and end applications.',
    level: 'SHOULD',
    ranges: [[5000, 65_535]],
  },
]

/**
 * The cases, a client under test left out, which opens one connection for each.
 *
 * @param most - of a class of more codes than that only so many are sent, evenly spread.
 */
export function everyCodeCases(most = 65_536): Case[] {
  return rows.map(({ section, name, title, quoted = section, requirement, level = 'MUST', ranges }): Case => {
    const codes = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i))
    return {
      id: `6455/${section}/every-code-${name}`,
      title: `each of the ${codes.length} codes that are ${title}`,
      requirement,
      section: quoted,
      level,
      profile: 'strict',
      roles: ['server'],
      segmentations: ['whole'],
      steps: () => [sendEveryCode(codes, most)],
    }
  })
}
