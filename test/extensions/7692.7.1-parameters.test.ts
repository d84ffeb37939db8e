/**
 * RFC 7692 §7.1 Extension Parameters, §5 Extension Negotiation: what is offered, answered and accepted, by both roles;
 * D-09 (values) and D-10 (answers that were not asked for).
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { PerMessageDeflateOptions } from '../../src/extensions/deflate-options.js'
import {
  checkExtensions,
  chooseExtensions,
  formatExtensions,
  offerExtensions,
  parseExtensions,
} from '../../src/extensions/negotiation.js'
import { PerMessageDeflate } from '../../src/extensions/permessage-deflate.js'

/** Everything that may be agreed on is welcome. */
const open: PerMessageDeflateOptions = { serverContextTakeover: true, clientContextTakeover: true }

/** The parameters, with short names. */
const short: [string, string][] = [
  ['snct', 'server_no_context_takeover'],
  ['cnct', 'client_no_context_takeover'],
  ['smwb', 'server_max_window_bits'],
  ['cmwb', 'client_max_window_bits'],
  ['pmd', 'permessage-deflate'],
]

function long(text: string): string {
  return short.reduce((expanded, [abbreviation, name]) => expanded.replaceAll(abbreviation, name), text)
}

function abbreviated(text: string | undefined): string | undefined {
  return text && short.reduce((shortened, [abbreviation, name]) => shortened.replaceAll(name, abbreviation), text)
}

/** What a server answers to offers; '' declines all. */
function answer(offers: string, options: PerMessageDeflateOptions = open): string {
  const agreed = chooseExtensions(parseExtensions(long(offers))!, [new PerMessageDeflate('server', options)])
  return (
    abbreviated(formatExtensions(agreed.map(one => ({ name: one.extension.name, parameters: one.parameters })))) ?? ''
  )
}

function offer(options?: PerMessageDeflateOptions | readonly PerMessageDeflateOptions[]): string {
  return abbreviated(formatExtensions(offerExtensions([new PerMessageDeflate('client', options)])))!
}

function accepts(answer: string, options?: PerMessageDeflateOptions | readonly PerMessageDeflateOptions[]): boolean {
  return checkExtensions(parseExtensions(long(answer))!, [new PerMessageDeflate('client', options)]) !== undefined
}

t.test(
  'D-09 7692/7.1.2.1-2 7692/7.1.2.1-3 7692/7.1.2.2-2 7692/7.1.2.2-4 the values of window bits, in offers and in answers',
  async t => {
    const bad = ['7', '16', '0', '08', '+9', '1000', '1e1', '-8', '8.0', '0x8', '015', '10a', '99999999999999999999']
    for (const value of bad) {
      for (const name of ['smwb', 'cmwb']) {
        t.equal(answer(`pmd; ${name}=${value}`), '', `${name}=${value} is declined`)
        t.equal(answer(`pmd; ${name}=${value}, pmd`), 'pmd', `${name}=${value}: the next offer is judged`)
        t.notOk(accepts(`pmd; ${name}=${value}`), `${name}=${value} fails the client`)
      }
    }
    for (let bits = 8; bits <= 15; bits++) {
      t.equal(answer(`pmd; smwb=${bits}`), `pmd; smwb=${bits}`)
      t.equal(answer(`pmd; smwb="${bits}"`), `pmd; smwb=${bits}`, 'quoted')
      t.equal(answer(`pmd; cmwb=${bits}`), bits === 15 ? 'pmd' : `pmd; cmwb=${bits}`)
      for (const name of ['smwb', 'cmwb']) t.ok(accepts(`pmd; ${name}=${bits}`), `${name}=${bits}`)
      t.ok(accepts(`pmd; smwb="${bits}"`), 'quoted')
    }
    for (const value of ['""', '" 8"', '', '"8'])
      t.equal(parseExtensions(long(`pmd; smwb=${value}`)), undefined, `=${value}`)
    t.equal(answer('pmd; smwb'), '', 'a server’s limit has a value')
    t.equal(answer('pmd; cmwb'), 'pmd', 'a client’s need not, in an offer')
    t.notOk(accepts('pmd; smwb'), 'in an answer')
    t.notOk(accepts('pmd; cmwb'), 'in an answer')
  },
)

t.test(
  '7692/7-1 7692/5-11 "A server MUST decline … an extension parameter not defined, … an invalid value, … the same name"',
  async t => {
    const declined = [
      'pmd; x',
      'pmd; x=1',
      'pmd; constructor',
      'pmd; SERVER_MAX_WINDOW_BITS=8',
      'pmd; snct=1',
      'pmd; cnct=true',
      'pmd; snct; snct',
      'pmd; cnct; cnct',
      'pmd; smwb=9; smwb=9',
      'pmd; smwb=9; smwb=10',
      'pmd; cmwb; cmwb',
      'pmd; cmwb=9; cmwb',
      'pmd; cmwb; cmwb=9',
      'Permessage-Deflate',
      'x-webkit-deflate-frame',
    ]
    for (const offers of declined) t.equal(answer(offers), '', offers)
    t.equal(answer(`${declined.join(', ')}, pmd; snct`), 'pmd; snct', 'the first that can be met')
    t.equal(answer('pmd; smwb=9, pmd; smwb=12, pmd'), 'pmd; smwb=9', 'the first counts')
  },
)

t.test(
  'D-10 7692/7-2 7692/5-12 7692/7.1.1.2-3 "A client MUST Fail the WebSocket Connection if the peer server accepted … with …"',
  async t => {
    const cases: [
      answer: string,
      options: PerMessageDeflateOptions | readonly PerMessageDeflateOptions[],
      fine: boolean,
    ][] = [
      ['pmd', open, true],
      ['pmd; snct; cnct; smwb=8; cmwb=8', open, true],
      ['pmd; cnct', open, true],
      ['pmd; x', open, false],
      ['pmd; snct=1', open, false],
      ['pmd; snct; snct', open, false],
      ['pmd; cmwb=9; cmwb=9', open, false],
      ['pmd, pmd', open, false],
      ['pmd, foo', open, false],
      ['foo', open, false],
      // What was asked of the server is not in its answer.
      ['pmd', { serverContextTakeover: false }, false],
      ['pmd; snct', { serverContextTakeover: false }, true],
      ['pmd', { serverMaxWindowBits: 10 }, false],
      ['pmd; smwb=11', { serverMaxWindowBits: 10 }, false],
      ['pmd; smwb=10', { serverMaxWindowBits: 10 }, true],
      ['pmd; smwb=9', { serverMaxWindowBits: 10 }, true],
      // What the client says of itself are hints: the server may ignore them.
      ['pmd', { clientContextTakeover: false }, true],
      ['pmd', { clientMaxWindowBits: 10 }, true],
      ['pmd; cmwb=12', { clientMaxWindowBits: 10 }, true],
      // Several offers: the answer fits one of them.
      ['pmd', [{ serverMaxWindowBits: 10 }, {}], true],
      ['pmd; smwb=10', [{ serverMaxWindowBits: 10 }, { serverMaxWindowBits: 12 }], true],
      ['pmd; smwb=12', [{ serverMaxWindowBits: 10 }, { serverMaxWindowBits: 12 }], true],
      ['pmd; smwb=13', [{ serverMaxWindowBits: 10 }, { serverMaxWindowBits: 12 }], false],
      ['pmd; smwb=13', [{ serverContextTakeover: false }, { serverMaxWindowBits: 12 }], false],
    ]
    for (const [answer, options, fine] of cases)
      t.equal(accepts(answer, options), fine, `${answer} to ${offer(options)}`)
  },
)

t.test(
  '7692/5-1 7692/5-2 7692/5-3 7692/5-4 7692/7.1.1.1-1 7692/7.1.1.2-1 7692/7.1.2.1-1 7692/7.1.2.2-1 7692/7.3-1 what a client offers',
  async t => {
    const cases: [
      options: PerMessageDeflateOptions | readonly PerMessageDeflateOptions[] | undefined,
      offers: string,
    ][] = [
      [undefined, 'pmd; cmwb'],
      [{}, 'pmd; cmwb'],
      [{ serverContextTakeover: false }, 'pmd; snct; cmwb'],
      [{ clientContextTakeover: false }, 'pmd; cnct; cmwb'],
      [{ serverMaxWindowBits: 10 }, 'pmd; smwb=10; cmwb'],
      [{ clientMaxWindowBits: 10 }, 'pmd; cmwb=10'],
      [
        { serverContextTakeover: false, clientContextTakeover: false, serverMaxWindowBits: 8, clientMaxWindowBits: 9 },
        'pmd; snct; smwb=8; cnct; cmwb=9',
      ],
      [[{ serverMaxWindowBits: 10 }, {}], 'pmd; smwb=10; cmwb, pmd; cmwb'],
    ]
    for (const [options, offers] of cases) t.equal(offer(options), offers)
  },
)

t.test(
  '7692/5-5 7692/7.1.1.1-2 7692/7.1.1.1-3 7692/7.1.1.2-2 7692/7.1.2.1-4 7692/7.1.2.2-3 7692/7.1.2.2-5 what a server answers, by its options',
  async t => {
    const cases: [offers: string, options: PerMessageDeflateOptions, answer: string][] = [
      // By default no window is kept.
      ['pmd', {}, 'pmd; snct; cnct'],
      ['pmd; cmwb', {}, 'pmd; snct; cnct'],
      ['pmd', { serverContextTakeover: true }, 'pmd; cnct'],
      ['pmd', { clientContextTakeover: true }, 'pmd; snct'],
      // 7692 §7.1.1.1 "accepts … by including the server_no_context_takeover extension parameter".
      ['pmd; snct', open, 'pmd; snct'],
      // The hint is used to keep no window in vain (§7.1.1.2).
      ['pmd; cnct', open, 'pmd; cnct'],
      ['pmd; snct; cnct', open, 'pmd; snct; cnct'],
      // §7.1.2.1 "with the same or smaller value as the offer"; MAY be there though it was not offered.
      ['pmd; smwb=12', open, 'pmd; smwb=12'],
      ['pmd; smwb=15', open, 'pmd; smwb=15'],
      ['pmd; smwb=12', { ...open, serverMaxWindowBits: 10 }, 'pmd; smwb=10'],
      ['pmd; smwb=9', { ...open, serverMaxWindowBits: 10 }, 'pmd; smwb=9'],
      ['pmd', { ...open, serverMaxWindowBits: 10 }, 'pmd; smwb=10'],
      // §7.1.2.2 "equal to or smaller than the received value"; MUST NOT be there if it was not offered.
      ['pmd; cmwb', { ...open, clientMaxWindowBits: 10 }, 'pmd; cmwb=10'],
      ['pmd; cmwb=9', { ...open, clientMaxWindowBits: 10 }, 'pmd; cmwb=9'],
      ['pmd; cmwb=12', { ...open, clientMaxWindowBits: 10 }, 'pmd; cmwb=10'],
      ['pmd', { ...open, clientMaxWindowBits: 10 }, 'pmd; cnct'],
      ['pmd; smwb=11', { ...open, clientMaxWindowBits: 10 }, 'pmd; smwb=11; cnct'],
    ]
    for (const [offers, options, expected] of cases)
      t.equal(answer(offers, options), expected, `${offers} at ${JSON.stringify(options)}`)
  },
)

t.test('7692 §7.1.3, the examples', async t => {
  t.equal(answer('pmd'), 'pmd')
  t.equal(answer('pmd; cmwb; smwb=10'), 'pmd; smwb=10')
  t.equal(answer('pmd; cmwb; smwb=10, pmd; cmwb'), 'pmd; smwb=10')
})

const bits = fc.option(fc.integer({ min: 8, max: 15 }), { nil: undefined })
const flag = fc.option(fc.boolean(), { nil: undefined })
const options = fc.record({
  serverContextTakeover: flag,
  clientContextTakeover: flag,
  serverMaxWindowBits: bits,
  clientMaxWindowBits: bits,
})

t.test(
  '7692/5-6 whatever the two want, the answer fits the offer, and both ends can read what the other writes',
  async t => {
    fc.assert(
      fc.property(
        fc.array(options, { minLength: 1, maxLength: 3 }),
        options,
        fc.array(fc.uint8Array()),
        (ours, theirs, messages) => {
          const client = new PerMessageDeflate('client', ours)
          const server = new PerMessageDeflate('server', { ...theirs, threshold: 0 })
          const [agreed] = chooseExtensions(offerExtensions([client]), [server])
          assert(agreed !== undefined && client.accepts(agreed.parameters))
          const ends = [server.transform('server', agreed.parameters), client.transform('client', agreed.parameters)]
          for (const [from, to] of [ends, ends.toReversed()] as [(typeof ends)[0], (typeof ends)[0]][]) {
            for (const message of messages) {
              const octets = Buffer.concat([message, message, message])
              const encoded = from.encode(octets, { first: true, fin: true, compress: true })
              const decoded = encoded === octets ? octets : to.decode(encoded as Buffer, 1000)
              assert(octets.equals(decoded as Buffer))
            }
          }
          for (const end of ends) end.end()
        },
      ),
    )
    t.pass()
  },
)

t.test('7692/7.2.1-6 options that cannot be', async t => {
  const bad: [options: unknown, message: RegExp][] = [
    [1, /perMessageDeflate is an object/],
    [null, /perMessageDeflate is an object/],
    [[], /perMessageDeflate is an object/],
    [[{}, 1], /perMessageDeflate is an object/],
    [{ serverNoContextTakeover: true }, /has no option 'serverNoContextTakeover'/],
    [{ serverContextTakeover: 1 }, /serverContextTakeover is a boolean/],
    [{ clientContextTakeover: 'no' }, /clientContextTakeover is a boolean/],
    [{ serverMaxWindowBits: 7 }, /serverMaxWindowBits is an integer from 8 to 15/],
    [{ clientMaxWindowBits: 16 }, /clientMaxWindowBits is an integer from 8 to 15/],
    [{ clientMaxWindowBits: '10' }, /clientMaxWindowBits is an integer from 8 to 15/],
    [{ serverMaxWindowBits: 8.5 }, /serverMaxWindowBits is an integer from 8 to 15/],
    [{ threshold: -1 }, /threshold is a number of octets/],
    [{ threshold: 0.5 }, /threshold is a number of octets/],
    [{ threshold: '1KiB' }, /threshold is a number of octets/],
    [{ level: 0 }, /level is an integer from 1 to 9/],
    [{ level: 10 }, /level is an integer from 1 to 9/],
    [{ memLevel: 0 }, /memLevel is an integer from 1 to 9/],
    [{ memLevel: 10 }, /memLevel is an integer from 1 to 9/],
    [{ maxRatio: 0.5 }, /maxRatio is a number from 1 on, or 'unlimited'/],
    [{ maxRatio: Number.POSITIVE_INFINITY }, /maxRatio is a number from 1 on, or 'unlimited'/],
    [{ maxRatio: 'off' }, /maxRatio is a number from 1 on, or 'unlimited'/],
    [{ windowMemory: -1 }, /windowMemory is a number of octets, or 'unlimited'/],
    [{ windowMemory: 'off' }, /windowMemory is a number of octets, or 'unlimited'/],
    [{ releaseAfter: 0 }, /releaseAfter is a time in milliseconds, or 'off'/],
    [{ releaseAfter: 'unlimited' }, /releaseAfter is a time in milliseconds, or 'off'/],
  ]
  for (const [options, message] of bad) {
    const make = () => new PerMessageDeflate('server', options as PerMessageDeflateOptions)
    t.throws(make, { code: 'WS_INVALID_OPTION', message }, JSON.stringify(options))
  }
  t.doesNotThrow(
    () => new PerMessageDeflate('client', { maxRatio: 1, releaseAfter: 'off', threshold: 0, level: 1, memLevel: 9 }),
  )
  t.doesNotThrow(() => new PerMessageDeflate('server', { windowMemory: 0 }))
  t.doesNotThrow(() => new PerMessageDeflate('server', { windowMemory: 'unlimited' }))
})
