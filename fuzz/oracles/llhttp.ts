/**
 * The parser inside Node (llhttp, strict): what it makes of a head. It is reached as node:http reaches it, for no public
 * module offers it; where a version of Node hides it, there is nothing to compare with.
 */
import { createRequire } from 'node:module'

interface NodeParser {
  [callback: number]: unknown
  initialize(kind: number, resource: object): void
  execute(octets: Buffer): number | Error
}

interface NodeParserClass {
  new (): NodeParser
  readonly REQUEST: number
  readonly RESPONSE: number
  readonly kOnHeaders: number
  readonly kOnHeadersComplete: number
}

/** Method numbers are told, not names; the list is in the same module. */
const common = loadCommon()

function loadCommon(): { HTTPParser: NodeParserClass; methods: readonly string[] } | undefined {
  try {
    return createRequire(import.meta.url)('_http_common') as { HTTPParser: NodeParserClass; methods: string[] }
  } catch {
    return undefined
  }
}

export interface NodeHead {
  /** Of a request. */
  readonly target: string | undefined
  /** Of a response. */
  readonly status: number | undefined
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>
}

/**
 * @returns the head; the error when there is one; 'more' while the head is not complete; undefined without the parser.
 */
export function parseWithNode(kind: 'request' | 'response', octets: Buffer): NodeHead | Error | 'more' | undefined {
  if (common === undefined) return undefined
  const { HTTPParser } = common
  const parser = new HTTPParser()
  const raw: string[] = []
  let head: NodeHead | undefined
  parser.initialize(kind === 'request' ? HTTPParser.REQUEST : HTTPParser.RESPONSE, {})
  // From 32 fields on they are told in parts, and the target with the first of them.
  let early: string | undefined
  parser[HTTPParser.kOnHeaders] = (headers: string[], target: string) => {
    raw.push(...headers)
    early ??= target
  }
  parser[HTTPParser.kOnHeadersComplete] = (
    _major: number,
    _minor: number,
    headers: string[] | undefined,
    _method: number,
    target: string | undefined,
    status: number,
  ) => {
    raw.push(...(headers ?? []))
    const fields = raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1]!] as const] : []))
    head = { target: target ?? early, status, fields }
    return 2
  }
  const result = parser.execute(octets)
  if (head !== undefined) return head
  return result instanceof Error ? result : 'more'
}
