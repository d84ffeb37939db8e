/**
 * What a message must be like, and what is read out of it: by a regular expression, or by JSON Pointers (RFC 6901) for
 * messages that are JSON.
 */
import { fill, type Template } from './template.js'

/** A regular expression, or what must stand where in JSON; names in braces stand for their values, taken literally. */
export type Pattern =
  | { readonly kind: 'regexp'; readonly source: Template }
  | { readonly kind: 'json'; readonly fields: readonly (readonly [pointer: string, expected: Template])[] }

/** Where a value is read: the first group of a regular expression, or a place in JSON. */
export type Capture =
  | { readonly kind: 'regexp'; readonly source: string }
  | { readonly kind: 'json'; readonly pointer: string }

/** A message, taken apart at most once. */
export class Received {
  readonly text: string
  /** When it came. */
  readonly at: number
  #json: { readonly value: unknown } | undefined

  constructor(text: string, at: number) {
    this.text = text
    this.at = at
  }

  /** What stands there, as text; undefined where nothing does, or where the message is no JSON. */
  valueAt(pointer: string): string | undefined {
    this.#json ??= { value: parsed(this.text) }
    let value = this.#json.value
    for (const part of pointer.split('/').slice(1)) {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
      value = (value as Readonly<Record<string, unknown>>)[key]
    }
    return typeof value === 'string' ? value : JSON.stringify(value)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const expressions = new Map<string, RegExp>()

/** Compiled; the same one for the same source. */
function expression(source: string): RegExp {
  const known = expressions.get(source)
  if (known !== undefined) return known
  const made = new RegExp(source, 'u')
  expressions.set(source, made)
  return made
}

const special = /[\\^$.*+?()[\]{}|/]/g

export function matches(pattern: Pattern, message: Received, value: (name: string) => string): boolean {
  if (pattern.kind === 'json') {
    return pattern.fields.every(([pointer, expected]) => message.valueAt(pointer) === fill(expected, value))
  }
  const { source } = pattern
  if (source.length === 1) return expression(source[0]!).test(message.text)
  // Within a class of characters a hyphen has a meaning, and without one `\-` is refused.
  const literal = (name: string) => value(name).replace(special, '\\$&').replaceAll('-', '\\x2d')
  return new RegExp(fill(source, literal), 'u').test(message.text)
}

/** Undefined where it is not there. */
export function captured(capture: Capture, message: Received): string | undefined {
  if (capture.kind === 'json') return message.valueAt(capture.pointer)
  return expression(capture.source).exec(message.text)?.[1]
}
