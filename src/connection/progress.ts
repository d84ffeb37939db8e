/** What counts as progress: RFC 6455 §10.4 leaves to the implementation how slow a peer may be. */

/** Octets that must come in each second for an incomplete message to be waited for longer, and leave for a Close. */
const progressPerSecond = 1024

/** So many octets in so many milliseconds are enough to be waited for longer. */
export function enoughIn(period: number): number {
  return (period / 1000) * progressPerSecond
}
