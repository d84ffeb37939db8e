/** Text in a cell of a table in Markdown: neither columns nor lines nor HTML of its own. */
export function markdownCell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;')
}
