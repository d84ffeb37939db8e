/**
 * What a server tells of itself in the text format of Prometheus (0.0.4), or in OpenMetrics: read line by line. Help, units,
 * timestamps and exemplars are passed over.
 */

/** One line: a metric with its labels, and its value now. */
export interface ExposedSample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** It only grows, but for when the server begins anew. */
  readonly counter: boolean
}

/** A name; labels in braces, or a blank; a value; perhaps a timestamp, and an exemplar behind a #. */
const sample =
  /^([a-zA-Z_:][\w:]*)(?:[ \t]*\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}[ \t]*|[ \t]+)(\S+)(?:[ \t]+-?\d+(?:\.\d+)?)?(?:[ \t]+#.*)?$/
const typeLine = /^#[ \t]*TYPE[ \t]+(\S+)[ \t]+(\S+)$/
const label = /[ \t]*([a-zA-Z_]\w*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*(?:,|$)/y
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const infinity = /^([+-]?)inf(?:inity)?$/i

/**
 * Reads all samples.
 *
 * @throws {Error} a line that is none of the format; the message begins with its number.
 */
export function parseExposition(text: string): ExposedSample[] {
  const types = new Map<string, string>()
  const samples: ExposedSample[] = []
  for (const [at, untrimmed] of text.split('\n').entries()) {
    const line = untrimmed.trim()
    if (line === '') continue
    if (line.startsWith('#')) {
      const [, name, type] = typeLine.exec(line) ?? []
      if (name !== undefined) types.set(name, type!)
      continue
    }
    const [, name, labelText = '', digits = ''] = sample.exec(line) ?? []
    const labels = parseLabels(labelText)
    const value = numberIn(digits)
    if (name === undefined || labels === undefined || value === undefined) {
      throw new Error(`line ${at + 1}: ${JSON.stringify(line.slice(0, 60))}`)
    }
    samples.push({ name, labels, value, counter: isCounter(name, types) })
  }
  return samples
}

/** What stands between the braces: `code="200",path="/"`. Undefined where it is none of the format. */
export function parseLabels(text: string): Readonly<Record<string, string>> | undefined {
  const labels: [string, string][] = []
  label.lastIndex = 0
  while (text.slice(label.lastIndex).trim() !== '') {
    const [, name, value] = label.exec(text) ?? []
    if (name === undefined) return undefined
    labels.push([name, value!.replace(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))])
  }
  return Object.fromEntries(labels)
}

function numberIn(text: string): number | undefined {
  if (number.test(text)) return Number(text)
  const [, sign] = infinity.exec(text) ?? []
  if (sign !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return /^nan$/i.test(text) ? Number.NaN : undefined
}

/** Parts of histograms and summaries grow, too. OpenMetrics has the type of a counter by a name without `_total`. */
function isCounter(name: string, types: ReadonlyMap<string, string>): boolean {
  const own = types.get(name)
  if (own !== undefined) return own === 'counter'
  const [, family = '', part] = /^(.*)_(sum|count|bucket|total)$/.exec(name) ?? []
  const type = types.get(family)
  return part === 'total' ? type === undefined || type === 'counter' : type === 'histogram' || type === 'summary'
}
