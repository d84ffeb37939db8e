/** The sentences that the cases quote: what is said of RFC 6455 stands in it, word for word. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { sectionOf } from '../../src/conformance/case.js'
import { allCases } from '../../src/conformance/cases/all-cases.js'
import { proxyCases } from '../../src/conformance/cases/proxy.js'
import { definitions } from './definitions.js'
import { readWindows, windowsOf } from './word-windows.js'

const windows = readWindows(readFileSync('test/conformance/rfc6455.windows'))
const cases = [...allCases, ...proxyCases]

/** […] and … stand for words that were left out. */
function isQuotation(requirement: string): boolean {
  return requirement.split(/\[…\]|…/).every(part => windowsOf(part).every(window => windows.has(window)))
}

t.test('a sentence that stands in RFC 6455, and some that do not', async t => {
  t.ok(isQuotation('A client MUST close a connection if it detects a masked frame.'))
  t.notOk(isQuotation('A client MUST close the connection if it detects a masked frame.'))
  t.notOk(isQuotation('A client SHOULD close a connection if it detects a masked frame.'))
})

t.test('what the cases quote from RFC 6455 stands there', async t => {
  const quoted = cases.filter(one => sectionOf(one).startsWith('RFC 6455 '))
  t.ok(quoted.length > 500)
  t.same(
    quoted.filter(({ requirement }) => !isQuotation(requirement)).map(({ id, requirement }) => `${id}: ${requirement}`),
    [],
  )
})

/** RFC 6455 writes "must" in small letters where it means it, too: §5.4, §5.5.1, §5.5.3. */
const binding = /\bmust\b|\bMUST\b|\bREQUIRED\b|\bSHALL\b/
const weak = /\bMAY\b|\bSHOULD\b|\bOPTIONAL\b|\bRECOMMENDED\b/

t.test(
  'a case of level MUST quotes what binds: a sentence with MUST, or a definition that is known for one',
  async t => {
    const known = definitions.flatMap(([, sentences]) => sentences)
    const loose = cases.filter(({ level, requirement }) => level === 'MUST' && !binding.test(requirement))
    t.same(
      loose
        .filter(({ requirement }) => !known.includes(requirement))
        .map(({ id, requirement }) => `${id}: ${requirement}`),
      [],
    )
    const quoted = new Set(loose.map(({ requirement }) => requirement))
    t.same(
      known.filter(sentence => !quoted.has(sentence)),
      [],
      'definitions that no case needs',
    )
    t.same(
      known.filter(sentence => weak.test(sentence)),
      [],
      'sentences that bind nobody',
    )
  },
)

t.test('the cases are held to more than 200 different sentences', async t => {
  t.ok(new Set(cases.map(({ requirement }) => requirement)).size >= 200)
})
