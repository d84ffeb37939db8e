/** Sec-WebSocket-Extensions (RFC 6455 §9.1) read naively, for cases that look into it. */

/** One extension of the list. */
export interface ExtensionElement {
  readonly name: string
  /** In order; '' for one without a value. Of a name that comes twice the last. */
  readonly parameters: ReadonlyMap<string, string>
  /** All names of parameters, as often as they come. */
  readonly names: readonly string[]
}

const token = "[!#$%&'*+.^_`|~\\w-]+"
const parameter = new RegExp(`^(${token})(?:\\s*=\\s*(?:(${token})|"(${token})"))?$`)

/** The list; undefined where it is not of the grammar (which knows no comma or semicolon within a value). */
export function extensionElements(value: string): ExtensionElement[] | undefined {
  const elements: ExtensionElement[] = []
  for (const one of value.split(',')) {
    const [name = '', ...rest] = one.split(';').map(part => part.trim())
    const found = rest.map(part => parameter.exec(part))
    if (!new RegExp(`^${token}$`).test(name) || found.includes(null)) return undefined
    const pairs = found.map(part => [part![1]!, part![2] ?? part![3] ?? ''] as const)
    elements.push({ name, parameters: new Map(pairs), names: pairs.map(([key]) => key) })
  }
  return elements
}
