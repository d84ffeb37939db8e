/** What is typed at the prompt of `framewright connect`: text to send, or a command behind a slash. */
import { isSendableStatusCode } from '../status-code.js'

/** Something to do; `wrong` says what was not understood. */
export type SessionCommand =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'binary'; readonly octets: Buffer }
  | { readonly kind: 'ping'; readonly payload: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'info' | 'help' | 'quit' }
  | { readonly kind: 'wrong'; readonly message: string }

/** The commands, for `/help`. */
export const sessionHelp: readonly string[] = [
  'TEXT                   sends a text message',
  '//TEXT                 sends one that begins with a slash',
  '/binary HEX            sends a binary message: /binary 00 ff 7e',
  '/ping [TEXT]           sends a Ping and tells the round-trip time',
  '/close [CODE [REASON]] closes: /close 1000 bye; without a code as --close says',
  '/info                  tells of the connection',
  '/quit                  closes as --close says (also Ctrl-C, Ctrl-D)',
  '/help                  this',
]

/** Understands a line. */
export function parseSessionCommand(line: string): SessionCommand {
  if (!line.startsWith('/')) return { kind: 'text', text: line }
  if (line.startsWith('//')) return { kind: 'text', text: line.slice(1) }
  const [, name, rest] = /^\/(\S*)\s*(.*)$/s.exec(line) as unknown as [string, string, string]
  switch (name) {
    case 'binary':
      return binary(rest)
    case 'ping':
      return Buffer.byteLength(rest) > 125
        ? wrong('a Ping carries 125 octets at most')
        : { kind: 'ping', payload: rest }
    case 'close':
      return rest === '' ? { kind: 'quit' } : close(rest)
    case 'info':
    case 'help':
    case 'quit':
      return { kind: name }
    default:
      return wrong(`unknown command /${name}; /help lists them, //${name} sends it as text`)
  }
}

/** `CODE`, `CODE:REASON` or `CODE REASON`, checked as what a client may send; undefined for anything else. */
export function parseClose(text: string): { code: number; reason: string } | undefined {
  const [, digits, reason = ''] = /^(\d{4})(?:[:\s]\s*(.*))?$/s.exec(text) ?? []
  const code = Number(digits)
  if (digits === undefined || !isSendableStatusCode(code) || Buffer.byteLength(reason) > 123) return undefined
  return { code, reason }
}

function close(rest: string): SessionCommand {
  const parsed = parseClose(rest)
  return parsed === undefined
    ? wrong('/close takes a code that may be sent (1000, 3000 to 4999, …) and a reason of 123 octets at most')
    : { kind: 'close', ...parsed }
}

function binary(rest: string): SessionCommand {
  const digits = rest.replace(/0x|[\s,:]/gi, '')
  return /^(?:[0-9a-f]{2})*$/i.test(digits)
    ? { kind: 'binary', octets: Buffer.from(digits, 'hex') }
    : wrong('/binary takes pairs of hexadecimal digits')
}

function wrong(message: string): SessionCommand {
  return { kind: 'wrong', message }
}
