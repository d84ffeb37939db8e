/**
 * The name that was probably meant: the nearest by edit distance, if a third of it or less is wrong, or else the only one
 * that begins so.
 */
export function closest(given: string, names: readonly string[]): string | undefined {
  const lower = given.toLowerCase()
  const ranked = names
    .map(name => ({ name, distance: editDistance(lower, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  if (ranked[0] !== undefined) return ranked[0].name
  const begun = names.filter(name => name.toLowerCase().startsWith(lower))
  return begun.length === 1 ? begun[0] : undefined
}

/** Letters to insert, delete, replace, or swap with the next, to make one of the other (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : Infinity
      next.push(Math.min(replaced, swapped, row[j]! + 1, next[j - 1]! + 1))
    }
    before = row
    row = next
  }
  return row[b.length]!
}
