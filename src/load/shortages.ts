/** What this machine is short of for a run, each with what mends it; looked at before the run, for later it is only errors. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { LoadOptions } from './load-options.js'
import type { LoadSettings } from './load-settings.js'
import { countOf } from './schedule.js'

/** What a machine lends a process; undefined where that is not known. */
export interface Machine {
  /** Descriptors that the process may have open. */
  readonly descriptors: number | undefined
  /** Ports of one address for connections to one and the same server. */
  readonly ports: number | undefined
  /** Whether an address is one of its own: others cannot be connected from. */
  isLocal(address: string): boolean
}

/** Descriptors that are not connections: of Node, of threads, of files. */
const others = 64

/** This machine, as far as it tells. */
export function thisMachine(): Machine {
  return {
    // Node has raised its own limit as far as it goes, and a child has it too.
    descriptors: known(() => Number(execFileSync('sh', ['-c', 'ulimit -n'], { stdio: 'pipe' }))),
    ports: known(() => {
      const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t').map(Number)
      return last! - first! + 1
    }),
    isLocal(address) {
      // All of 127.0.0.0/8 is, on Linux.
      if (process.platform === 'linux' && address.startsWith('127.')) return true
      return Object.values(networkInterfaces()).some(own => own?.some(one => one.address === address))
    },
  }
}

/** Something that this machine has not enough of. */
export interface Shortage {
  /** A sentence, with what mends it. */
  readonly message: string
  /** All the connections that were asked for cannot be open at once, whatever happens; else some may fail. */
  readonly prevents: boolean
}

/**
 * What this machine has not enough of for a load; none where it has, or does not tell.
 *
 * @param options - those that count: `connections` (default 10), `shard`, `sourceAddresses`, and the `socketPath` of
 * `connect`.
 */
export function loadShortages(
  options: Pick<LoadOptions, 'connections' | 'shard' | 'sourceAddresses' | 'connect'>,
): Shortage[] {
  const { connections = 10, shard = { index: 0, count: 1 }, sourceAddresses = [], connect = {} } = options
  return shortages({ connections, shard, sourceAddresses, connect }, thisMachine())
}

/** One for each thing. */
export function shortages(
  settings: Pick<LoadSettings, 'connections' | 'shard' | 'sourceAddresses' | 'connect'>,
  machine: Machine,
): Shortage[] {
  const { shard, sourceAddresses, connect } = settings
  const connections = countOf(settings.connections, shard)
  const { descriptors = Number.POSITIVE_INFINITY, ports = Number.POSITIVE_INFINITY } = machine
  const found: Shortage[] = []
  if (connections + others > descriptors) {
    const needed = connections + others
    const message = `${connections} connections need ${needed} descriptors, and there are ${descriptors}: ulimit -n ${needed}`
    found.push({ message, prevents: connections >= descriptors })
  }
  const foreign = sourceAddresses.filter(address => !machine.isLocal(address))
  if (foreign.length > 0) {
    const [first] = foreign
    const all =
      foreign.length === 1 ? `${first} is no address` : `${first} and ${foreign.length - 1} more are no addresses`
    const message = `${all} of this machine: ip addr add ${first}/${first!.includes(':') ? 128 : 32} dev lo`
    found.push({ message, prevents: false })
  }
  const addresses = Math.max(1, sourceAddresses.length)
  if (connect.socketPath === undefined && connections > ports * addresses) {
    const more = Math.ceil(connections / ports)
    const message =
      `${connections} connections need as many ports, and there are ${ports * addresses}: ` +
      `use ${more} source addresses, or sysctl -w net.ipv4.ip_local_port_range='1024 65535'`
    // A name may stand for several servers, each with all ports.
    found.push({ message, prevents: false })
  }
  return found
}

/** Undefined for what cannot be had, and for what is no number (`unlimited`). */
function known(read: () => number): number | undefined {
  try {
    const value = read()
    return Number.isFinite(value) ? value : undefined
  } catch {
    return undefined
  }
}
