/** The line of a document in which a place is: what of it stands before, and what from there on. */
export function lineAt(source: string, offset: number): { readonly before: string; readonly rest: string } {
  const start = source.lastIndexOf('\n', offset - 1) + 1
  const [rest = ''] = source.slice(offset).split(/\r?\n/, 1)
  return { before: source.slice(start, offset), rest }
}
