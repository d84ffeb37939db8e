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

/** A name with the line where it stands. */
export interface Mention {
  readonly name: string
  readonly line: number
}

/** What the rules ask about one file. */
export interface SourceFile {
  /** Path below `src/`, with `/`. */
  readonly path: string
  readonly lines: number
  /** Every module named: import, export from, `import()` as expression and as type, `import =`, `require()`. */
  readonly imports: readonly Mention[]
  /** Identifiers that may refer to something declared elsewhere; `Math.random` appears as `Math` and as `Math.random`. */
  readonly names: readonly Mention[]
  readonly defaultExports: readonly Mention[]
  readonly topLevelAwaits: readonly Mention[]
  /** `export … from` statements; `name` is `*` for a star export. */
  readonly reExports: readonly Mention[]
  /** Statements at the top level that are neither imports nor re-exports. */
  readonly ownStatements: number
}

/** Reads one file. `path` is relative to `src/`. Throws a SyntaxError on text that is not TypeScript. */
export function readSourceFile(path: string, text: string): SourceFile {
  const { program } = parse(text, { sourceType: 'module', plugins: ['typescript'], createImportExpressions: true })
  const body = program.body as unknown as SyntaxNode[]
  const reader = new Reader()
  for (const statement of body) reader.visit(statement, 0)
  const isReExport = (node: SyntaxNode) => node.type.startsWith('Export') && isNode(node['source'])
  return {
    path,
    lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0),
    ...reader,
    reExports: body
      .filter(isReExport)
      .map(node => ({ name: node.type === 'ExportAllDeclaration' ? '*' : 'names', line: lineOf(node) })),
    ownStatements: body.filter(node => node.type !== 'ImportDeclaration' && !isReExport(node)).length,
  }
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
    if (module !== undefined) this.imports.push({ name: module, line })
    if (node.type === 'Identifier') this.names.push({ name: String(node['name']), line })
    if (node.type === 'MemberExpression' && node['computed'] !== true) {
      this.names.push({ name: `${nameOf(node['object'])}.${nameOf(node['property'])}`, line })
    }
    if (isDefaultExport(node)) this.defaultExports.push({ name: 'default', line })
    const awaits = node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await'] === true)
    if (awaits && depth === 0) this.topLevelAwaits.push({ name: 'await', line })
  }
}

function isLabel(node: SyntaxNode, field: string): boolean {
  const types = labels[field]
  return types !== undefined && node['computed'] !== true && (types.length === 0 || types.includes(node.type))
}

/** The module a node names; the text `<computed>` when it is not a literal; undefined when it names none. */
function moduleOf(node: SyntaxNode): string | undefined {
  if (node.type === 'CallExpression') {
    return nameOf(node['callee']) === 'require' ? literal((node['arguments'] as unknown[])[0]) : undefined
  }
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
