/** What this machine is short of for a run, each with what mends it; looked at before the run, for later it is only errors. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { type LoadOptions, loadSettings } from './load-options.js'
import { countOf } from './schedule.js'
import type { ThreadSettings } from './thread-settings.js'

/** What a machine lends a process; undefined where that is not known. */
export interface Machine {
  /** Descriptors that the process may have open. */
  readonly descriptors: number | undefined
  /** Ports of one address for connections to one and the same server. */
  readonly ports: number | undefined
  /** Whether a port that TCP still keeps is lent again after a second: 0 never, 1 always, 2 on loopback. */
  readonly reuse: number | undefined
  /** Whether an address is one of its own: others cannot be connected from. */
  isLocal(address: string): boolean
}

/** Descriptors that are not connections: of Node, of threads, of files. */
const others = 64

/**
 * Milliseconds for which Linux keeps the port of a connection that this side has ended first (TIME_WAIT); and behind which
 * another connection to the same server may have it nevertheless, where that is allowed.
 */
const kept = { usually: 60_000, reused: 1000 } as const

/** What gives an address all ports that there are for this, and how many these are. */
const widen = "sysctl -w net.ipv4.ip_local_port_range='1024 65535'"
const widest = 64_512

/** This machine, as far as it tells. */
export function thisMachine(): Machine {
  return {
    // Node has raised its own limit as far as it goes, and a child has it too.
    descriptors: known(() => Number(execFileSync('sh', ['-c', 'ulimit -n'], { stdio: 'pipe' }))),
    ports: known(() => {
      const [first, last] = readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split('\t').map(Number)
      return last! - first! + 1
    }),
    reuse: known(() => Number(readFileSync('/proc/sys/net/ipv4/tcp_tw_reuse', 'utf8'))),
    isLocal(address) {
      // All of 127.0.0.0/8 is, on Linux.
      if (process.platform === 'linux' && address.startsWith('127.')) return true
      return Object.values(networkInterfaces()).some(own => own?.some(one => one.address === address))
    },
  }
}

/** Something that this machine has not enough of, or finds with difficulty. */
export interface Shortage {
  /** A sentence, with what mends it. */
  readonly message: string
  /** All the connections that were asked for cannot be open at once, whatever happens; else some may fail. */
  readonly prevents: boolean
}

/**
 * What this machine has not enough of for a load that is told the same; none where it has, or does not tell.
 *
 * @throws UsageError as `load` does for options that cannot be.
 */
export function loadShortages(url: string | URL, options: LoadOptions = {}): Shortage[] {
  return shortages(loadSettings(url, options), thisMachine())
}

/** One for each thing. */
export function shortages(settings: ThreadSettings, machine: Machine): Shortage[] {
  const { sourceAddresses, classes } = settings
  const parts = classes.length === 0 ? [settings] : classes.map(one => one.settings)
  const connections = openOf(parts)
  const { descriptors = Number.POSITIVE_INFINITY } = machine
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
  const [most] = sharing(parts)
    .map(those => shortPorts(those, machine))
    .sort((a, b) => b.needed - a.needed)
  // A name may stand for several servers, each with all ports.
  if (most?.message !== undefined) found.push({ message: most.message, prevents: false })
  return found
}

/** What of a load shares ports: each server has them all, but for those that are chosen before it is known where to. */
function sharing(parts: readonly ThreadSettings[]): ThreadSettings[][] {
  const groups = new Map<string, ThreadSettings[]>()
  for (const part of parts) {
    if (part.connect.socketPath !== undefined) continue
    const to = isBound(part) ? '' : new URL(part.url).host
    groups.set(to, [...(groups.get(to) ?? []), part])
  }
  return [...groups.values()]
}

/** How many ports they need, and what is wrong with that. */
function shortPorts(parts: readonly ThreadSettings[], machine: Machine): { needed: number; message?: string } {
  const { ports = Number.POSITIVE_INFINITY } = machine
  const [first] = parts
  const connections = openOf(parts)
  const cut = parts.reduce((sum, part) => sum + cutOf(part), 0)
  const needed = connections + parts.reduce((sum, part) => sum + Math.ceil(cutOf(part) * backBefore(part, machine)), 0)
  const addresses = Math.max(1, first!.sourceAddresses.length)
  const lent = ports * addresses
  const who = `${connections} connections need`
  const kept = `${needed} ports, for those that are cut are kept for a while`
  /** @param share - of what an address has is to do. */
  const wider = (share: number) => (needed <= widest * addresses * share ? `, or ${widen}` : '')
  if (needed > lent) {
    const what = cut === 0 ? 'as many ports' : kept
    const enough = `use ${Math.ceil((connections + cut) / ports)} source addresses${wider(1)}`
    return { needed, message: `${who} ${what}, and there are ${lent}: ${enough}` }
  }
  // Linux looks at each second port, and from an address that was asked for at the lower half of them. Once these are taken it
  // looks at all of them in vain for each connection: 325 us of its time instead of 70 (bench:load:idle -- --from any).
  const [share, quickly] = isBound(first!) ? (['a quarter', 1 / 4] as const) : (['half', 1 / 2] as const)
  if (needed <= lent * quickly) return { needed }
  const what = cut === 0 ? `more than ${share} of the ${lent} ports` : `${kept}: more than ${share} of the ${lent}`
  const enough = `use ${Math.ceil(((connections + cut) * 4) / ports)} source addresses${wider(quickly)}`
  const slow = `and Linux takes long to find the others, which looks like a slow server: ${enough}`
  return { needed, message: `${who} ${what}, ${slow}` }
}

/** Connections that are open at a time; of `connect` with a rate nobody knows how many. */
function openOf(parts: readonly ThreadSettings[]): number {
  const held = parts.filter(({ workload, segments }) => workload !== 'connect' || segments === undefined)
  return countOf(
    held.reduce((sum, { connections }) => sum + connections, 0),
    parts[0]!.shard,
  )
}

/**
 * Connections whose ports are kept here: those that a storm cuts. All others are closed, and TCP is then ended by the server first
 * (RFC 6455, 7.1.1), which keeps what there is to keep.
 */
function cutOf({ workload, cutAll, connections, shard }: ThreadSettings): number {
  return workload === 'storm' && cutAll ? countOf(connections, shard) : 0
}

/** The share of them that come back before a port is lent again, and need another: at any time until the first wait is over. */
function backBefore(settings: ThreadSettings, { reuse }: Machine): number {
  const { url, backoff } = settings
  // Who connects from an address of his own is given a port before it is known where to: never one that is kept.
  const isReused = reuse === 1 || (reuse === 2 && isLoopback(url))
  const time = isReused && !isBound(settings) ? kept.reused : kept.usually
  return Math.min(1, time / backoff.first)
}

/** Whether connections are from addresses that were asked for. */
function isBound({ sourceAddresses, connect }: ThreadSettings): boolean {
  return sourceAddresses.length > 0 || connect.localAddress !== undefined
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url)
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
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
