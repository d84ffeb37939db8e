/** The broken endpoints whose fault is in the Opening Handshake; see mutants.ts. */
import { type Mutant, someEchoes } from './mutant.js'

export const openingMutants = [
  // The Opening Handshake: what it takes
  {
    breaks: 'accepts every method',
    caughtBy: ['6455/4.2.1/post', '6455/4.2.1/put', '6455/4.2.1/delete', '6455/4.2.1/get-in-lower-case'],
    roles: ['server'],
  },
  { breaks: 'upgrades HTTP/1.0', caughtBy: ['9110/7.8/http-1-0'], roles: ['server'] },
  { breaks: 'refuses absolute targets', caughtBy: ['9112/3.2.2/absolute-form'], roles: ['server'] },
  { breaks: 'does not look at Host', caughtBy: ['9112/3.2/*'], roles: ['server'] },
  {
    breaks: 'refuses unknown fields',
    caughtBy: ['6455/4.2.1/unknown-field*', '6455/4.2.1/cookie', '6455/4.2.1/fields-named-as-properties'],
    roles: ['server'],
  },
  { breaks: 'refuses unknown fields', caughtBy: ['6455/4.1/response-unknown-fields'], roles: ['client'] },
  { breaks: 'refuses what is beyond ASCII', caughtBy: ['9110/5.5/octets-beyond-ascii'], roles: ['server'] },
  { breaks: 'needs its fields in order', caughtBy: ['6455/4.2.1/fields-in-reverse'], roles: ['server'] },
  { breaks: 'compares names with case', caughtBy: ['6455/4.2.1/names-in-*'], roles: ['server'] },
  { breaks: 'compares names with case', caughtBy: ['6455/4.1/response-names-in-*'], roles: ['client'] },
  { breaks: 'compares Upgrade with case', caughtBy: ['6455/4.2.1/upgrade-in-*'], roles: ['server'] },
  { breaks: 'compares Upgrade with case', caughtBy: ['6455/4.1/response-upgrade-in-*'], roles: ['client'] },
  {
    breaks: 'compares Connection with case',
    caughtBy: ['6455/4.2.1/connection-in-lower-case', '6455/4.2.1/connection-in-capitals'],
    roles: ['server'],
  },
  {
    breaks: 'compares Connection with case',
    caughtBy: ['6455/4.1/response-connection-in-lower-case'],
    roles: ['client'],
  },
  {
    breaks: 'takes Connection for one word',
    caughtBy: [
      '6455/4.2.1/connection-in-list',
      '6455/4.2.1/connection-list-without-space',
      '6455/4.2.1/connection-in-two-lines',
      '9110/5.3/list-in-many-lines',
    ],
    roles: ['server'],
  },
  { breaks: 'takes Connection for one word', caughtBy: ['6455/4.1/response-connection-in-list'], roles: ['client'] },
  { breaks: 'knows no empty elements', caughtBy: ['9110/5.6.1.2/empty-elements'], roles: ['server'] },
  {
    breaks: 'does not look at Upgrade',
    caughtBy: ['6455/4.2.1/without-upgrade', '6455/4.2.1/upgrade-to-*'],
    roles: ['server'],
  },
  {
    breaks: 'does not look at Upgrade',
    caughtBy: ['6455/4.1/response-without-upgrade', '6455/4.1/response-upgrade-to-*'],
    roles: ['client'],
  },
  {
    breaks: 'does not look at Connection',
    caughtBy: ['6455/4.2.1/without-connection', '6455/4.2.1/connection-keep-alive', '6455/4.2.1/connection-upgradex'],
    roles: ['server'],
  },
  {
    breaks: 'does not look at Connection',
    caughtBy: [
      '6455/4.1/response-without-connection',
      '6455/4.1/response-connection-keep-alive',
      '6455/4.1/response-connection-upgradex',
    ],
    roles: ['client'],
  },
  {
    breaks: 'does not look at the key',
    caughtBy: ['6455/4.2.1/without-key', '6455/4.2.1/empty-key', '6455/4.2.1/two-*-keys', '6455/4.2.1/key-*'],
    roles: ['server'],
  },
  {
    breaks: 'does not look at the version',
    caughtBy: [
      '6455/4.2.1/without-version',
      '6455/4.2.1/empty-version',
      '6455/4.2.1/version-*',
      '6455/4.2.1/two-versions',
      '6455/4.2.1/list-of-versions',
    ],
    roles: ['server'],
  },
  {
    breaks: 'reads versions as far as they are numbers',
    caughtBy: [
      '6455/4.2.1/version-with-sign',
      '6455/4.2.1/version-with-point',
      '6455/4.2.1/version-with-leading-zero',
      '6455/4.2.1/list-of-versions',
    ],
    roles: ['server'],
  },
  {
    breaks: 'refuses versions without telling its own',
    caughtBy: [0, 7, 12, 14, 255].map(number => `6455/4.2.1/version-${number}`),
    roles: ['server'],
  },
  { breaks: 'ignores malformed extensions', caughtBy: ['6455/9.1/request-*'], roles: ['server'] },
  { breaks: 'takes no empty line before', caughtBy: ['9112/2.2/empty-line-before'], roles: ['server'] },
  {
    breaks: 'skips lines that are no fields',
    caughtBy: ['9112/2.2/line-without-colon', '9112/2.2/target-missing', '9112/2.2/http-version-in-lower-case'],
    roles: ['server'],
  },
  {
    breaks: 'takes white space around names',
    caughtBy: ['9112/5.1/space-before-colon', '9112/5.1/tab-before-colon', '9112/2.2/space-before-first-field'],
    roles: ['server'],
  },
  { breaks: 'takes any name', caughtBy: ['9112/2.2/empty-name', '9112/2.2/name-with-*'], roles: ['server'] },
  {
    breaks: 'keeps white space around values',
    caughtBy: ['9112/5.1/spaces-behind-values'],
    roles: ['server'],
  },
  {
    breaks: 'keeps white space around values',
    caughtBy: ['6455/4.1/response-accept-with-white-space'],
    roles: ['client'],
  },
  {
    breaks: 'needs a space before values',
    caughtBy: ['9110/5.6.3/tabs-around-values', '9112/5.1/no-space-before-values'],
    roles: ['server'],
  },
  { breaks: 'reads heads from one segment', caughtBy: ['9112/2.2/octet-by-octet'], roles: ['server'] },
  { breaks: 'reads heads from one segment', caughtBy: ['6455/4.1/response-octet-by-octet'], roles: ['client'] },

  // The Opening Handshake: what it sends
  { breaks: 'answers in HTTP/1.0', caughtBy: ['6455/4.2.2/http-version'], roles: ['server'] },
  { breaks: 'sends no Upgrade', caughtBy: ['6455/4.2.2/upgrade'], roles: ['server'] },
  { breaks: 'sends no Connection', caughtBy: ['6455/4.2.2/connection'], roles: ['server'] },
  {
    breaks: 'sends a wrong accept value',
    caughtBy: ['6455/4.2.2/accept-for-the-key-of-the-rfc', ...someEchoes],
    roles: ['server'],
  },
  { breaks: 'sends its accept value twice', caughtBy: ['6455/4.2.2/accept-once'], roles: ['server'] },
  {
    breaks: 'always chooses a subprotocol',
    caughtBy: ['6455/4.2.2/no-subprotocol', '6455/4.2.2/unknown-subprotocol*'],
    roles: ['server'],
  },
  {
    breaks: 'always agrees to an extension',
    caughtBy: ['6455/4.2.2/no-extensions', ...someEchoes],
    roles: ['server'],
  },
  { breaks: 'agrees to every extension', caughtBy: ['6455/4.2.2/unknown-extension*'], roles: ['server'] },
  { breaks: 'asks with POST', caughtBy: ['6455/4.1/request-get'], roles: ['client'] },
  { breaks: 'speaks HTTP/1.0', caughtBy: ['6455/4.1/request-http-version'], roles: ['client'] },
  { breaks: 'sends no Host', caughtBy: ['6455/4.1/request-host'], roles: ['client'] },
  { breaks: 'asks for no Upgrade', caughtBy: ['6455/4.1/request-upgrade'], roles: ['client'] },
  { breaks: 'asks to keep alive', caughtBy: ['6455/4.1/request-connection'], roles: ['client'] },
  { breaks: 'sends a key of 8 octets', caughtBy: ['6455/4.1/request-key'], roles: ['client'] },
  { breaks: 'sends one key always', caughtBy: ['6455/4.1/request-key-of-each-connection'], roles: ['client'] },
  { breaks: 'asks for version 8', caughtBy: ['6455/4.1/request-version'], roles: ['client'] },
  { breaks: 'asks for a subprotocol twice', caughtBy: ['6455/4.1/request-subprotocols'], roles: ['client'] },
  { breaks: 'sends its URL as Origin', caughtBy: ['6455/4.1/request-origin'], roles: ['client'] },
  { breaks: 'sends a fragment in its target', caughtBy: ['6455/4.1/request-no-fragment'], roles: ['client'] },
  { breaks: 'sends data behind its request', caughtBy: ['6455/4.1/request-waits-for-the-response'], roles: ['client'] },

  // The Opening Handshake: what a client takes
  { breaks: 'does not look at the status', caughtBy: ['6455/4.1/response-status-*'], roles: ['client'] },
  {
    breaks: 'refuses another reason phrase',
    caughtBy: ['6455/4.1/response-another-reason', '6455/4.1/response-no-reason'],
    roles: ['client'],
  },
  { breaks: 'takes an interim response for the last', caughtBy: ['6455/4.1/response-after-*'], roles: ['client'] },
  {
    breaks: 'does not look at the accept value',
    caughtBy: [
      '6455/4.1/response-without-accept',
      '6455/4.1/response-empty-accept',
      '6455/4.1/response-accept-for-another-key',
      '6455/4.1/response-accept-is-the-key',
      '6455/4.1/response-accept-with-more',
      '6455/4.1/response-accept-in-quotes',
      '6455/4.1/response-two-accepts',
    ],
    roles: ['client'],
  },
  {
    breaks: 'takes every extension',
    caughtBy: ['6455/4.1/response-unknown-extension', '6455/9.1/response-*'],
    roles: ['client'],
  },
  { breaks: 'takes every subprotocol', caughtBy: ['6455/4.1/response-*-subprotocol'], roles: ['client'] },
] as const satisfies readonly Mutant[]
