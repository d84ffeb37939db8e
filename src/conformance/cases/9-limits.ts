/**
 * Large messages, many fragments, many messages: RFC 6455 §10.4 leaves the limits to the implementation, so that one that
 * closes with 1009 is legal too, and told. Autobahn|Testsuite's group 9, with the content compared.
 */
import { Opcode } from '../../framing/frame-header.js'
import type { Case, RunAbout } from '../case.js'
import { fragments, frame } from '../frame-parts.js'
import { SeededOctets } from '../seeded-octets.js'
import { awaitEcho, echo } from '../steps/echo.js'
import { sendFrames, sendInPieces } from '../steps/sending.js'

const receiving = 'Clients and servers MUST support receiving both fragmented and unfragmented messages.'
const inOrder = 'Message fragments MUST be delivered to the recipient in the order sent by the sender.'
const concatenated =
  'If the frame is part of a fragmented message, the "Application data" of the subsequent data frames is concatenated to form the /data/.'
const boundaries = 'senders and receivers must not depend on the presence of specific frame boundaries.'

const kib = 1024
const mib = 1024 * kib

const types: [name: string, opcode: number][] = [
  ['text', Opcode.text],
  ['binary', Opcode.binary],
]

/** Octets of which no part is like another, so that none can be lost, doubled or exchanged; ASCII for text. */
function content(opcode: number, size: number, { seed }: RunAbout): Buffer {
  const octets = Buffer.allocUnsafe(size)
  const chance = new SeededOctets(seed, String(size))
  for (let at = 0; at < size; at += 4) {
    const word = chance.word()
    for (let i = 0; i < 4 && at + i < size; i++)
      octets[at + i] = (word >>> (8 * i)) & (opcode === Opcode.text ? 0x3f : 0xff)
  }
  if (opcode === Opcode.text) for (let at = 0; at < size; at++) octets[at]! += 0x30
  return octets
}

function cutInto(payload: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(payload.length / size) }, (_, i) => payload.subarray(i * size, (i + 1) * size))
}

function sizeText(size: number): string {
  if (size === 0) return '0'
  return size % mib === 0 ? `${size / mib}-mib` : size % kib === 0 ? `${size / kib}-kib` : `${size}`
}

/**
 * Up to 1 MiB on the wire in pieces as well: more would only take longer. What sends its own pieces, and messages that fit
 * into one, would be the same again.
 */
const inPiecesToo = { segmentations: ['whole', 'pieces'] } as const

function limit(
  section: string,
  name: string,
  title: string,
  requirement: string,
  autobahn: string | undefined,
  steps: Case['steps'],
): Case {
  return {
    id: `6455/${section}/${name}`,
    title,
    requirement,
    // Both sentences stand among the rules of fragmentation.
    ...((requirement === boundaries || requirement === receiving) && { section: '5.4' }),
    level: 'MUST',
    profile: 'limits',
    large: true,
    segmentations: ['whole'],
    ...(autobahn !== undefined && { autobahn: [autobahn] }),
    steps,
  }
}

const wholes = types.flatMap(([name, opcode], type) =>
  [64 * kib, 256 * kib, mib, 4 * mib, 8 * mib, 16 * mib].map((size, i) => ({
    ...limit(
      '5.2',
      `${name}-of-${sizeText(size)}`,
      `a ${name} message of ${size} octets`,
      receiving,
      `9.${type + 1}.${i + 1}`,
      about => echo(frame(opcode, content(opcode, size, about))),
    ),
    ...(size <= mib && inPiecesToo),
  })),
)

const inFragments = types.flatMap(([name, opcode], type) =>
  [64, 256, kib, 4 * kib, 16 * kib, 64 * kib, 256 * kib, mib, 4 * mib].map((size, i) =>
    limit(
      '5.4',
      `${name}-of-4-mib-in-fragments-of-${sizeText(size)}`,
      `a ${name} message of 4 MiB in fragments of ${size} octets`,
      inOrder,
      `9.${type + 3}.${i + 1}`,
      about => {
        const payload = content(opcode, 4 * mib, about)
        // As Autobahn has it: the last fragment is empty.
        return [
          sendFrames(...fragments(opcode, [...cutInto(payload, size), Buffer.alloc(0)])),
          awaitEcho(frame(opcode, payload)),
        ]
      },
    ),
  ),
)

const inPieces = types.flatMap(([name, opcode], type) =>
  [64, 128, 256, 512, kib, 2 * kib].map((size, i) =>
    limit(
      '6.2',
      `${name}-of-1-mib-in-pieces-of-${sizeText(size)}`,
      `a ${name} message of 1 MiB in TCP segments of ${size} octets`,
      boundaries,
      `9.${type + 5}.${i + 1}`,
      about => {
        const one = frame(opcode, content(opcode, mib, about))
        return [sendInPieces(size, one), awaitEcho(one)]
      },
    ),
  ),
)

const manyMessages = types.flatMap(([name, opcode], type) =>
  [0, 16, 64, 256, kib, 4 * kib].map((size, i) => ({
    ...limit(
      '6.2',
      `thousand-${name}-messages-of-${sizeText(size)}`,
      `1,000 ${name} messages of ${size} octets, each after the echo of the one before`,
      concatenated,
      `9.${type + 7}.${i + 1}`,
      about => {
        const one = frame(opcode, content(opcode, size, about))
        return Array.from({ length: 1000 }, () => echo(one)).flat()
      },
    ),
    ...(size === kib && inPiecesToo),
  })),
)

export const limitCases: readonly Case[] = [
  ...wholes,
  ...inFragments,
  ...inPieces,
  ...manyMessages,
  {
    ...limit(
      '5.4',
      'text-of-64-kib-in-fragments-of-1300',
      'a text of 64 KiB in fragments of 1300 octets',
      inOrder,
      '10.1.1',
      about => {
        const payload = content(Opcode.text, 65_536, about)
        return [sendFrames(...fragments(Opcode.text, cutInto(payload, 1300))), awaitEcho(frame(Opcode.text, payload))]
      },
    ),
    ...inPiecesToo,
  },
]
