/** Heads of HTTP messages, read as naively as can be, rightly or broken. */
import type { Break } from './mutants.js'

export interface NaiveHead {
  /** The first line. */
  readonly start: string
  /** Names as they came, values without white space around. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The values of all lines of that name, joined. */
  get(name: string): string | undefined
  count(name: string): number
}

/** @returns undefined for what is malformed. */
export function naiveHead(text: string, breaks: ReadonlySet<Break>): NaiveHead | undefined {
  const read = breaks.has('reads heads as text') ? lowOctets(text) : text
  const [start = '', ...lines] = read
    .replace(/^\r\n/, breaks.has('takes no empty line before') ? '\r\n' : '')
    .split(breaks.has('takes CR for the end of a line') ? /\r\n?/ : '\r\n')
  const fields: [string, string][] = []
  for (const line of lines) {
    const [, name, value] = pattern(breaks).exec(line) ?? []
    const cut = breaks.has('cuts values at NUL') ? /\0.*/s : /$^/
    if (name !== undefined && value !== undefined) fields.push([name.trim(), value.replace(cut, '')])
    else if (!breaks.has('skips lines that are no fields')) return undefined
  }
  const key = (name: string) => (breaks.has('compares names with case') ? name : name.toLowerCase())
  const all = (wanted: string) => fields.filter(([name]) => key(name) === key(wanted)).map(([, value]) => value)
  return {
    start,
    fields,
    get: name => (all(name).length === 0 ? undefined : all(name).join(', ')),
    count: name => all(name).length,
  }
}

/** Characters of UTF-8, each cut to an octet, as string libraries do. */
function lowOctets(text: string): string {
  return Buffer.from(Buffer.from(text, 'latin1').toString(), 'latin1').toString('latin1')
}

function pattern(breaks: ReadonlySet<Break>): RegExp {
  if (breaks.has('takes white space around names')) return /^([^:]+):[ \t]*(.*?)[ \t]*$/
  if (breaks.has('takes any name')) return /^([^: \t]*(?: [^: \t]+)*):[ \t]*(.*?)[ \t]*$/
  if (breaks.has('keeps white space around values')) return /^([!#$%&'*+.^_`|~\w-]+): ?(.*)$/
  if (breaks.has('needs a space before values')) return /^([!#$%&'*+.^_`|~\w-]+): (.*?)[ \t]*$/
  return /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/
}

/** Whether a value that is a list, or is taken for one word, has the token. */
export function hasToken(
  value: string | undefined,
  token: string,
  { oneWord, withCase, ending }: { readonly oneWord: boolean; readonly withCase: boolean; readonly ending: boolean },
): boolean {
  const folded = (text: string) => (withCase ? text : text.toLowerCase())
  const elements = oneWord ? [value ?? ''] : (value ?? '').split(',').map(one => one.trim())
  return elements.some(one => (ending ? folded(one).endsWith(folded(token)) : folded(one) === folded(token)))
}

/** Sec-WebSocket-Extensions (RFC 6455 §9.1). */
export function isExtensionList(value: string): boolean {
  const token = "[!#$%&'*+.^_`|~\\w-]+"
  const one = `${token}(?:\\s*;\\s*${token}(?:=(?:${token}|"${token}"))?)*`
  return new RegExp(`^${one}(?:\\s*,\\s*${one})*$`).test(value)
}
