/** The broken endpoints that close, fail or end their connections otherwise than they should, and the cases that catch them. */
import type { Mutant } from './mutant.js'

const legalClose = [
  '6455/5.5.1/close-without-body',
  '6455/5.5.1/close-with-code',
  '6455/5.5.1/close-with-reason',
  '6455/5.5.1/close-with-reason-beyond-ascii',
  '6455/5.5.1/close-with-reason-of-*',
  '6455/5.5.1/*-after-close',
  '6455/5.5.1/close-right-behind-*',
]

export const closingMutants = [
  {
    breaks: 'answers no Close',
    caughtBy: [
      ...legalClose,
      '6455/5.5.1/fragment-after-close',
      '6455/5.5.1/close-within-message',
      '6455/5.5.1/close-after-*',
      '6455/5.5.1/end-of-tcp-right-behind-close',
      '6455/7.4.1/close-with-1000',
    ],
    // What comes behind it ends the connection, too.
    verdicts: {
      '6455/5.5.1/illegal-frame-after-close': 'WARN',
      '6455/5.5.1/end-of-tcp-right-behind-close': 'WARN',
      '6455/5.5.1/close-right-behind-large-message': 'WARN',
    },
  },
  {
    breaks: 'ignores Close frames',
    caughtBy: [
      '6455/5.5.1/close-with-code',
      '6455/5.5.1/close-body-of-one-octet',
      '6455/7.4.1/close-with-1001',
      '6455/7.4.1/close-with-1002',
      '6455/7.4.1/close-with-1003',
      '6455/7.4.1/close-with-1007',
      '6455/7.4.1/close-with-1008',
      '6455/7.4.1/close-with-1009',
      '6455/7.4.1/close-with-1010',
      '6455/7.4.1/close-with-1011',
      '6455/7.4.2/close-with-3*',
      '6455/7.4.2/close-with-4*',
    ],
  },
  {
    breaks: 'ignores Close frames within a message',
    caughtBy: ['6455/5.5.1/close-within-message', '6455/5.5.1/close-while-we-send-a-large-message'],
  },
  {
    breaks: 'leaves large messages unfinished',
    caughtBy: ['6455/*-while-it-sends-a-large-message'],
    verdicts: { '6455/5.5.1/*': 'WARN' },
  },
  {
    breaks: 'always closes with 1000',
    caughtBy: [
      '6455/7.4.1/close-with-1001',
      '6455/7.4.1/close-with-1002',
      '6455/7.4.1/close-with-1003',
      '6455/7.4.1/close-with-1007',
      '6455/7.4.1/close-with-1008',
      '6455/7.4.1/close-with-1009',
      '6455/7.4.1/close-with-101*',
      '6455/7.4.2/close-with-3*',
      '6455/7.4.2/close-with-4*',
    ],
    verdicts: { '*': 'WARN' },
  },
  {
    breaks: 'always closes with an empty Close',
    caughtBy: ['6455/7.1.7/close-frame-before-closing', '6455/5.5.1/close-with-code'],
    verdicts: { '*': 'WARN' },
  },
  {
    breaks: 'takes Close bodies of one octet',
    caughtBy: ['6455/5.5.1/close-body-of-one-octet'],
    verdicts: { '*': 'WARN' },
  },
  {
    breaks: 'answers a Close of one octet with an empty one',
    caughtBy: ['6455/5.5.1/close-body-of-one-octet'],
    verdicts: { '*': 'WARN' },
  },
  {
    breaks: 'takes every status code',
    caughtBy: [
      '6455/7.4/close-with-*',
      '6455/7.4.2/close-with-0',
      '6455/7.4.2/close-with-1',
      '6455/7.4.2/close-with-2*',
      '6455/7.4.2/close-with-999',
      '6455/7.4.1/close-with-1004',
      '6455/7.4.1/close-with-1005',
      '6455/7.4.1/close-with-1006',
      '6455/7.4.1/close-with-1015',
      '6455/7.4.2/close-with-1016',
      '6455/7.4.2/close-with-1100',
      '6455/7.4.2/close-with-1999',
    ],
  },
  {
    breaks: 'answers invalid status codes with 1000',
    caughtBy: ['6455/7.4.1/close-with-1005', '6455/7.4.2/close-with-0'],
    verdicts: { '*': 'WARN' },
  },
  {
    breaks: 'takes every status code',
    caughtBy: [
      '6455/7.4/every-code-in-no-range',
      '6455/7.4.1/every-code-never-sent',
      '6455/7.4.2/every-code-not-used',
      '6455/7.4.2/every-code-reserved-for-revisions',
    ],
    roles: ['server'],
  },
  {
    breaks: 'always closes with 1000',
    caughtBy: ['6455/7.4.1/every-code-defined', '6455/7.4.2/every-code-for-*'],
    verdicts: { '*': 'WARN' },
    roles: ['server'],
  },
  {
    breaks: 'answers no Close',
    caughtBy: ['6455/7.4.1/every-code-defined', '6455/7.4.2/every-code-for-*'],
    roles: ['server'],
  },
  { breaks: 'ignores Close frames', caughtBy: ['6455/7.4.1/every-code-defined'], roles: ['server'] },
  {
    breaks: 'always closes with an empty Close',
    caughtBy: ['6455/7.4.1/every-code-defined'],
    verdicts: { '*': 'WARN' },
    roles: ['server'],
  },
  {
    breaks: 'refuses registered status codes',
    caughtBy: ['6455/7.4.2/every-code-registered-since'],
    roles: ['server'],
  },
  {
    breaks: 'refuses registered status codes',
    caughtBy: ['6455/7.4.2/close-with-1012', '6455/7.4.2/close-with-1013', '6455/7.4.2/close-with-1014'],
  },
  {
    breaks: 'takes reasons that are not UTF-8',
    caughtBy: [
      '6455/5.5.1/close-with-reason-overlong',
      '6455/5.5.1/close-with-reason-surrogate',
      '6455/5.5.1/close-with-reason-beyond-unicode',
      '6455/5.5.1/close-with-reason-cut',
      '6455/5.5.1/close-with-reason-lonely-continuation',
      '6455/5.5.1/close-with-reason-impossible-octet',
    ],
  },
  {
    breaks: 'sends data after its Close',
    caughtBy: [
      '6455/5.5.1/close-with-code',
      '6455/5.5.1/illegal-frame-after-close',
      '6455/5.5.1/end-of-tcp-right-behind-close',
    ],
  },
  {
    breaks: 'goes on after a Close',
    caughtBy: ['6455/5.5.1/text-after-close', '6455/5.5.1/fragment-after-close'],
  },
  { breaks: 'goes on after a Close', caughtBy: ['6455/5.5.1/close-after-close'], roles: ['server'] },
  {
    breaks: 'goes on after a Close',
    caughtBy: ['6455/5.5.1/close-after-close'],
    verdicts: { '*': 'WARN' },
    roles: ['client'],
  },
  {
    breaks: 'goes on after failing',
    caughtBy: [
      '6455/7.1.7/*-after-failing',
      '6455/7.1.7/message-behind-illegal-frame',
      '6455/7.1.7/close-behind-illegal-frame',
    ],
    // A second Close frame.
    verdicts: { '6455/7.1.7/illegal-frame-after-failing': 'WARN', '6455/7.1.7/close-behind-illegal-frame': 'WARN' },
  },
  { breaks: 'fails without a word', caughtBy: ['6455/7.1.7/close-frame-before-closing'] },
  {
    breaks: 'falls silent at what is wrong',
    caughtBy: ['6455/5.2/opcode-3-empty', '6455/5.4/continuation-of-nothing', '6455/5.5.1/close-body-of-one-octet'],
  },
  { breaks: 'falls silent at what is wrong', caughtBy: ['6455/4.2.1/version-0'], roles: ['server'] },
  {
    breaks: 'keeps TCP open after failing',
    caughtBy: ['6455/7.1.7/ends-tcp-after-failing', '6455/7.1.7/server-closes-tcp', '6455/5.1/unmasked-empty-close'],
    roles: ['server'],
  },
  {
    breaks: 'keeps TCP open after failing',
    caughtBy: ['6455/7.1.7/illegal-frame-after-failing', '6455/7.1.7/close-behind-illegal-frame'],
  },
  {
    breaks: 'keeps TCP open after the Closing Handshake',
    caughtBy: ['6455/7.1.1/server-ends-tcp', '6455/7.1.2/closes-after-both-close-frames'],
    roles: ['server'],
  },
  { breaks: 'resets TCP', caughtBy: ['6455/7.1.7/close-frame-before-closing'], roles: ['server'] },
  { breaks: 'resets TCP', caughtBy: ['6455/7.1.1/closes-cleanly'], roles: ['client'] },
  // It waits for something to answer with a reset.
  { breaks: 'resets TCP', caughtBy: ['6455/7.1.1/closes-cleanly'], verdicts: { '*': 'FAIL' }, roles: ['server'] },
  { breaks: 'fails without a word', caughtBy: ['6455/7.1.7/fails-while-*'] },
  {
    breaks: 'answers an empty Close with 1005',
    caughtBy: ['6455/7.1.5/empty-close-is-not-answered-with-1005', '6455/5.5.1/close-without-body'],
  },
  {
    breaks: 'closes with 1006 when TCP ends',
    caughtBy: ['6455/7.1.5/lost-connection-is-not-closed-with-1006', '6455/10.4/declares-*', '6455/7.1.1/end-of-tcp-*'],
    roles: ['server'],
  },
  {
    breaks: 'closes with 1006 when TCP ends',
    caughtBy: ['6455/7.1.5/lost-connection-is-not-closed-with-1006'],
    roles: ['client'],
  },
  { breaks: 'closes after three messages', caughtBy: ['6455/7.1.7/client-does-not-close'], roles: ['client'] },
  { breaks: 'ends TCP before the server', caughtBy: ['6455/7.1.1/client-waits-for-the-end-of-tcp'], roles: ['client'] },
  {
    breaks: 'keeps its side of TCP open',
    caughtBy: ['6455/7.1.1/end-of-tcp-*', '6455/10.4/declares-*'],
    roles: ['client'],
  },
  // The end of our side obliges no server (§7.1.4).
  {
    breaks: 'keeps its side of TCP open',
    caughtBy: ['6455/7.1.1/end-of-tcp-*', '6455/10.4/declares-*'],
    verdicts: { '*': 'WARN' },
    roles: ['server'],
  },
  {
    breaks: 'keeps its side of TCP open',
    caughtBy: ['6455/7.1.2/closes-after-both-close-frames'],
    roles: ['client'],
  },
  {
    breaks: 'keeps TCP open after failing',
    caughtBy: ['6455/7.1.7/client-closes-tcp', '6455/5.1/masked-empty-close'],
    roles: ['client'],
  },
] as const satisfies readonly Mutant[]
