/** The broken endpoints that take a short cut, right nearly always; see mutants.ts. */
import type { Mutant } from './mutant.js'

export const hastyMutants = [
  {
    breaks: 'checks UTF-8 of the first 60 octets only',
    caughtBy: ['63', '64', '65', '126', '1000', '65535', '65536'].flatMap(length => [
      `6455/8.1/invalid-at-the-end-of-${length}-octets*`,
      `6455/8.1/unfinished-at-the-end-of-${length}-octets*`,
    ]),
  },
  { breaks: 'checks no UTF-8 above a thousand octets', caughtBy: ['6455/8.1/*-of-65535-*', '6455/8.1/*-of-65536-*'] },
  {
    breaks: 'checks UTF-8 of whole blocks of eight only',
    caughtBy: ['9', '10', '11', '12', '13', '14', '15', '17', '63', '65', '126', '65535'].map(
      length => `6455/8.1/*-at-the-end-of-${length}-octets*`,
    ),
  },
  {
    breaks: 'lets long texts end within a code point',
    caughtBy: ['63', '64', '65', '126', '1000', '65535', '65536'].map(
      length => `6455/8.1/unfinished-at-the-end-of-${length}-octets*`,
    ),
  },
  { breaks: 'reads 32 bits of lengths', caughtBy: ['6455/5.2/*-declaring-2-to-the-32-plus-5'] },
  {
    breaks: 'tells by its octets whether a message has begun',
    caughtBy: ['6455/5.4/*-within-empty-*', '6455/5.4/*-of-empty-fragments'],
  },
  {
    breaks: 'ignores RSV bits of middle fragments',
    caughtBy: ['6455/5.2/rsv*-on-middle-fragment', '7692/6/rsv*-on-middle-*', '7692/6.1/*-in-the-middle*'],
  },
  {
    breaks: 'takes tokens that end as they should',
    caughtBy: [
      '6455/4.2.1/upgrade-to-xwebsocket',
      '6455/4.2.1/connection-x-upgrade',
      '6455/4.2.1/connection-no-upgrade',
    ],
    roles: ['server'],
  },
  {
    breaks: 'takes tokens that end as they should',
    caughtBy: [
      '6455/4.1/response-upgrade-to-xwebsocket',
      '6455/4.1/response-connection-x-upgrade',
      '6455/4.1/response-connection-no-upgrade',
    ],
    roles: ['client'],
  },
  {
    breaks: 'answers empty Pings with what an earlier one left',
    caughtBy: ['6455/5.5.3/pong-repeats-nothing-of-earlier-pings'],
  },
] as const satisfies readonly Mutant[]
