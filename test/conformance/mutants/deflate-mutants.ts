/** The broken endpoints whose fault is in compression; see mutants.ts. */
import type { Mutant } from './mutant.js'

export const deflateMutants = [
  // What they agree on
  {
    breaks: 'takes any parameter of deflate',
    caughtBy: [
      '7692/7/declines-unknown-parameter*',
      '7692/7/declines-parameter-in-capitals*',
      '7692/7/declines-server-window-*',
    ],
    roles: ['server'],
  },
  {
    breaks: 'answers with a window of 2^7',
    caughtBy: [
      '7692/7/declines-*-and-goes-on',
      '7692/7.1/offer-alone',
      '7692/7.1/offer-client-*',
      '7692/7.1/offer-all-four',
      '7692/7.1/offer-quoted-window',
      '7692/7.1/offer-fallback',
      '7692/7.1/offer-behind-an-unknown-one',
    ],
    roles: ['server'],
  },
  {
    breaks: 'limits the window of clients that do not know of it',
    caughtBy: ['7692/7.1/offer-alone', '7692/7.1/offer-without-client-window'],
    roles: ['server'],
  },
  {
    breaks: 'forgets that it must take nothing over',
    caughtBy: ['7692/7.1/offer-server-takeover', '7692/7.1/offer-without-client-window', '7692/7.1/offer-all-four'],
    roles: ['server'],
  },
  {
    breaks: 'answers with a window of 2^15',
    caughtBy: [8, 9, 10, 11, 12, 13, 14].map(bits => `7692/7.1/offer-server-window-${bits}`),
    roles: ['server'],
  },
  {
    breaks: 'forgets that its window is limited',
    caughtBy: ['7692/7.1/offer-server-window-*', '7692/7.1/offer-quoted-window'],
    // As large as a window is without it.
    verdicts: { '7692/7.1/offer-server-window-15': 'WARN' },
    roles: ['server'],
  },
  {
    breaks: 'answers takeover with a value',
    caughtBy: ['7692/7.1/offer-server-takeover-without-value', '7692/7.1/offer-server-takeover'],
    roles: ['server'],
  },
  {
    breaks: 'refuses client_no_context_takeover',
    caughtBy: ['7692/7.1.1.2/client-takeover-in-response'],
    roles: ['client'],
  },
  { breaks: 'offers a window of 2^7', caughtBy: ['7692/7.1/offers'], roles: ['client'] },
  { breaks: 'takes any answer to deflate', caughtBy: ['7692/7/response-*'], roles: ['client'] },

  // What they send
  { breaks: 'never compresses', caughtBy: ['7692/5/really-compresses'] },
  { breaks: 'compresses each message for itself', caughtBy: ['7692/7.2.1/really-keeps-its-window'] },
  { breaks: 'keeps its window against the agreement', caughtBy: ['7692/7.2.1/*-without-takeover'] },
  { breaks: 'looks further back than agreed', caughtBy: ['7692/7.2.1/*-window-of-*'] },
  {
    breaks: 'echoes nothing',
    caughtBy: [
      '7692/6.2/*',
      '7692/6/compressed-and-plain',
      '7692/7.2.3/one-block*',
      '7692/5/random-of-*',
      '7692/7.1/offer-server-window-15',
      '7692/7/declines-server-takeover-with-value',
      '7692/7/declines-client-takeover-with-value',
      '7692/7/declines-client-window-*',
      '7692/7/declines-two-*',
      '7692/7/declines-server-*',
    ],
    roles: ['server'],
  },
  {
    breaks: 'echoes nothing',
    caughtBy: ['7692/6.2/*', '7692/6/compressed-and-plain', '7692/7.2.3/one-block*'],
    roles: ['client'],
  },
  { breaks: 'corrupts an octet of large messages', caughtBy: ['7692/5/*-of-65536', '7692/5/*-of-131072*'] },
  { breaks: 'echoes twice', caughtBy: ['7692/5/*-of-*'] },
  { breaks: 'echoes as binary', caughtBy: ['7692/6.1/opcode-of-its-messages'] },
  { breaks: 'compresses Pongs', caughtBy: ['7692/6/pong-is-not-compressed'] },
  { breaks: 'leaves the tail of its messages', caughtBy: ['7692/7.2.1/its-messages-have-no-tail'] },

  // What they take
  { breaks: 'ignores RSV1 on continuations', caughtBy: ['7692/6.1/rsv1-on-continuation*'] },
  {
    breaks: 'ignores RSV1 on control frames',
    caughtBy: [
      '7692/6.1/rsv1-on-ping',
      '7692/6.1/rsv1-on-pong',
      '7692/6.1/rsv1-on-close',
      '7692/6.1/rsv1-on-ping-between-fragments',
    ],
  },
  { breaks: 'ignores RSV2 and RSV3 with deflate', caughtBy: ['7692/6/rsv*'] },
  {
    breaks: 'checks little with deflate',
    caughtBy: ['7692/6/reserved-opcode', '7692/6/fragmented-ping', '7692/6/long-ping'],
  },
  { breaks: 'takes compressed text that is not UTF-8', caughtBy: badText() },
  { breaks: 'fails on messages that are not compressed', caughtBy: ['7692/6/*plain*'] },
  { breaks: 'fails on final blocks', caughtBy: ['7692/7.2.3/final-block'] },
  { breaks: 'fails on stored blocks', caughtBy: ['7692/7.2.3/stored-block', '7692/7.2.3/empty-blocks'] },
  {
    breaks: 'fails on empty compressed messages',
    caughtBy: ['7692/7.2.3/empty-block', '7692/7.2.3/empty-fixed-block', '7692/6.2/*-of-0-octets'],
  },
  { breaks: 'fails on several blocks', caughtBy: ['7692/7.2.3/two-blocks'] },
  {
    breaks: 'takes what cannot be inflated for empty',
    caughtBy: [
      'block-of-no-type',
      'stored-length-without-complement',
      'reference-before-the-beginning',
      'distance-of-no-meaning',
      'length-of-no-meaning',
      'too-many-codes',
    ].map(name => `7692/7.2.2/${name}`),
  },
  { breaks: 'inflates each message for itself', caughtBy: ['7692/7.2.2/window-*'] },
  { breaks: 'has a window of 2^12 only', caughtBy: ['7692/7.2.2/window-of-32500-octets'] },
] as const satisfies readonly Mutant[]

/** The cases of text that is not, by name. */
function badText(): string[] {
  const names = ['impossible-octet', 'overlong', 'surrogate', 'beyond-unicode', 'unfinished']
  return names.flatMap(name => [`7692/6.1/text-${name}`, `7692/6.1/text-${name}-in-fragments`])
}
