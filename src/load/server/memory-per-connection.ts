/** How much of a server's memory each connection takes. */

/** What each connection takes, by regression of memory over the number of open connections while they were opened. */
export interface MemoryPerConnection {
  /** Octets: the slope. */
  readonly octets: number
  /** Its standard error, in octets: twice as much either way is about what it may be. */
  readonly error: number
  /** How often both were looked at. */
  readonly samples: number
}

/** What each connection takes cannot be told, though it was looked at. */
export interface UnknownPerConnection {
  /** Why, in words. */
  readonly unknown: string
  /** How often both were looked at. */
  readonly samples: number
}

/** Connections that were open, and octets of memory. */
export type MemoryPoint = readonly [connections: number, memory: number]

/** Fewer points than this are no line. */
const fewestSamples = 8
const uneven = 'its memory did not grow evenly with them; start it anew, or open more'
/** Correlation of memory and connections below which their points are no line. */
const straightEnough = 0.95

/** Undefined where there are too few points to tell. */
export function memoryPerConnection(
  points: readonly MemoryPoint[],
): MemoryPerConnection | UnknownPerConnection | undefined {
  const samples = points.length
  if (samples < fewestSamples) return undefined
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / samples
  const [x, y] = [mean(0), mean(1)]
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0)
  const rise = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
  const scatter = points.reduce((sum, point) => sum + (point[1] - y) ** 2, 0)
  // Neither where memory has become less, nor where nothing has changed.
  if (!(rise / Math.sqrt(spread * scatter) >= straightEnough)) return { unknown: uneven, samples }
  // Least squares: how much y rises with x, and the standard error of that.
  const octets = rise / spread
  const rest = points.reduce((sum, point) => sum + (point[1] - y - octets * (point[0] - x)) ** 2, 0)
  return { octets, error: Math.sqrt(rest / (samples - 2) / spread), samples }
}
