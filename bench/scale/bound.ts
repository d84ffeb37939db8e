/** What has to hold of a server with many connections. */
import type { Crowd } from './crowd.js'
import type { GrowthStep } from './growth.js'

export interface Bound {
  readonly name: string
  readonly value: number
  /** The value may be no more than this. */
  readonly most: number
  readonly unit: string
  /** The same of a server that does nothing but send back what node:net reads: `most` is a multiple of it. */
  readonly floor?: number
}

/** @param floor the growth of bare node:net, over the same steps. */
export function boundsOf(connections: readonly GrowthStep[], floor: readonly GrowthStep[], crowd: Crowd): Bound[] {
  const usual = Math.max(
    0,
    connections.findIndex(({ name }) => name === '64'),
  )
  const grown = (steps: readonly GrowthStep[]) => steps.at(-1)!.message / steps[usual]!.message
  const open = `${crowd.connections.toLocaleString('en')} open connections`
  return [
    { name: `CPU of ${open}, idle`, value: crowd.idleCpu * 100, most: 5, unit: '% of a core' },
    {
      name: `event-loop delay, ${open}, ${crowd.messagesPerSecond} messages a second, p99`,
      value: crowd.delayP99,
      most: 20,
      unit: 'ms',
    },
    {
      name: `CPU for a message, ${connections.at(-1)!.name} connections against ${connections[usual]!.name}`,
      value: grown(connections),
      // The state of thousands of sockets is in no cache: what that costs the kernel is nothing of ours.
      most: 1.25 * Math.max(1, grown(floor)),
      unit: 'times',
      floor: grown(floor),
    },
  ]
}

export function isHeld({ value, most }: Bound): boolean {
  return value <= most
}
