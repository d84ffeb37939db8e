/**
 * The broken endpoints: what each does wrong, and the cases that must catch it. Every case must be named here, for a case
 * that no mutant can fail is not a case.
 */

import { closingMutants } from './closing-mutants.js'
import { deflateMutants } from './deflate-mutants.js'
import { hastyMutants } from './hasty-mutants.js'
import { type Mutant, someEchoes } from './mutant.js'
import { openingMutants } from './opening-mutants.js'

const validText = [
  'valid-*',
  'prefix-2',
  'prefix-5',
  'prefix-7',
  'prefix-9',
  'prefix-11',
  'first-of-length-?',
  'last-of-length-?',
  'boundary-1',
  'boundary-2',
  'boundary-3',
  'boundary-4',
  'special-*',
  'control-*',
  'empty*',
  'text',
].map(name => `6455/8.1/${name}`)

const invalidText = [
  'prefix-1',
  'prefix-3',
  'prefix-4',
  'prefix-6',
  'prefix-8',
  'prefix-10',
  'first-of-length-5-and-6-*',
  'last-of-length-beyond-*',
  'boundary-5',
  'stray-*',
  'lonely-*',
  'last-octet-missing-*',
  'incomplete-*',
  'impossible-*',
  'overlong-*',
  'surrogate-*',
  'invalid-*',
  'unfinished-*',
  'fails-*',
].map(name => `6455/8.1/${name}`)

export const mutants = [
  // What it takes
  {
    breaks: 'ignores the mask bit',
    caughtBy: ['6455/5.1/unmasked-*'],
    verdicts: { '6455/5.1/unmasked-empty-close': 'WARN' },
    roles: ['server'],
  },
  {
    breaks: 'ignores the mask bit',
    caughtBy: ['6455/5.1/masked-*'],
    verdicts: { '6455/5.1/masked-empty-close': 'WARN' },
    roles: ['client'],
  },
  { breaks: 'ignores RSV bits', caughtBy: ['6455/5.2/rsv*'] },
  {
    breaks: 'ignores reserved data opcodes',
    caughtBy: [
      '6455/5.2/opcode-3*',
      '6455/5.2/opcode-4*',
      '6455/5.2/opcode-5*',
      '6455/5.2/opcode-6*',
      '6455/5.2/opcode-7*',
    ],
  },
  {
    breaks: 'ignores reserved control opcodes',
    caughtBy: [
      '6455/5.2/opcode-b*',
      '6455/5.2/opcode-c*',
      '6455/5.2/opcode-d*',
      '6455/5.2/opcode-e*',
      '6455/5.2/opcode-f*',
    ],
  },
  {
    breaks: 'takes lengths that are not minimal',
    caughtBy: [
      '6455/5.2/text*-with-length-in-*',
      '6455/5.2/binary*-with-length-in-*',
      '6455/5.2/continuation*-with-length-in-*',
    ],
  },
  { breaks: 'waits for lengths with the top bit', caughtBy: ['6455/5.2/*-declaring-2-to-the-6*'] },
  { breaks: 'takes long control frames', caughtBy: ['6455/5.5/*-octets', '6455/5.2/ping-of-5*'] },
  { breaks: 'takes fragmented control frames', caughtBy: ['6455/5.5/fragmented-*'] },
  {
    breaks: 'takes a new message within one',
    caughtBy: ['6455/5.4/*-within-text', '6455/5.4/*-within-binary', '6455/5.4/text-within-text-after-ping'],
  },
  { breaks: 'ignores continuations of nothing', caughtBy: ['6455/5.4/*continuation-*'] },
  { breaks: 'takes text that is not UTF-8', caughtBy: invalidText },
  {
    breaks: 'checks UTF-8 of whole frames only',
    caughtBy: ['6455/8.1/*-over-fragments', '6455/8.1/invalid-in-fragments-*', '6455/8.1/unfinished-at-the-end'],
  },
  {
    breaks: 'checks UTF-8 frame by frame',
    caughtBy: ['6455/8.1/unfinished-at-the-end', '6455/8.1/fragments-of-one-octet', '6455/8.1/ping-within-code-point'],
  },
  { breaks: 'refuses code points above U+FFFF', caughtBy: ['6455/8.1/emoji-*'] },
  { breaks: 'loses messages with code points that are no characters', caughtBy: ['6455/8.1/non-character-*'] },
  { breaks: 'loses byte order marks', caughtBy: ['6455/8.1/byte-order-mark-1', '6455/8.1/byte-order-mark-2'] },
  {
    breaks: 'takes no message above a million octets',
    caughtBy: ['6455/5.2/text-of-16-mib'],
    verdicts: { '*': 'WARN' },
  },

  { breaks: 'joins fragments in reverse', caughtBy: ['6455/5.4/growing', '6455/5.4/text-in-2', '6455/5.4/text-in-3'] },

  // Masking
  {
    breaks: 'does not unmask',
    caughtBy: ['6455/5.3/unmasks-*', '6455/6.2/server-removes-masking'],
    roles: ['server'],
  },
  {
    breaks: 'unmasks with the first octet of the key',
    caughtBy: [
      '6455/5.3/masking-key-first-octet',
      '6455/5.3/masking-key-last-octet',
      '6455/5.3/masking-key-of-the-rfc',
      '6455/5.3/masking-key-ascending',
    ],
    roles: ['server'],
  },
  { breaks: 'unmasks all frames with the first key', caughtBy: ['6455/5.3/key-of-each-frame'], roles: ['server'] },
  { breaks: 'refuses masking-keys of zeros', caughtBy: ['6455/5.3/masking-key-zeros'], roles: ['server'] },
  {
    breaks: 'masks with one key',
    caughtBy: ['6455/5.3/masking-keys-*', '6455/5.3/fresh-masking-key'],
    roles: ['client'],
  },
  {
    breaks: 'begins each connection with the same masking-keys',
    caughtBy: ['6455/5.3/other-keys-on-each-connection'],
    roles: ['client'],
  },
  { breaks: 'counts its masking-keys up', caughtBy: ['6455/5.3/masking-keys-*'], roles: ['client'] },
  {
    breaks: 'masks the wrong way',
    caughtBy: ['6455/5.3/masking-key-ones', '6455/5.3/masking-key-high-bits', '6455/5.1/server-masks-no-frame'],
    roles: ['server'],
  },
  {
    breaks: 'masks the wrong way',
    caughtBy: [...someEchoes, '6455/5.1/client-masks-its-frames', '6455/6.1/its-data-is-masked'],
    roles: ['client'],
  },
  { breaks: 'does not mask Close frames', caughtBy: ['6455/5.5.1/client-masks-its-close'], roles: ['client'] },

  // What it sends
  {
    breaks: 'echoes nothing',
    caughtBy: [
      '6455/5.2/*-of-1-octets',
      '6455/5.2/*-of-124-octets',
      '6455/5.2/*-of-125-octets',
      '6455/6.1/its-frames-are-sent',
    ],
  },
  {
    breaks: 'echoes twice',
    caughtBy: [
      ...someEchoes,
      '6455/5.5.1/close-right-behind-large-message',
      '6455/5.5.1/close-while-it-sends-a-large-message',
    ],
  },
  {
    breaks: 'echoes as binary',
    caughtBy: [
      '6455/6.1/opcode-of-its-messages',
      '6455/6.2/types-in-turns',
      '6455/8.1/byte-order-mark-3',
      ...validText,
    ],
  },
  { breaks: 'echoes as text', caughtBy: ['6455/5.6', '6455/8.1/binary-*', '6455/5.2/messages-of-growing-length'] },
  {
    breaks: 'loses empty messages',
    caughtBy: ['6455/5.2/*-of-0-octets', '6455/6.2/empty-messages', '6455/6.2/thousand-*-of-0'],
  },
  {
    breaks: 'loses the hundredth message',
    caughtBy: ['6455/6.2/one-after-the-other', '6455/6.2/all-at-once', '6455/6.2/thousand-*'],
  },
  {
    breaks: 'corrupts an octet of large messages',
    caughtBy: [
      '6455/5.2/*-kib',
      '6455/5.2/*-mib',
      '6455/5.4/*-mib-*',
      '6455/5.4/*-kib-*',
      '6455/6.2/*-mib-*',
      '6455/5.2/*-in-pieces',
      '6455/5.2/*-of-6553?-octets',
    ],
  },
  {
    breaks: 'cuts messages at 125 octets',
    caughtBy: [
      '6455/5.2/*-of-126-octets',
      '6455/5.2/*-of-127-octets',
      '6455/5.2/*-of-128-octets',
      '6455/5.2/*-of-255-octets',
      '6455/5.2/*-of-256-octets',
    ],
  },
  { breaks: 'replaces what is not UTF-8', caughtBy: ['6455/8.1/invalid-whole'] },
  { breaks: 'sends lengths in eight octets', caughtBy: someEchoes },
  { breaks: 'sets RSV2', caughtBy: [...someEchoes, '6455/5.2/reserved-bits-of-its-frames'] },
  {
    breaks: 'sets RSV1 without agreement',
    caughtBy: ['6455/9.1/uses-what-was-agreed-only'],
    roles: ['client'],
  },
  { breaks: 'never ends its messages', caughtBy: [...someEchoes, '6455/6.1/fin-of-its-messages'] },
  { breaks: 'echoes in an unknown opcode', caughtBy: someEchoes },
  { breaks: 'begins with a continuation', caughtBy: someEchoes },
  { breaks: 'fragments a Ping of its own', caughtBy: someEchoes },
  { breaks: 'sends a Ping of 126 octets', caughtBy: someEchoes },
  { breaks: 'sends invalid text', caughtBy: someEchoes },

  // Fragments and control frames
  {
    breaks: 'echoes each fragment',
    caughtBy: [
      '6455/5.4/text-in-*',
      '6455/5.4/binary-in-*',
      '6455/5.4/*-octet-by-octet',
      '6455/5.4/empty-first',
      '6455/5.4/empty-middle',
      '6455/5.4/empty-last',
      '6455/5.4/all-empty',
      '6455/5.4/many-empty',
      '6455/5.4/growing',
      '6455/5.4/message-after-message',
      '6455/8.1/fragments-*',
      '6455/8.1/greek-*',
      '6455/8.1/binary-in-fragments-*',
      '6455/8.1/*-within-code-point',
    ],
  },
  { breaks: 'fails on control frames within a message', caughtBy: ['6455/5.4/*-within-message'] },
  {
    breaks: 'answers no Ping within a message',
    caughtBy: ['6455/5.4/ping-within-message', '6455/5.4/pings-everywhere-within-message'],
  },
  { breaks: 'answers Pings after the message', caughtBy: ['6455/5.4/pong-before-the-end-of-a-message'] },
  {
    breaks: 'reads only the first frame of a segment',
    caughtBy: ['6455/6.2/messages-and-pings', '6455/6.2/all-at-once'],
  },
  { breaks: 'answers no Ping', caughtBy: ['6455/5.5.2/*', '6455/5.5.3/pong-repeats-*', '6455/5.5.3/ten-pings'] },
  { breaks: 'answers Pings without their payload', caughtBy: ['6455/5.5.3/pong-repeats-*'] },
  {
    breaks: 'cuts the payload of Pongs',
    caughtBy: ['6455/5.5.3/pong-repeats-124-octets', '6455/5.5.3/pong-repeats-125-octets'],
  },
  { breaks: 'reads the payload of Pings as text', caughtBy: ['6455/5.5.3/pong-repeats-binary'] },
  { breaks: 'answers Pings with a Ping', caughtBy: ['6455/5.5.2/ping-without-payload'] },
  { breaks: 'answers Pongs', caughtBy: ['6455/5.5.3/unsolicited-*'] },

  // What it endures
  {
    breaks: 'answers no Ping',
    caughtBy: ['6455/10.4/flood-of-*', '6455/10.4/bomb-of-*', '6455/10.4/slow-reader'],
  },
  {
    breaks: 'reads on when its answers are not read',
    caughtBy: ['6455/10.4/slow-reader'],
    verdicts: { '*': 'INFO' },
    roles: ['server'],
  },
  { breaks: 'drops what does not fit', caughtBy: ['6455/10.4/slow-reader-of-echoes'] },
  { breaks: 'gives up on who is slow', caughtBy: ['6455/10.4/slow-sender'], verdicts: { '*': 'WARN' } },
  { breaks: 'echoes nothing', caughtBy: ['6455/10.4/slow-sender'] },
  { breaks: 'answers no Ping within a message', caughtBy: ['6455/10.4/slow-sender-of-fragments'] },
  { breaks: 'echoes twice', caughtBy: ['6455/10.7/mutated-*'] },
  ...closingMutants,
  ...openingMutants,
  ...deflateMutants,
  ...hastyMutants,
] as const satisfies readonly Mutant[]

export type Break = (typeof mutants)[number]['breaks']
