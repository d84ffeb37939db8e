/** All that is known of a server while it is loaded: what the kernel counts, and what the server tells of itself. */
import { count } from '../figures.js'
import { httpTarget } from '../http-call.js'
import type { LoadSettings } from '../load-settings.js'
import { processesOfCgroup, usageOfCgroup } from './cgroup-usage.js'
import { descriptorsBefore } from './descriptors-before.js'
import { type MetricSelector, parseSelector } from './known-metrics.js'
import { processesOf, usageOfProcess } from './process-usage.js'
import { RisingCount } from './rising-count.js'
import { Scraper } from './scraper.js'
import type { SecondOf } from './second-of.js'
import { ServerMetrics } from './server-metrics.js'
import type { ServerReport, ServerSecond } from './server-report.js'
import { ServerWatch } from './server-watch.js'

/** What is kept of so few, as a share of the connections that are opened, hardly shows. */
const fewBefore = 0.1

export class ServerView {
  readonly #about: Pick<ServerReport, 'pid' | 'cgroup'>
  /** Nobody else opens connections to it: those that are known here are what its memory is for. */
  readonly #alone: boolean
  readonly #watch: ServerWatch | undefined
  /** Measured seconds in which something was seen of it. */
  #seen = 0
  /** Descriptors that it had open at a time before. */
  readonly #had: number = 0
  /** Connections that were opened. */
  #opened = 0
  readonly #metrics: ServerMetrics | undefined
  readonly #scraper: Scraper | undefined

  /** @param onTrouble - told when the server's metrics cannot be had, once. */
  constructor(settings: LoadSettings, onTrouble?: (message: string) => void) {
    const { serverPid, serverCgroup, serverMetrics, shard } = settings
    this.#alone = shard.count === 1
    this.#about = {
      ...(serverPid !== undefined && { pid: serverPid }),
      ...(serverCgroup !== undefined && { cgroup: serverCgroup }),
    }
    if (serverPid !== undefined) {
      // Processes that it has started and that are waited for by nobody take with them what they had.
      const partsEnd = new RisingCount(false)
      this.#watch = watchOf(() => usageOfProcess(serverPid), partsEnd)
      this.#had = descriptorsBefore(processesOf(serverPid))
    }
    if (serverCgroup !== undefined) {
      this.#watch = watchOf(() => usageOfCgroup(serverCgroup), new RisingCount())
      this.#had = descriptorsBefore(processesOfCgroup(serverCgroup))
    }
    if (serverMetrics === undefined) return
    const metrics = new ServerMetrics()
    this.#metrics = metrics
    this.#scraper = new Scraper({
      target: httpTarget(serverMetrics.url, serverMetrics.headers),
      // What is none was refused before.
      selectors: serverMetrics.metrics.map(parseSelector) as MetricSelector[],
      onReading: (reading, at) => metrics.add(reading, at),
      onTrouble,
    })
  }

  /** So many connections are open now. */
  opened(connections: number): void {
    this.#opened = Math.max(this.#opened, connections)
    this.#watch?.opened(connections)
    this.#metrics?.opened(connections)
  }

  /** The load begins. */
  begin(): void {
    this.#watch?.begin()
    this.#metrics?.begin()
  }

  /** A second is over. Undefined when nothing is known of it. What the kernel counts is believed more. */
  second(of: SecondOf): ServerSecond | undefined {
    const told = this.#metrics?.second(of)
    const counted = this.#watch?.second(of)
    if (told === undefined && counted === undefined) return undefined
    if (of === 'measured') this.#seen++
    return { ...told, ...counted }
  }

  /** What is known until now; undefined where nobody was to look, or what was watched had ended before. */
  report(): ServerReport | undefined {
    const scrapes = this.#scraper?.scrapes
    if (this.#watch === undefined && scrapes === undefined) return undefined
    const { perConnection, ...known } = { ...this.#metrics?.report(), ...this.#watch?.report() }
    const each = this.#alone && perConnection !== undefined ? { perConnection: this.#believed(perConnection) } : {}
    return {
      ...this.#about,
      ...(this.#seen > 0 && { seconds: this.#seen }),
      ...known,
      ...each,
      ...(scrapes && { scrapes }),
    }
  }

  end(): void {
    this.#scraper?.end()
  }

  /** Memory that is used again may make a straight line, too. */
  #believed(told: NonNullable<ServerReport['perConnection']>): ServerReport['perConnection'] {
    if (this.#had <= this.#opened * fewBefore) return told
    const had = `it had ${count(this.#had)} descriptors open at a time before, or more`
    return {
      unknown: `${had}, and uses again the memory that it has kept of that; start it anew`,
      samples: told.samples,
    }
  }
}

/** Undefined where it has ended meanwhile. */
function watchOf(look: () => ReturnType<typeof usageOfCgroup>, cpu: RisingCount): ServerWatch | undefined {
  const before = look()
  return before && new ServerWatch(before, look, cpu)
}
