/**
 * Attack cases F and M once more, where permessage-deflate is agreed on: RFC 7692 §6 ("an endpoint … MUST also accept
 * uncompressed messages"), so that all that holds without it holds with it. The same files, in processes of their own: with
 * uncompressed messages, and those that do not count the octets on the wire with compressed ones too.
 */
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { withCoverage } from '../coverage/child-environment.js'

const files = [
  '5.4-fragmentation',
  '5.5.1-close',
  '5.5.3-pong',
  '6.2-receiving',
  '7.1.7-fail-the-connection',
  '8.1-invalid-text',
  '10.4-limits',
  'deadlines',
]

const compressed = files.slice(0, files.indexOf('10.4-limits'))

for (const [agreed, some] of [
  ['permessage-deflate', files],
  ['permessage-deflate, used', compressed],
] as const) {
  const env = { ...process.env, FRAMEWRIGHT_TEST_AGREED: agreed }
  for (const file of some) {
    const path = fileURLToPath(new URL(`${file}.test.js`, import.meta.url))
    t.spawn('/usr/bin/env', [...withCoverage, '--enable-source-maps', path], { env }, `${agreed}: ${file}`)
  }
}
