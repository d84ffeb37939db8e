/** The parts of a text that a program writes: between two comments of Markdown, which stay. */

/** @throws {Error} where the text has no such part. */
export function replaceSection(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}: written by npm run bench:docs -->\n`, `<!-- end of ${name} -->\n`]
  const from = text.indexOf(start)
  const to = text.indexOf(end, from)
  if (from < 0 || to < 0) throw new Error(`there is no part called ${name}`)
  return `${text.slice(0, from)}${start}\n${content.trim()}\n\n${text.slice(to)}`
}
