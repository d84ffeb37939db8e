/**
 * RFC 9110 §7.2, RFC 3986 §3.2.2: Host, and what only looks like one.
 */
import { isIP, isIPv6 } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { formatAuthority, parseAuthority } from '../../src/http/authority.js'

t.test('hosts, with and without a port', async t => {
  const cases: [text: string, host: string, port: number | undefined][] = [
    ['example.com', 'example.com', undefined],
    ['EXAMPLE.com:80', 'example.com', 80],
    ['example.com.', 'example.com.', undefined],
    ['a_b~c-d.e', 'a_b~c-d.e', undefined],
    ['localhost:0', 'localhost', 0],
    ['localhost:65535', 'localhost', 65535],
    ['localhost:', 'localhost', undefined],
    ['127.0.0.1:9001', '127.0.0.1', 9001],
    ['255.255.255.255', '255.255.255.255', undefined],
    ['1.2.3.4.nip', '1.2.3.4.nip', undefined],
    ['0xcafe.example', '0xcafe.example', undefined],
    ['0xfg', '0xfg', undefined],
    ['[::1]', '[::1]', undefined],
    ['[::1]:', '[::1]', undefined],
    ['[2001:DB8::1]:443', '[2001:db8::1]', 443],
    ['[::ffff:127.0.0.1]:1', '[::ffff:127.0.0.1]', 1],
    ['a'.repeat(255), 'a'.repeat(255), undefined],
  ]
  for (const [text, host, port] of cases) t.same(parseAuthority(text), { host, port }, text.slice(0, 40))
})

t.test('H-10 H-30 what is no host is refused and never thrown', async t => {
  const cases = [
    '',
    ':80',
    '[::1',
    '::1',
    '[::1]80',
    '[]',
    '[:]',
    '[:::]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1:2]',
    '[g::]',
    '[12345::]',
    '[::1::]',
    '[1.2.3.4::]',
    '[::1%25eth0]',
    '[::1]:x',
    '[1:2:3:4:5:6::8]:99999',
    'a b',
    'a:99999',
    'a:65536',
    'a:80:80',
    'a:+1',
    'a: 1',
    'a:1e3',
    '\x00',
    'a\x00',
    'a'.repeat(256),
    'a'.repeat(10_240),
    '@',
    'u@a',
    'a,b',
    'a, b',
    'a/b',
    'a?',
    'a#',
    'a\\b',
    'é',
    '%41',
    '*',
    '[v1.a]',
    `[${'1:'.repeat(40)}]`,
    '.',
    '..',
    'a..b',
    '.a',
    '[1:2:3:4:5:6:7::8]',
  ]
  for (const text of cases) {
    t.equal(parseAuthority(text), undefined, JSON.stringify(text.slice(0, 40)))
  }
})

t.test('O-07 what looks like an IPv4 address is one in dotted decimals, or nothing', async t => {
  const cases = ['0x7f.1', '0x7f000001', '127.1', '2130706433', '10.0.2.555', '0177.0.0.1', '01.2.3.4', '1.2.3.4.5']
  for (const text of [...cases, '1.2.3', '0x', '1.2.3.0x4', '1.2.3.4.', 'a.1', '1..2', '256.0.0.1']) {
    t.equal(parseAuthority(text), undefined, text)
  }
})

t.test('RFC 3986 §3.2.2 IPv6 addresses are those that node:net knows', async t => {
  const group = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 1, maxLength: 5 }),
    },
    { weight: 3, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('1.2.3.4', '1.2.3', '256.1.1.1', '01.2.3.4', 'g') },
  )
  const address = fc.array(group, { maxLength: 10 }).map(groups => groups.join(':'))
  let valid = 0
  fc.assert(
    fc.property(address, text => {
      const expected = isIPv6(text)
      if (expected) valid++
      return (parseAuthority(`[${text}]`) !== undefined) === expected
    }),
    { numRuns: 5000 },
  )
  t.ok(valid > 50, `${valid} of them were valid`)
})

t.test('O-07 a host made of numbers is an IPv4 address by node:net, or refused', async t => {
  const part = fc.oneof(fc.nat(300).map(String), fc.constantFrom('00', '01', '0x1', ''))
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), parts => {
      const text = parts.join('.')
      return (parseAuthority(text) !== undefined) === (isIP(text) === 4)
    }),
  )
  t.pass()
})

t.test('an authority is written as it was read', async t => {
  for (const text of ['example.com', 'example.com:8080', '[::1]', '[::1]:1']) {
    t.equal(formatAuthority(parseAuthority(text)!), text)
  }
})
