/** Which of several views of a server is told: it is one and the same, but not everybody saw as much of it. */
import type { ServerReport, ServerSecond } from './server-report.js'

/**
 * The view with the most figures, and of those the one whose metrics were answered most often. It is the same one in whatever
 * order they are given.
 *
 * @returns undefined where there is none.
 */
export function fullestView<View extends ServerReport | ServerSecond>(views: readonly View[]): View | undefined {
  return views.toSorted(byFullness)[0]
}

function byFullness(a: ServerReport | ServerSecond, b: ServerReport | ServerSecond): number {
  const [ofA, ofB] = [weighed(a), weighed(b)]
  // Of those that know as much any one will do, but always the same.
  return ofB.figures - ofA.figures || ofB.answered - ofA.answered || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
}

function weighed(view: ServerReport | ServerSecond): { readonly figures: number; readonly answered: number } {
  const { scrapes, ...known } = view as ServerReport
  return { figures: figuresIn(known), answered: scrapes?.answered ?? 0 }
}

function figuresIn(known: unknown): number {
  if (typeof known === 'number') return 1
  if (typeof known !== 'object' || known === null) return 0
  return Object.values(known).reduce<number>((sum, one) => sum + figuresIn(one), 0)
}
