/**
 * The grammar of header fields: RFC 9110 §5.6 (tokens, quoted strings, lists, parameters) and RFC 6455 §9.1, which
 * allows white space around every word ("implied *LWS rule"). Every function reads its text once, from left to right,
 * and uses no regular expression: time is linear in the length whatever a peer sends.
 */

/** What an octet may be part of; a set of bits, looked up in {@link octetClasses}. */
export const OctetClass = {
  /** RFC 9110 §5.6.2: `tchar`. */
  token: 1,
  /** RFC 9110 §5.5: `field-vchar`, space and tab, so everything that may stand in a field value. */
  fieldValue: 2,
  /** Visible US-ASCII (VCHAR) and the space: what a request line is made of. */
  printable: 4,
} as const

/** The classes of each of the 256 octets. */
export const octetClasses: Uint8Array = makeOctetClasses()

function makeOctetClasses(): Uint8Array {
  const classes = new Uint8Array(256)
  classes[0x09] = OctetClass.fieldValue
  for (let octet = 0x20; octet <= 0x7e; octet++) classes[octet] = OctetClass.fieldValue | OctetClass.printable
  for (let octet = 0x80; octet <= 0xff; octet++) classes[octet] = OctetClass.fieldValue
  const tchar = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
  for (let i = 0; i < tchar.length; i++) classes[tchar.charCodeAt(i)]! |= OctetClass.token
  return classes
}

function consistsOf(text: string, octetClass: number): boolean {
  for (let i = 0; i < text.length; i++) {
    // A code unit above 0xff is not an octet: it finds undefined, and undefined & bits is 0.
    if ((octetClasses[text.charCodeAt(i)]! & octetClass) === 0) return false
  }
  return true
}

/** Is this a `token` (RFC 9110 §5.6.2)? The empty string is not. */
export function isToken(text: string): boolean {
  return text.length > 0 && consistsOf(text, OctetClass.token)
}

/** May this stand as a field value (RFC 9110 §5.5)? No CR, LF, NUL or other control, nothing above U+00FF. */
export function isFieldValue(text: string): boolean {
  return consistsOf(text, OctetClass.fieldValue)
}

/** Visible US-ASCII only, no space, and not empty. */
export function isVisibleAscii(text: string): boolean {
  return text.length > 0 && !text.includes(' ') && consistsOf(text, OctetClass.printable)
}

/**
 * A number in ASCII digits, at most nine of them (so that it is exact), or undefined: no sign, no white space, no
 * exponent, no other script's digits.
 */
export function parseDigits(text: string): number | undefined {
  if (text.length === 0 || text.length > 9) return undefined
  let number = 0
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30
    if (digit < 0 || digit > 9) return undefined
    number = number * 10 + digit
  }
  return number
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/**
 * The elements of a comma-separated list (RFC 9110 §5.6.1), white space around them taken off, empty ones kept as
 * ''. For lists of tokens: a comma in a quoted string is not understood.
 */
export function splitList(text: string): string[] {
  const elements: string[] = []
  let start = 0
  while (start <= text.length) {
    const comma = text.indexOf(',', start)
    const next = comma === -1 ? text.length : comma
    let end = next
    while (start < end && isWhiteSpace(text.charCodeAt(start))) start++
    while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--
    elements.push(text.slice(start, end))
    start = next + 1
  }
  return elements
}

/** `name`, `name=value` or `name="value"` (unescaped); without a value it is undefined. */
export type Parameter = readonly [name: string, value: string | undefined]

/** An element of a list with its parameters: `token *( ";" parameter )`. */
export interface ParametrisedToken {
  /** The token before the parameters. */
  readonly name: string
  /** In the order received, repeated ones kept. */
  readonly parameters: readonly Parameter[]
}

/**
 * Parses `1#( token *( ";" token [ "=" ( token / quoted-string ) ] ) )`: RFC 9110 §5.6.1, §5.6.6 and RFC 6455 §9.1.
 * Empty list elements are ignored, as RFC 9110 §5.6.1.2 asks, but there must be one that is not.
 *
 * @returns undefined when the text does not conform.
 */
export function parseParametrisedTokens(text: string): ParametrisedToken[] | undefined {
  const words = new Words(text)
  const elements: ParametrisedToken[] = []
  while (!words.atEnd()) {
    if (words.take(',')) continue
    const name = words.token()
    if (name === undefined) return undefined
    const parameters = parseParameters(words)
    if (parameters === undefined || !(words.atEnd() || words.take(','))) return undefined
    elements.push({ name, parameters })
  }
  return elements.length > 0 ? elements : undefined
}

function parseParameters(words: Words): Parameter[] | undefined {
  const parameters: Parameter[] = []
  while (words.take(';')) {
    const name = words.token()
    if (name === undefined) return undefined
    if (!words.take('=')) {
      parameters.push([name, undefined])
      continue
    }
    const value = words.take('"') ? words.quoted() : words.token()
    if (value === undefined) return undefined
    parameters.push([name, value])
  }
  return parameters
}

/** The words of a text one after another; white space between them is skipped. */
class Words {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  atEnd(): boolean {
    while (isWhiteSpace(this.#text.charCodeAt(this.#at))) this.#at++
    return this.#at === this.#text.length
  }

  /** Steps over this character if it comes next. */
  take(character: string): boolean {
    if (this.atEnd() || this.#text[this.#at] !== character) return false
    this.#at++
    return true
  }

  token(): string | undefined {
    if (this.atEnd()) return undefined
    const start = this.#at
    while ((octetClasses[this.#text.charCodeAt(this.#at)]! & OctetClass.token) !== 0) this.#at++
    return this.#at === start ? undefined : this.#text.slice(start, this.#at)
  }

  /** The rest of a `quoted-string` after its opening quote, unescaped (RFC 9110 §5.6.4). */
  quoted(): string | undefined {
    let unescaped = ''
    let start = this.#at
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if ((octetClasses[code]! & OctetClass.fieldValue) === 0) return undefined
      if (code === 0x22) break
      if (code === 0x5c) {
        unescaped += this.#text.slice(start, this.#at)
        start = ++this.#at
        if ((octetClasses[this.#text.charCodeAt(start)]! & OctetClass.fieldValue) === 0) return undefined
      }
      this.#at++
    }
    unescaped += this.#text.slice(start, this.#at++)
    return unescaped
  }
}
