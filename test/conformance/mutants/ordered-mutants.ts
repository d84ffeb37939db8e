/** The broken clients that take orders: what each does wrong, and the cases that must catch it. */
import type { Mutant } from './mutant.js'

export const orderedMutants = [
  // What it asks for
  {
    breaks: 'asks for no subprotocol',
    caughtBy: [
      '6455/4.1/ordered-one-subprotocol',
      '6455/4.1/ordered-three-subprotocols',
      '6455/4.1/ordered-subprotocol*',
    ],
  },
  { breaks: 'asks for subprotocols in reverse', caughtBy: ['6455/4.1/ordered-three-subprotocols'] },
  { breaks: 'asks for any subprotocol', caughtBy: ['6455/4.1/ordered-a-*', '6455/4.1/ordered-an-*'] },
  { breaks: 'takes every subprotocol', caughtBy: ['6455/4.1/chosen-*'] },
  { breaks: 'fails without a subprotocol', caughtBy: ['6455/4.1/reports-no-subprotocol'] },
  { breaks: 'tells of the first subprotocol', caughtBy: ['6455/4.1/reports-the-second-subprotocol'] },
  { breaks: 'does not look at the status', caughtBy: ['6455/7.1.4/reports-that-there-is-no-connection'] },
  // What it sends
  { breaks: 'sends texts as binary', caughtBy: ['6455/5.6/sends-*'] },
  {
    breaks: 'encodes half a character as it is',
    caughtBy: ['6455/5.6/does-not-send-half-a-character', '6455/5.5.1/does-not-close-with-half-a-character'],
  },
  { breaks: 'sends fragments as messages', caughtBy: ['6455/5.4/sends-fragments'] },
  { breaks: 'sends messages within fragments', caughtBy: ['6455/5.4/sends-a-message-behind-fragments'] },
  { breaks: 'sends no Ping', caughtBy: ['6455/5.5.2/sends-*ping*'] },
  { breaks: 'pings with any payload', caughtBy: ['6455/5.5.2/does-not-send-ping-*'] },
  // How it closes
  {
    breaks: 'closes with another code',
    caughtBy: ['6455/7.1.2/closes-with-????', '6455/7.1.2/closes-without-a-code', '6455/5.5.1/closes-once'],
  },
  { breaks: 'closes without a reason', caughtBy: ['6455/7.1.2/closes-with-reason*'] },
  { breaks: 'closes with any code', caughtBy: ['6455/7.4/does-not-close-with-*'] },
  { breaks: 'closes with any reason', caughtBy: ['6455/5.5.1/does-not-close-with-reason-*'] },
  {
    breaks: 'counts the characters of reasons',
    caughtBy: ['6455/5.5.1/does-not-close-with-reason-of-42-characters-and-126-octets'],
  },
  { breaks: 'sends data behind its Close', caughtBy: ['6455/5.5.1/sends-nothing-behind-its-close'] },
  { breaks: 'thinks that it has closed', caughtBy: ['6455/5.5.1/answers-a-close-after-refusing-its-own'] },
  { breaks: 'closes twice', caughtBy: ['6455/5.5.1/closes-once'], verdicts: { '*': 'WARN' } },
  { breaks: 'ends TCP before the server', caughtBy: ['6455/5.5.1/waits-for-the-server-to-end-tcp'] },
  { breaks: 'ends TCP with its Close', caughtBy: ['6455/5.5.1/waits-for-the-answer-to-its-close'] },
  // What it tells
  { breaks: 'tells nothing of the end', caughtBy: ['6455/7.1.4/reports-clean-end'] },
  { breaks: 'tells another code', caughtBy: ['6455/7.1.5/reports-code-*'] },
  { breaks: 'tells 1000 always', caughtBy: ['6455/7.1.5/reports-1*', '6455/7.1.5/reports-code-3000'] },
  { breaks: 'tells 1000 for an empty Close', caughtBy: ['6455/7.1.5/reports-1005*'] },
  { breaks: 'tells 1005 for a lost connection', caughtBy: ['6455/7.1.5/reports-1006-*'] },
  {
    breaks: 'tells the code that it sent',
    caughtBy: ['6455/7.1.5/reports-the-code-that-it-received', '6455/7.1.5/reports-1006-for-end-instead-of-an-answer'],
  },
  { breaks: 'tells the code that it failed with', caughtBy: ['6455/7.1.5/reports-1006-for-failing'] },
  { breaks: 'tells the last code', caughtBy: ['6455/7.1.5/reports-the-first-of-two-codes'] },
  { breaks: 'tells no reason', caughtBy: ['6455/7.1.6/reports-reason*'] },
  { breaks: 'tells a reason of its own', caughtBy: ['6455/7.1.6/reports-empty-reason'] },
  { breaks: 'tells that every end is clean', caughtBy: ['6455/7.1.5/reports-1006-for-end*'] },
  { breaks: 'tells that no end is clean', caughtBy: ['6455/7.1.4/reports-clean-end'] },
] as const satisfies readonly Mutant[]

/** What an ordered client can do wrong. */
export type OrderedBreak = (typeof orderedMutants)[number]['breaks']
