/** Which of several views of a server is told: it is one and the same, but not everybody saw as much of it. */
import type { ServerReport, ServerSecond } from './server-report.js'

/**
 * The view of the most measured seconds, for a shard that ended early knows the server only until then; and of those the one with
 * the most figures. It is the same one in whatever order they are given.
 *
 * @returns undefined where there is none.
 */
export function fullestView<View extends ServerReport | ServerSecond>(views: readonly View[]): View | undefined {
  return views.toSorted(byFullness)[0]
}

function byFullness(a: ServerReport | ServerSecond, b: ServerReport | ServerSecond): number {
  const [ofA, ofB] = [weighed(a), weighed(b)]
  // Of those that know as much any one will do, but always the same.
  return ofB.seconds - ofA.seconds || ofB.figures - ofA.figures || (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
}

/** How often it was asked for its metrics says nothing: one that waits for its start asks meanwhile, too. */
function weighed(view: ServerReport | ServerSecond): { readonly seconds: number; readonly figures: number } {
  const { scrapes: _, seconds = 0, ...known } = view as ServerReport
  return { seconds, figures: figuresIn(known) }
}

function figuresIn(known: unknown): number {
  if (typeof known === 'number') return 1
  if (typeof known !== 'object' || known === null) return 0
  return Object.values(known).reduce<number>((sum, one) => sum + figuresIn(one), 0)
}
