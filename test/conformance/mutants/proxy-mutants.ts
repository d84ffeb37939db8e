/** The broken proxies: what each does wrong, and the cases that must catch it. */
import type { Mutant } from './mutant.js'

export const proxyMutants = [
  { breaks: 'passes no Upgrade on', caughtBy: ['9110/7.8/proxy-passes-upgrade'] },
  { breaks: 'passes Upgrade without Connection', caughtBy: ['9110/7.8/proxy-passes-upgrade'] },
  { breaks: 'puts an accept value of its own', caughtBy: ['6455/4.1/proxy-passes-key'] },
  { breaks: 'drops last fragments', caughtBy: ['6455/5.4/proxy-keeps-fragments-with-extension'] },
  { breaks: 'sends what is no request', caughtBy: ['9110/7.8/proxy-passes-upgrade'] },
  { breaks: 'puts a key of its own', caughtBy: ['6455/4.1/proxy-passes-key'] },
  { breaks: 'turns the order of lines round', caughtBy: ['9110/5.3/proxy-keeps-the-order-of-subprotocols'] },
  { breaks: 'takes extensions out', caughtBy: ['6455/9.1/proxy-passes-extensions'] },
  { breaks: 'chooses no extension', caughtBy: ['6455/9.1/proxy-passes-extensions'] },
  { breaks: 'drops fields that it does not know', caughtBy: ['9110/7.6/proxy-passes-unknown-fields'] },
  { breaks: 'unescapes its target', caughtBy: ['9110/7.7/proxy-keeps-the-query'] },
  {
    breaks: 'answers refusals with 502',
    caughtBy: ['9110/7.6/proxy-passes-status-*', '9110/7.7/proxy-passes-content-of-a-refusal'],
  },
  { breaks: 'answers 101 to who is refused', caughtBy: ['9112/2.2/proxy-opens-no-tunnel-when-refused'] },
  {
    breaks: 'refuses with 502 what must be mended',
    caughtBy: ['9112/5.1/proxy-mends-space-before-colon'],
    verdicts: { '*': 'WARN' },
  },
  { breaks: 'drops the fields of refusals', caughtBy: ['9110/7.6/proxy-passes-status-*'] },
  { breaks: 'drops what is behind the response', caughtBy: ['6455/4.2.2/proxy-passes-what-is-behind-the-response'] },
  { breaks: 'unmasks frames', caughtBy: ['6455/5.1/proxy-passes-masked-frames'] },
  {
    breaks: 'changes an octet of large messages',
    caughtBy: [
      '6455/5.4/proxy-keeps-the-order-of-fragments',
      '6455/7.1.1/proxy-passes-what-comes-last',
      '6455/7.1.1/proxy-passes-what-the-client-sends-last',
    ],
  },
  { breaks: 'cuts control frames', caughtBy: ['6455/5.4/proxy-keeps-control-frames-whole'] },
  { breaks: 'clears reserved bits', caughtBy: ['6455/5.4/proxy-keeps-reserved-bits'] },
  {
    breaks: 'joins fragments',
    caughtBy: ['6455/5.4/proxy-keeps-fragments-with-extension', '6455/5.4/proxy-keeps-control-frames-whole'],
  },
  { breaks: 'answers Pings itself', caughtBy: ['6455/5.5.2/proxy-passes-pings'] },
  { breaks: 'sends Pings twice', caughtBy: ['6455/5.5.2/proxy-passes-pings'] },
  { breaks: 'changes the payload of Pongs', caughtBy: ['6455/5.5.2/proxy-passes-pings'] },
  { breaks: 'drops Pongs', caughtBy: ['6455/5.5.2/proxy-passes-pings'] },
  { breaks: 'holds small messages back', caughtBy: ['6455/6.1/proxy-holds-nothing-back'] },
  { breaks: 'ends idle connections', caughtBy: ['6455/7.3/proxy-keeps-idle-connections'] },
  {
    breaks: 'closes with 1000',
    caughtBy: [1001, 1011, 3000, 4999].map(code => `6455/7.1.5/proxy-passes-close-with-${code}`),
  },
  { breaks: 'drops reasons', caughtBy: ['6455/7.1.6/proxy-passes-reasons'] },
  {
    breaks: 'drops Close frames',
    caughtBy: [
      '6455/7.1.5/proxy-passes-close-with-1000',
      '6455/7.1.5/proxy-passes-empty-close',
      '6455/7.1.1/proxy-passes-what-comes-last',
    ],
  },
  {
    breaks: 'cuts both sides at the first end',
    caughtBy: ['6455/7.1.1/proxy-passes-what-comes-last', '6455/7.1.1/proxy-keeps-the-way-*-open'],
  },
  {
    breaks: 'takes an interim response for the last',
    caughtBy: ['9110/15.2/proxy-reads-past-interim-responses', '9110/15.2/proxy-passes-interim-responses'],
  },
  { breaks: 'keeps interim responses to itself', caughtBy: ['9110/15.2/proxy-passes-interim-responses'] },
  {
    breaks: 'drops the content of refusals',
    caughtBy: [
      '9110/7.7/proxy-passes-content-of-a-refusal',
      '9112/6.1/proxy-passes-chunked-refusal',
      '9112/6.3/proxy-passes-refusal-that-ends-with-tcp',
    ],
  },
  { breaks: 'passes folded lines on', caughtBy: ['9112/5.2/proxy-unfolds-responses'] },
  { breaks: 'passes spaces before colons on', caughtBy: ['9112/5.1/proxy-mends-space-before-colon'] },
  { breaks: 'passes two lengths on', caughtBy: ['9112/6.3/proxy-passes-one-length'] },
  { breaks: 'says nothing behind refusals', caughtBy: ['9112/2.2/proxy-opens-no-tunnel-when-refused'] },
  { breaks: 'opens a tunnel when refused', caughtBy: ['9112/2.2/proxy-opens-no-tunnel-when-refused'] },
  { breaks: 'keeps TCP open when it is reset', caughtBy: ['6455/7.1.4/proxy-passes-a-reset-of-*'] },
  { breaks: 'keeps TCP open', caughtBy: ['6455/7.1.4/*', '6455/7.1.5/proxy-passes-close-with-1001'] },
  {
    breaks: 'keeps TCP open behind it',
    caughtBy: ['6455/7.1.4/proxy-passes-the-end-of-the-client', '6455/7.1.5/proxy-passes-empty-close'],
  },
  { breaks: 'answers 502 to all', caughtBy: ['9110/7.8/proxy-passes-upgrade', '9110/7.6/proxy-passes-status-401'] },
  {
    breaks: 'says nothing',
    caughtBy: ['9110/7.8/proxy-passes-upgrade', '9110/7.6/proxy-passes-status-401', '9112/6.3/proxy-passes-one-length'],
  },
  {
    breaks: 'answers 200 to who is accepted',
    caughtBy: ['9110/7.8/proxy-passes-upgrade', '9112/5.2/proxy-unfolds-responses'],
  },
  {
    breaks: 'swallows responses',
    caughtBy: [
      '9110/7.8/proxy-passes-upgrade',
      '9110/7.6/proxy-passes-status-401',
      '9112/5.2/proxy-unfolds-responses',
      '9112/2.2/proxy-opens-no-tunnel-when-refused',
    ],
  },
] as const satisfies readonly Mutant[]

export type ProxyBreak = (typeof proxyMutants)[number]['breaks']
