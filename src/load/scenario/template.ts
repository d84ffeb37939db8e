/** Text with names in braces that stand for values: `{"id":"{id}"}`. Braces around anything else are text. */

/** Text and names, in turns. */
export type Template = readonly string[]

/** A name in braces. */
const name = /\{([a-zA-Z_]\w*)\}/

export function parseTemplate(text: string): Template {
  return text.split(name)
}

export function namesOf(template: Template): string[] {
  return template.filter((_, i) => i % 2 === 1)
}

/** A value as it stands within the strings of JSON. */
export function withinJson(value: string): string {
  return JSON.stringify(value).slice(1, -1)
}

/** @param value - of a name that the template has. */
export function fill(template: Template, value: (name: string) => string): string {
  return template.length === 1 ? template[0]! : template.map((part, i) => (i % 2 === 0 ? part : value(part))).join('')
}
