// RFC 6455 §7.4 Status Codes, and the IANA registry: names, and which may stand in a Close frame.
import t from 'tap'
import { isSendableStatusCode, StatusCode } from '../src/status-code.js'

/** The classes that §7.4.1, §7.4.2 and the registry make of all codes of two octets. */
const classes: [from: number, to: number, sendable: boolean, rule: string][] = [
  [0, 999, false, '7.4.2 "Status codes in the range 0-999 are not used"'],
  [1000, 1003, true, '7.4.1-1 "Endpoints MAY use the following pre-defined status codes"'],
  [1004, 1004, false, '7.4.1 1004: "Reserved. The specific meaning might be defined in the future"'],
  [
    1005,
    1005,
    false,
    '7.4.1-3 "1005 is a reserved value and MUST NOT be set as a status code in a Close control frame"',
  ],
  [
    1006,
    1006,
    false,
    '7.4.1-4 "1006 is a reserved value and MUST NOT be set as a status code in a Close control frame"',
  ],
  [1007, 1011, true, '7.4.1 1007 to 1011'],
  [1012, 1014, true, '7.4 1012 to 1014: registered with IANA'],
  [
    1015,
    1015,
    false,
    '7.4.1-6 "1015 is a reserved value and MUST NOT be set as a status code in a Close control frame"',
  ],
  [1016, 2999, false, '7.4.2 "Status codes in the range 1000-2999 are reserved for definition by this protocol"'],
  [
    3000,
    3999,
    true,
    '7.4.2 "Status codes in the range 3000-3999 are reserved for use by libraries, frameworks, and applications"',
  ],
  [4000, 4999, true, '7.4.2 "Status codes in the range 4000-4999 are reserved for private use"'],
  [5000, 65535, false, '7.4.2 nobody has defined 5000 and above'],
]

let next = 0
for (const [from, to, sendable, rule] of classes) {
  if (from !== next) throw new Error(`the classes leave out ${next}`)
  next = to + 1
  t.test(rule, async t => {
    for (let code = from; code <= to; code++) {
      if (isSendableStatusCode(code) !== sendable) t.fail(`${code}`)
    }
    t.pass(`${from} to ${to}`)
  })
}

t.test('7.4 all 65,536 codes are in one class', async t => {
  t.equal(next, 0x1_0000)
})

t.test('7.4 what is no code of two octets is not sendable', async t => {
  for (const code of [-1000, 1000.5, 66536, Number.NaN, Number.POSITIVE_INFINITY]) t.notOk(isSendableStatusCode(code))
  for (const code of ['1000', null, undefined, [1000], {}]) t.notOk(isSendableStatusCode(code as number))
})

t.test('7.4.1 the names, and which of them are only reported', async t => {
  const names = Object.entries(StatusCode)
  t.equal(names.length, 15)
  t.equal(new Set(names.map(([, code]) => code)).size, 15)
  const reported = names.filter(([, code]) => !isSendableStatusCode(code)).map(([name]) => name)
  t.same(reported, ['noStatusReceived', 'abnormalClosure', 'tlsHandshake'])
})
