/**
 * RFC 7692: messages of all kinds and sizes, whole and in fragments, under all kinds of agreements; content compared. Those
 * of Autobahn|Testsuite's groups 12 and 13, with as many messages as it takes to show that the windows stay in step.
 */
import type { Case } from '../case.js'
import { rawDeflate } from '../raw-deflate.js'
import type { RawExtension } from '../raw-extension.js'
import { awaitEchoes, sendCompressed } from '../steps/deflating.js'
import { type PayloadKind, payloadKinds, payloadOf } from './payloads.js'

const transformed =
  'both endpoints MUST use the algorithm described in Section 6 and the message payload transformation (compressing and decompressing) procedure of the PMCE configured with the "agreed parameters" returned by the server to exchange messages.'

const messages = 6

/** [size of the payload, size of fragments]; in the order of Autobahn's numbers. */
const shapes: readonly (readonly [size: number, fragment?: number])[] = [
  ...[16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072].map(size => [size] as const),
  ...[8192, 16_384, 32_768, 65_536, 131_072].map(size => [size, 256] as const),
  ...[1024, 4096, 32_768].map(fragment => [131_072, fragment] as const),
]

/** Less than this, compressed, goes into a piece or two. */
const leastInPieces = 4096

/** @param inPieces - the larger ones run in pieces as well. */
function rows(kind: PayloadKind, name: string, group: string, extension: RawExtension, inPieces: boolean): Case[] {
  return shapes.map(([size, fragment], i): Case => {
    const pieces = fragment === undefined ? '' : `-in-fragments-of-${fragment}`
    const made = () =>
      Array.from({ length: messages }, (_, nth) => ({
        ...payloadOf(kind, size, nth),
        ...(fragment !== undefined && { fragment }),
      }))
    return {
      id: `7692/5/${name}-of-${size}${pieces}`,
      title: `${messages} messages of ${size} octets (${kind.name})${fragment === undefined ? '' : `, in fragments of ${fragment}`}`,
      requirement: transformed,
      level: 'MUST',
      profile: 'deflate',
      large: true,
      segmentations: inPieces && size >= leastInPieces ? ['whole', 'pieces'] : ['whole'],
      autobahn: [`${group}.${i + 1}`],
      extension,
      steps: () => made().flatMap(message => [sendCompressed(message), ...awaitEchoes(message)]),
    }
  })
}

/** [name, what a server is offered, what a client is answered]; in the order of Autobahn's numbers. */
const agreements: [name: string, offered: string, answered: string][] = [
  ['default', '', ''],
  ['no-takeover', 'server_no_context_takeover', 'client_no_context_takeover'],
  ['window-9', 'server_max_window_bits=9', 'client_max_window_bits=9'],
  ['window-15', 'server_max_window_bits=15', 'client_max_window_bits=15'],
  [
    'no-takeover-window-9',
    'server_no_context_takeover; server_max_window_bits=9',
    'client_no_context_takeover; client_max_window_bits=9',
  ],
  [
    'no-takeover-window-15',
    'server_no_context_takeover; server_max_window_bits=15',
    'client_no_context_takeover; client_max_window_bits=15',
  ],
  [
    'three-offers',
    'server_no_context_takeover; server_max_window_bits=9, permessage-deflate; server_no_context_takeover, permessage-deflate',
    'client_no_context_takeover',
  ],
]

const [json] = payloadKinds

export const deflatePayloadCases: readonly Case[] = [
  ...payloadKinds.flatMap((kind, i) => rows(kind, kind.name, `12.${i + 1}`, rawDeflate(), true)),
  ...agreements.flatMap(([name, offered, answered], i) =>
    // Where TCP cuts has nothing to do with what was agreed.
    rows(json!, name, `13.${i + 1}`, rawDeflate(offered, answered), false),
  ),
]
