/** Everything that a run has found, as it is kept in JSON. */
import { cpus, totalmem } from 'node:os'
import type { Rounds } from '../rounds.js'
import type { Cell, Failure } from './cell.js'
import type { Peer } from './peer.js'

export interface Results {
  /** Of the day when it was measured: 2026-11-21. */
  readonly date: string
  readonly machine: {
    readonly cpu: string
    readonly cores: number
    readonly memoryGiB: number
    readonly system: string
  }
  readonly node: string
  /** By the names of the peers. */
  readonly versions: Readonly<Record<string, string>>
  readonly rounds: number
  readonly seconds: number
  readonly cells: readonly Cell[]
  readonly failures: readonly Failure[]
}

export function resultsOf(
  peers: readonly Peer[],
  { rounds, seconds }: Rounds,
  cells: readonly (Cell | Failure)[],
): Results {
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    node: process.versions.node,
    versions: Object.fromEntries(peers.map(peer => [peer.name, peer.version() ?? ''])),
    rounds,
    seconds,
    cells: cells.filter((cell): cell is Cell => !('error' in cell)),
    failures: cells.filter((cell): cell is Failure => 'error' in cell),
  }
}

export function machine(): Results['machine'] {
  const processors = cpus()
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
  }
}
