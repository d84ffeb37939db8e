/**
 * The texts of a test file in which names of tests are found: string literals and the fixed parts of templates, read with
 * a parser, so that a name in a comment does not count.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from '@babel/parser'

/** The texts of one file. */
export interface TestTexts {
  /** Every literal; of a template its parts, and the whole with `…` where a value stands. */
  readonly literals: readonly string[]
  /** Those that stand first in a call of `test`, as a method. */
  readonly titles: readonly string[]
}

interface SyntaxNode {
  readonly type: string
  readonly [field: string]: unknown
}

/** The texts of every test file below `test/`, by its path from the root of the repository. */
export async function readTests(root: string): Promise<Map<string, TestTexts>> {
  const paths = (await readdir(join(root, 'test'), { recursive: true })).filter(path => path.endsWith('.test.ts'))
  const read = async (path: string) =>
    [join('test', path).replaceAll('\\', '/'), readTestTexts(await readFile(join(root, 'test', path), 'utf8'))] as const
  return new Map(await Promise.all(paths.sort().map(read)))
}

/** Reads the texts of a TypeScript test file. Throws a SyntaxError on text that is not TypeScript. */
export function readTestTexts(source: string): TestTexts {
  const literals: string[] = []
  const titles: string[] = []
  const visit = (node: SyntaxNode) => {
    literals.push(...textsOf(node))
    const callee = node['callee']
    if (node.type === 'CallExpression' && isNode(callee) && nameOf(callee['property']) === 'test') {
      const [title] = node['arguments'] as unknown[]
      if (isNode(title)) titles.push(...textsOf(title))
    }
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child)
    }
  }
  visit(parse(source, { sourceType: 'module', plugins: ['typescript'] }).program as unknown as SyntaxNode)
  return { literals, titles }
}

function textsOf(node: SyntaxNode): string[] {
  if (node.type === 'StringLiteral') return [String(node['value'])]
  if (node.type !== 'TemplateLiteral') return []
  const parts = (node['quasis'] as { value: { cooked: string } }[]).map(part => part.value.cooked)
  return [...parts, parts.join('…')]
}

function nameOf(node: unknown): string {
  return isNode(node) && node.type === 'Identifier' ? String(node['name']) : ''
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}
