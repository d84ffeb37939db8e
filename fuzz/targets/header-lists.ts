/**
 * Values of header fields that are lists: src/http/grammar.ts, src/extensions/negotiation.ts. The work is counted: none of
 * these values may take more than linear time.
 */
import type { Extension } from '../../src/extensions/extension.js'
import {
  checkExtensions,
  chooseExtensions,
  formatExtensions,
  parseExtensions,
} from '../../src/extensions/negotiation.js'
import { isFieldValue, isToken, parseDigits, parseParametrisedTokens, splitList } from '../../src/http/grammar.js'
import { formatChunks, parseChunks } from '../chunks.js'
import { Reads } from '../counted.js'
import { listWords } from '../dictionary.js'
import { damaged } from '../generators/octets.js'
import { listText } from '../generators/words.js'
import { isTokenText, readElements } from '../oracles/lists.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

/** Ours are named as an object's own properties are, and claim bits that collide. */
const ours: readonly Extension[] = [
  extension('x-claim', 4),
  extension('x-other', 4),
  extension('constructor', 2),
  extension('foo', 0),
]

function extension(name: string, rsv: number): Extension {
  return { name, rsv, offers: () => [[]], answer: offer => offer, accepts: () => true }
}

export const headerListsTarget: Target<Buffer> = {
  name: 'header-lists',
  about: 'values of header fields that are lists',
  inputs: damaged(
    listText,
    listWords.map(word => Buffer.from(word, 'latin1')),
  ),
  format: value => formatChunks([value]),
  parse: lines => parseChunks(lines)[0]!,
  check(octets) {
    const value = octets.toString('latin1')
    checkElements(value)
    checkWords(value)
    checkWork(value)
    checkNegotiation(value)
  },
}

function checkElements(value: string): void {
  const parsed = parseParametrisedTokens(value)
  const plain = parsed?.map(({ name, parameters }) => [name, parameters.map(([key, one]) => [key, one ?? null])])
  mustEqual('twin', plain ?? 'refused', readElements(value) ?? 'refused', 'the elements')
}

function checkWords(value: string): void {
  mustEqual('twin', isToken(value), isTokenText(value), 'is it a token')
  mustEqual('twin', isFieldValue(value), /^[\t -~\x80-\xff]*$/.test(value), 'may it be a value')
  const elements = value.split(',').map(element => element.replaceAll(/^[\t ]+|[\t ]+$/g, ''))
  mustEqual('twin', splitList(value), elements, 'the list')
  for (const text of [value, ...elements]) {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : undefined
    mustEqual('twin', String(parseDigits(text)), String(number), 'the number')
  }
}

function checkWork(value: string): void {
  for (const parse of [parseParametrisedTokens, splitList, isToken, parseExtensions]) {
    const reads = new Reads()
    parse(reads.text(value))
    must('work', reads.count <= 12 * value.length + 32, `${parse.name}: ${reads.count} steps for ${value.length}`)
  }
}

function checkNegotiation(value: string): void {
  const offers = parseExtensions(value)
  if (offers === undefined) return
  const text = formatExtensions(offers)
  mustEqual('round trip', parseExtensions(text), offers, 'what was formatted')
  mustEqual('canonical', formatExtensions(parseExtensions(text) ?? []), text, 'formatted again')
  const agreed = chooseExtensions(offers, ours)
  const names = agreed.map(one => one.extension.name)
  must('handshake', new Set(names).size === names.length, `one extension twice: ${names.join()}`)
  must(
    'handshake',
    names.every(name => offers.some(offer => offer.name === name)),
    'an extension that was not offered',
  )
  const bits = agreed.map(one => one.extension.rsv)
  mustEqual(
    'handshake',
    bits.reduce((sum, rsv) => sum + rsv, 0),
    bits.reduce((all, rsv) => all | rsv, 0),
    'the RSV bits',
  )
  // What a server of ours chooses, a client of ours that offered it takes.
  const answer = agreed.map(one => ({ name: one.extension.name, parameters: one.parameters }))
  must('handshake', checkExtensions(answer, ours) !== undefined, 'the client refuses what the server chose')
}
