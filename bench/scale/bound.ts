/** What has to hold of a server with many connections, with long messages, and with many fragments. */
import type { Crowd } from './crowd.js'
import type { GrowthStep, Item } from './growth.js'

export interface Bound {
  readonly name: string
  readonly value: number
  /** The value may be no more than this. */
  readonly most: number
  readonly unit: string
  /** The same of a server that does the least with node:net: `most` is a multiple of it. */
  readonly floor?: number
}

/** By what it grows. */
export type Growths = Readonly<Record<Item, readonly GrowthStep[]>>

/**
 * @param floor the growth of what does the least with node:net, over the same steps: with connections, bare sockets that send
 * back what comes; with octets, the same that put each message together first.
 */
export function boundsOf(growth: Growths, floor: Omit<Growths, 'fragment'>, crowd: Crowd): Bound[] {
  const open = `${crowd.connections.toLocaleString('en')} open connections`
  const last = growth.connection.at(-1)!.name
  return [
    { name: `CPU of ${open}, idle`, value: crowd.idleCpu * 100, most: 5, unit: '% of a core' },
    {
      name: `event-loop delay, ${open}, ${crowd.messagesPerSecond} messages a second, p99`,
      value: crowd.delayP99,
      most: 20,
      unit: 'ms',
    },
    {
      name: `CPU for a message, ${last} connections against ${usualOf(growth.connection).name}`,
      value: crowding(growth.connection),
      // The state of thousands of sockets is in no cache: what that costs the kernel is nothing of ours.
      most: 1.25 * Math.max(1, crowding(floor.connection)),
      unit: 'times',
      floor: crowding(floor.connection),
    },
    {
      name: `CPU for an octet, up to ${growth.octet.at(-1)!.name}, against the cheapest before`,
      value: steepest(growth.octet),
      // Where each message has fresh memory, the pages of long ones come from the kernel; that varies from process to process.
      most: 2 * Math.max(1, steepest(floor.octet)),
      unit: 'times',
      floor: steepest(floor.octet),
    },
    {
      name: `CPU for a fragment, up to ${growth.fragment.at(-1)!.name}, against the cheapest before`,
      value: steepest(growth.fragment),
      most: 2,
      unit: 'times',
    },
  ]
}

/** The step that a crowd of connections is compared with. */
function usualOf(connections: readonly GrowthStep[]): GrowthStep {
  return connections.find(({ name }) => name === '64') ?? connections[0]!
}

function crowding(connections: readonly GrowthStep[]): number {
  return connections.at(-1)!.message / usualOf(connections).message
}

/** The most that an item costs at a step, in times of the cheapest step before. */
function steepest(steps: readonly GrowthStep[]): number {
  return Math.max(...steps.map(({ growth }) => growth))
}

export function isHeld({ value, most }: Bound): boolean {
  return value <= most
}
