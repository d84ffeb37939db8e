/** How the cost grows: with the size of messages, with the number of connections, and with the number of fragments. */

import { type Cell, cellsOf } from '../servers/cell.js'
import type { Contest } from '../servers/contest.js'
import type { Peer } from '../servers/peer.js'
import { echoPoint, type Point, sizeName } from '../servers/point.js'

/** Of what there is more from step to step. */
export type Item = 'octet' | 'connection' | 'fragment'

export interface Step {
  readonly name: string
  /** Items whose cost is in that of one message: its octets, its fragments. Connections cost something each message. */
  readonly items: number
  readonly point: Point
}

export interface GrowthStep {
  readonly name: string
  /** Nanoseconds of CPU for one message. */
  readonly message: number
  /** The same for one item. */
  readonly item: number
  /** How many times as much that is as at the cheapest of the steps before: not far above 1 where cost is linear. */
  readonly growth: number
  /** (largest - smallest) / median of the rounds. */
  readonly noise: number
}

/** Octets of payload in each fragment. */
const fragmentSize = 64

const sizes = [1, 16, 256, 4096, 65_536, 1_048_576, 16_777_216, 67_108_864]
const connections = [1, 10, 64, 1000, 10_000]
const fragments = [1, 10, 100, 1000, 10_000, 100_000]

/** @param most items that there may be. */
export function stepsOf(item: Item, most: number): readonly Step[] {
  const upTo = (counts: readonly number[]) => counts.filter(count => count <= most)
  switch (item) {
    case 'octet':
      return upTo(sizes).map(size => ({
        name: sizeName(size),
        items: size,
        point: echoPoint({ connections: 4, size }),
      }))
    case 'connection':
      return upTo(connections).map(count => ({
        name: count.toLocaleString('en'),
        items: 1,
        point: echoPoint({ connections: count, size: 20 }),
      }))
    case 'fragment':
      return upTo(fragments).map(count => ({
        name: count.toLocaleString('en'),
        items: count,
        point: echoPoint({ connections: 4, size: count * fragmentSize, fragments: count }),
      }))
    default:
      return item satisfies never
  }
}

/** @param cells those of the steps, in order. */
export function growthOf(steps: readonly Step[], cells: readonly Pick<Cell, 'value' | 'noise'>[]): GrowthStep[] {
  let cheapest = Number.POSITIVE_INFINITY
  return steps.map(({ name, items }, i) => {
    const { value, noise } = cells[i]!
    const item = value / items
    const growth = i === 0 ? 1 : item / cheapest
    cheapest = Math.min(cheapest, item)
    return { name, message: value, item, growth, noise }
  })
}

/**
 * The cells of each peer, in the order of the steps.
 *
 * @throws {Error} when a peer fails.
 */
export async function measureSteps(
  contest: Contest,
  peers: readonly Peer[],
  steps: readonly Step[],
): Promise<Cell[][]> {
  const found = peers.map((): Cell[] => [])
  for (const { point } of steps) {
    for (const [i, cell] of cellsOf(point, await contest.measure(peers, point)).entries()) {
      if ('error' in cell) throw new Error(`${cell.peer}, ${point.name}: ${cell.error}`)
      found[i]!.push(cell)
    }
  }
  return found
}
