/**
 * A source file as the architecture rules see it: what it imports, which free names it uses, what it exports. Read from
 * the TypeScript source and not from the compiled output, where type-only imports have vanished; by a parser and not by
 * regular expressions, which take a commented import for an import and miss `import('…')` in a type.
 */
import { parse } from '@babel/parser'

interface SyntaxNode {
  readonly type: string
  readonly loc?: { readonly start: { readonly line: number } }
  readonly [field: string]: unknown
}

/** A name with the line where it stands. `typeOnly`: nothing of it is left when the program runs. */
export interface Mention {
  readonly name: string
  readonly line: number
  readonly typeOnly?: boolean
}

/** What the rules ask about one file. */
export interface SourceFile {
  /** Path below `src/`, with `/`. */
  readonly path: string
  readonly lines: number
  /** Every module named: import, export from, `import()` as expression and as type, `import =`; `require` is a name. */
  readonly imports: readonly Mention[]
  /**
   * Identifiers that may refer to something declared elsewhere. An object of which a member is used appears with it,
   * however it is written (`Math.random`), and by itself only where something else is done with it; the member of
   * whatever it is of appears as `.random` too.
   */
  readonly names: readonly Mention[]
  /** Comments that the compiler obeys: `reference types="node"`, `@ts-expect-error` and the like. */
  readonly directives: readonly Mention[]
  readonly defaultExports: readonly Mention[]
  readonly topLevelAwaits: readonly Mention[]
  /** `export … from` statements; `name` is `*` for a star export. */
  readonly reExports: readonly Mention[]
  /** Statements at the top level that are neither imports nor re-exports. */
  readonly ownStatements: number
}

/** Reads one file. `path` is relative to `src/`. Throws a SyntaxError on text that is not TypeScript. */
export function readSourceFile(path: string, text: string): SourceFile {
  const { program, comments } = parse(text, {
    sourceType: 'module',
    plugins: ['typescript'],
    createImportExpressions: true,
  })
  const body = program.body as unknown as SyntaxNode[]
  const reader = new Reader()
  for (const statement of body) reader.visit(statement, 0)
  const imported = new Set(body.filter(node => node.type === 'ImportDeclaration').flatMap(localNames))
  const isReExport = (node: SyntaxNode) => {
    if (!node.type.startsWith('Export')) return false
    if (isNode(node['source'])) return true
    const names = node.type === 'ExportNamedDeclaration' ? localNames(node) : []
    return names.length > 0 && names.every(name => imported.has(name))
  }
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    ...reader,
    directives: (comments ?? []).flatMap(({ value, loc }) => {
      const found = /^\/\s*<(.*?)\s*\/>|(@ts-\w+)/.exec(value)
      return found === null ? [] : [{ name: (found[1] ?? found[2])!, line: loc?.start.line ?? 0 }]
    }),
    reExports: body.filter(isReExport).map(node => ({ name: isStar(node) ? '*' : 'names', line: lineOf(node) })),
    ownStatements: body.filter(node => node.type !== 'ImportDeclaration' && !isReExport(node)).length,
  }
}

/** The names by which this file knows what an import or export statement lists. */
function localNames(node: SyntaxNode): string[] {
  return (node['specifiers'] as SyntaxNode[]).map(specifier => nameOf(specifier['local']))
}

function isStar(node: SyntaxNode): boolean {
  const [first] = (node['specifiers'] ?? []) as SyntaxNode[]
  return node.type === 'ExportAllDeclaration' || first?.type === 'ExportNamespaceSpecifier'
}

/** Fields whose identifier is a label and not a reference, unless the node is computed. */
const labels: Readonly<Record<string, readonly string[]>> = {
  key: [],
  property: [],
  label: [],
  imported: [],
  exported: [],
  meta: [],
  right: ['TSQualifiedName'],
  qualifier: ['TSImportType'],
  id: ['PrivateName', 'TSEnumMember'],
}

class Reader {
  readonly imports: Mention[] = []
  readonly names: Mention[] = []
  readonly defaultExports: Mention[] = []
  readonly topLevelAwaits: Mention[] = []
  /** Objects that are named with their member already, and identifiers that name a type. */
  readonly #told = new Set<unknown>()
  readonly #types = new Set<unknown>()

  /** Walks a node; `depth` is the number of functions around it. */
  visit(node: SyntaxNode, depth: number): void {
    this.#note(node, depth)
    const inner = /Function|ClassMethod|ClassPrivateMethod|ObjectMethod/.test(node.type) ? depth + 1 : depth
    for (const [field, value] of Object.entries(node)) {
      if (isLabel(node, field)) continue
      for (const child of Array.isArray(value) ? value : [value]) {
        // What is re-exported is a name of the other file.
        if (isNode(child) && child.type === 'ExportSpecifier' && isNode(node['source'])) this.#note(child, inner)
        else if (isNode(child)) this.visit(child, inner)
      }
    }
  }

  #note(node: SyntaxNode, depth: number): void {
    const line = lineOf(node)
    const module = moduleOf(node)
    if (module !== undefined) this.imports.push({ name: module, line, typeOnly: isTypeOnly(node) })
    for (const name of membersIn(node)) {
      if (name.startsWith('.') || !this.#told.has(node)) this.names.push({ name, line })
    }
    if (node.type === 'TSTypeReference') this.#types.add(node['typeName'])
    if (isMember(node) && memberName(node) !== undefined) this.#told.add(unwrapped(node['object']))
    if (node.type === 'Identifier' && !this.#told.has(node)) {
      this.names.push({ name: String(node['name']), line, typeOnly: this.#types.has(node) })
    }
    // What is imported under another name is still what it is.
    const imported = node.type === 'ImportSpecifier' ? nameOf(node['imported']) : ''
    if (imported !== '' && imported !== nameOf(node['local'])) this.names.push({ name: imported, line })
    if (isDefaultExport(node)) this.defaultExports.push({ name: 'default', line })
    const awaits = node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await'] === true)
    if (awaits && depth === 0) this.topLevelAwaits.push({ name: 'await', line })
  }
}

function isMember(node: SyntaxNode): boolean {
  return node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression'
}

/** Without what TypeScript puts around an expression. */
function unwrapped(node: unknown): unknown {
  return isNode(node) && /^TS(AsExpression|SatisfiesExpression|NonNullExpression|TypeAssertion)$/.test(node.type)
    ? unwrapped(node['expression'])
    : node
}

/** The member that is meant, where that can be read off; undefined where it is computed. */
function memberName(node: SyntaxNode): string | undefined {
  const property = node['property']
  if (!isNode(property)) return undefined
  if (node['computed'] !== true) return nameOf(property)
  if (property.type === 'StringLiteral') return String(property['value'])
  const [only, ...more] = property.type === 'TemplateLiteral' ? (property['quasis'] as SyntaxNode[]) : []
  return only === undefined || more.length > 0 ? undefined : (only['value'] as { cooked: string }).cooked
}

/** What is said of an object and its members: `Math`, `process.stdout`; undefined where a part has no name. */
function pathOf(node: unknown): string | undefined {
  const inner = unwrapped(node)
  if (!isNode(inner)) return undefined
  if (inner.type === 'Identifier') return String(inner['name'])
  if (inner.type === 'MetaProperty') return `${nameOf(inner['meta'])}.${nameOf(inner['property'])}`
  const [object, member] = isMember(inner) ? [pathOf(inner['object']), memberName(inner)] : []
  return object === undefined || member === undefined ? undefined : `${object}.${member}`
}

/** What a node that is no name itself mentions: a member, `import.meta`, what a pattern takes out of an object. */
function membersIn(node: SyntaxNode): string[] {
  if (node.type === 'MetaProperty') return [pathOf(node) ?? '']
  if (node.type === 'ObjectPattern') return (node['properties'] as SyntaxNode[]).map(({ key }) => `.${nameOf(key)}`)
  const member = isMember(node) ? memberName(node) : undefined
  const path = pathOf(node)
  return member === undefined ? [] : path === undefined ? [`.${member}`] : [`.${member}`, path]
}

function isTypeOnly(node: SyntaxNode): boolean {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type' || node.type === 'TSImportType') return true
  const specifiers = (node['specifiers'] ?? []) as SyntaxNode[]
  return specifiers.length > 0 && specifiers.every(one => one['importKind'] === 'type' || one['exportKind'] === 'type')
}

function isLabel(node: SyntaxNode, field: string): boolean {
  const types = labels[field]
  return types !== undefined && node['computed'] !== true && (types.length === 0 || types.includes(node.type))
}

/** The module a node names; the text `<computed>` when it is not a literal; undefined when it names none. */
function moduleOf(node: SyntaxNode): string | undefined {
  if (node.type === 'TSExternalModuleReference') return literal(node['expression'])
  if (node.type === 'TSImportType') return literal(node['argument'])
  if (!/^(Import|Export)/.test(node.type)) return undefined
  return isNode(node['source']) ? literal(node['source']) : undefined
}

function literal(node: unknown): string {
  if (!isNode(node)) return '<computed>'
  if (node.type === 'TSLiteralType') return literal(node['literal'])
  return node.type === 'StringLiteral' ? String(node['value']) : '<computed>'
}

function isDefaultExport(node: SyntaxNode): boolean {
  if (node.type === 'ExportDefaultDeclaration' || node.type === 'TSExportAssignment') return true
  return node.type === 'ExportSpecifier' && nameOf(node['exported']) === 'default'
}

function nameOf(node: unknown): string {
  if (!isNode(node)) return ''
  return node.type === 'StringLiteral' ? String(node['value']) : String(node['name'] ?? '')
}

function lineOf(node: SyntaxNode): number {
  return node.loc?.start.line ?? 0
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
