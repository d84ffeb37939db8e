/**
 * RFC 6455 §4.1 item 7 (the key), §4.2.2 item 5.4 (the proof that it was read), erratum 3150.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { acceptValue, isKey, randomNonce } from '../../src/handshake/accept-key.js'

t.test('H-19 §1.3 the sample key is answered by s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', async t => {
  t.equal(acceptValue('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

t.test('§4.2.2 "taking the SHA-1 hash of this concatenated value" of the key as the string it is', async t => {
  fc.assert(
    fc.property(fc.string(), key => {
      const sha1 = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
      return acceptValue(key) === sha1
    }),
  )
  t.pass()
})

t.test('H-18 E3150 a key is the one base64 of 16 octets', async t => {
  const cases: [name: string, key: string, expected: boolean][] = [
    ['the sample of §1.3', 'dGhlIHNhbXBsZSBub25jZQ==', true],
    ['erratum 3150', 'AQIDBAUGBwgJCgsMDQ4PEA==', true],
    ['§4.1 as printed, with stray bits in the last digit', 'AQIDBAUGBwgJCgsMDQ4PEC==', false],
    ['both other digits', '++++////0123456789abcg==', true],
    ['15 octets', Buffer.alloc(15).toString('base64'), false],
    ['17 octets', Buffer.alloc(17).toString('base64'), false],
    ['18 octets, 24 characters', Buffer.alloc(18).toString('base64'), false],
    ['unpadded', 'dGhlIHNhbXBsZSBub25jZQ', false],
    ['half padded', 'dGhlIHNhbXBsZSBub25jZQ=', false],
    ['padded too much', 'dGhlIHNhbXBsZSBub25jZQ===', false],
    ['url-safe alphabet', 'dGhlIHNhbXBs-_Bub25jZQ==', false],
    ['white space within', 'dGhlIHNhbXBs ZSBub25jQ==', false],
    ['not base64', 'dGhlIHNhbXBs$SBub25jZQ==', false],
    ['padding within', 'dGhlIHNhbXBs=SBub25jZQ==', false],
    ['not a letter by bit 5', 'dGhlIHNhbXBs@SBub25jZQ==', false],
    ['ends in one =', 'dGhlIHNhbXBsZSBub25jZQa=', false],
    ['no =', 'dGhlIHNhbXBsZSBub25jZQaa', false],
    ['empty', '', false],
  ]
  for (const [name, key, expected] of cases) t.equal(isKey(key), expected, name)
})

t.test('H-18 a key decodes to 16 octets and encodes to itself again', async t => {
  const digit = fc.constantFrom(...'ABCDQRgwz09+/-_= ')
  const text = fc.oneof(
    fc.uint8Array({ minLength: 14, maxLength: 18 }).map(octets => Buffer.from(octets).toString('base64')),
    fc.string({ unit: digit, minLength: 22, maxLength: 22 }).map(digits => `${digits}==`),
  )
  fc.assert(
    fc.property(text, key => {
      const octets = Buffer.from(key, 'base64')
      return isKey(key) === (octets.length === 16 && octets.toString('base64') === key)
    }),
    { numRuns: 2000 },
  )
  t.pass()
})

t.test('K-04 4.1-29 4.1-30 "a randomly selected 16-byte value … selected randomly for each connection"', async t => {
  const seen = new Set<string>()
  const ones = new Array<number>(128).fill(0)
  const rounds = 20_000
  for (let round = 0; round < rounds; round++) {
    const nonce = randomNonce()
    if (nonce.length !== 16) t.fail(`${nonce.length} octets`)
    seen.add(nonce.toString('latin1'))
    for (let bit = 0; bit < 128; bit++) ones[bit]! += (nonce[bit >> 3]! >> (bit & 7)) & 1
  }
  t.equal(seen.size, rounds, 'all different')
  // Six standard deviations: 128 bits of a fair source stay within with a probability of 1 - 3e-7.
  const bound = 6 * Math.sqrt(rounds / 4)
  t.ok(ones.every(count => Math.abs(count - rounds / 2) < bound))
})
