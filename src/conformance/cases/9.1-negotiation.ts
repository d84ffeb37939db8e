/** RFC 6455 §9.1: Sec-WebSocket-Extensions that is not of its grammar, in requests and in responses. */
import type { Case } from '../case.js'
import { awaitRefused, sendRequest } from '../steps/requesting.js'
import { awaitNotOpened, sendWrongResponse } from '../steps/responding.js'

const malformed =
  'If a value is received by either the client or the server during negotiation that does not conform to the ABNF below, the recipient of such malformed data MUST immediately _Fail the WebSocket Connection_.'
const list = `${malformed}[…]extension-list = 1#extension`
const extension = `${malformed}[…]extension = extension-token *( ";" extension-param )`
const token = `${malformed}[…]registered-token = token`
const parameter = `${malformed}[…]extension-param = token [ "=" (token | quoted-string) ]`
const quoted =
  "When using the quoted-string syntax variant, the value after quoted-string unescaping MUST conform to the 'token' ABNF."

const values: [name: string, title: string, value: string, requirement?: string][] = [
  ['lonely-semicolon', 'only a semicolon', ';', list],
  ['semicolon-at-the-end', 'a semicolon at the end', 'x-one;', extension],
  ['two-semicolons', 'two semicolons in a row', 'x-one;; a', extension],
  ['equals-without-name', 'a parameter without a name', 'x-one; =1', parameter],
  ['equals-without-value', 'a parameter with = and no value', 'x-one; a=', parameter],
  ['two-equals', 'a parameter with two =', 'x-one; a=1=2', parameter],
  ['open-quote', 'a quoted string that does not end', 'x-one; a="1', parameter],
  ['words', 'two tokens without anything between', 'x-one x-two', list],
  ['quoted-name', 'a name in quotes', '"x-one"', token],
  ['name-with-parentheses', 'a name that is no token', 'x(one)', token],
  ['name-with-slash', 'a name with a slash', 'x/one', token],
  ['value-with-at-sign', 'a value that is no token', 'x-one; a=@', parameter],
  ['second-of-two', 'a good one, and one that is no token', 'x-one, x@two'],
  ['quoted-space', 'a quoted value with a space', 'x-one; a="1 2"', quoted],
  ['quoted-nothing', 'a quoted value of no octets', 'x-one; a=""', quoted],
  ['quoted-comma', 'a quoted value with a comma', 'x-one; a="1,2"', quoted],
]

const sides: [tested: 'server' | 'client', of: string, steps: (line: string) => ReturnType<Case['steps']>][] = [
  ['server', 'request', line => [sendRequest({ more: [line] }), awaitRefused()]],
  ['client', 'response', line => [sendWrongResponse({ more: [line] }), awaitNotOpened()]],
]

export const negotiationCases: readonly Case[] = sides.flatMap(([tested, of, steps]) =>
  values.map(
    ([name, title, value, requirement = malformed]): Case => ({
      id: `6455/9.1/${of}-${name}`,
      title: `${title}: Sec-WebSocket-Extensions: ${value}`,
      requirement,
      level: 'MUST',
      roles: [tested],
      opening: 'raw',
      steps: () => steps(`Sec-WebSocket-Extensions: ${value}`),
    }),
  ),
)
