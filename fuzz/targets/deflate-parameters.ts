/** Offers and answers of permessage-deflate: src/extensions/permessage-deflate.ts. */
import fc from 'fast-check'
import type { PerMessageDeflateOptions } from '../../src/extensions/deflate-options.js'
import {
  checkExtensions,
  chooseExtensions,
  formatExtensions,
  parseExtensions,
} from '../../src/extensions/negotiation.js'
import { PerMessageDeflate } from '../../src/extensions/permessage-deflate.js'
import { formatChunks, parseChunks } from '../chunks.js'
import { damaged } from '../generators/octets.js'
import { isMet, isWellFormed } from '../oracles/deflate-parameters.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

const names = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
]
const values = [
  '',
  '',
  '=8',
  '=9',
  '=10',
  '=12',
  '=15',
  '="10"',
  '=7',
  '=16',
  '=08',
  '=015',
  '=1e1',
  '=+9',
  '=""',
  '=0',
]
const words = [...names, ...values, 'permessage-deflate', ', ', '; ', ';', 'constructor', '=', '"', '\\'].map(word =>
  Buffer.from(word),
)

const parameter = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...values)).map(([name, value]) => name + value)
const element = fc.array(parameter, { maxLength: 4 }).map(parts => ['permessage-deflate', ...parts].join('; '))
const lists = fc.array(element, { minLength: 1, maxLength: 3 }).map(elements => Buffer.from(elements.join(', ')))

/** What the ends of ours want. */
const wishes: readonly PerMessageDeflateOptions[] = [
  {},
  { serverContextTakeover: true, clientContextTakeover: true },
  { serverContextTakeover: false, clientContextTakeover: false, serverMaxWindowBits: 10, clientMaxWindowBits: 12 },
  { serverContextTakeover: true, clientContextTakeover: true, serverMaxWindowBits: 8, clientMaxWindowBits: 9 },
]

export const deflateParametersTarget: Target<Buffer> = {
  name: 'deflate-parameters',
  about: 'offers and answers of permessage-deflate',
  inputs: damaged(lists, words),
  format: value => formatChunks([value]),
  parse: lines => parseChunks(lines)[0]!,
  check(octets) {
    const listed = parseExtensions(octets.toString('latin1'))
    if (listed === undefined) return
    for (const wish of wishes) {
      checkServer(listed, wish)
      checkClient(listed, wish)
    }
  },
}

type Listed = NonNullable<ReturnType<typeof parseExtensions>>

/** The first offer that can be met is met, and nothing else is said. */
function checkServer(offers: Listed, wish: PerMessageDeflateOptions): void {
  const server = new PerMessageDeflate('server', wish)
  const agreed = chooseExtensions(offers, [server])
  const first = offers.find(({ name, parameters }) => name === server.name && isWellFormed(parameters, true))
  mustEqual('twin', agreed.length, first === undefined ? 0 : 1, `answers to ${formatExtensions(offers)}`)
  if (first === undefined) return
  const { parameters } = agreed[0]!
  const said = formatExtensions([{ name: server.name, parameters }])
  must('handshake', isWellFormed(parameters, false), `an answer that no client takes: ${said}`)
  must('handshake', isMet(first.parameters, parameters), `${said} to ${formatExtensions([first])}`)
  mustEqual('round trip', parseExtensions(said), [{ name: server.name, parameters }], 'the answer')
  checkExchange(
    server.transform('server', parameters),
    new PerMessageDeflate('client', {}).transform('client', parameters),
  )
}

/** A client takes what is well formed and fits its offer, and nothing else. */
function checkClient(answers: Listed, wish: PerMessageDeflateOptions): void {
  const client = new PerMessageDeflate('client', wish)
  const taken = checkExtensions(answers, [client]) !== undefined
  const [answer] = answers
  const fine =
    answers.length === 0 ||
    (answers.length === 1 &&
      answer!.name === client.name &&
      isWellFormed(answer!.parameters, false) &&
      // A client of ours takes a limit for itself, whether it has offered that or a smaller one.
      client.offers().some(offer =>
        isMet(
          offer.filter(([name]) => name.startsWith('server')),
          answer!.parameters.filter(([name]) => name.startsWith('server')),
        ),
      ))
  mustEqual('twin', taken, fine, `is ${formatExtensions(answers)} taken`)
}

type Transform = ReturnType<PerMessageDeflate['transform']>

/** Both ends can do what was agreed on: the other end allows everything. */
function checkExchange(one: Transform, other: Transform): void {
  const message = Buffer.from('Hello, hello, hello, hello')
  for (const [from, to] of [
    [one, other],
    [other, one],
    [one, other],
  ] as const) {
    const sent = from.encode(message, { first: true, fin: true, compress: true })
    const got = to.decode(Buffer.from(sent as Buffer), message.length)
    must('round trip', message.equals(got as Buffer), 'a message')
  }
  one.end()
  other.end()
}
