/** Reports of loads that never ran: of round trips that a test gives, second by second. */
import type { BadPeersReport } from '../../src/load/bad-peers.js'
import type { Fallen } from '../../src/load/condition.js'
import { connectReport } from '../../src/load/connect-report.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { type LoadReport, reportOn, secondOf } from '../../src/load/report.js'
import type { ThreadReport } from '../../src/load/self-check.js'
import type { ServerReport } from '../../src/load/server/server-report.js'
import { Tally, type TimeName } from '../../src/load/tally.js'

export interface Made {
  /** Round trips of each second, in milliseconds; or what `timed` says. */
  readonly seconds: readonly (readonly number[])[]
  /** What the seconds are of. Default `rtt`. */
  readonly timed?: TimeName
  /** How many of the seconds are the warm-up; default none. */
  readonly warmUp?: number
  /** On the wire, of each message and of each reply. Default 0, as of reports that do not have them. */
  readonly octets?: number
  /** Messages of each second that were lost. */
  readonly lost?: number
  /** How many seconds were measured; default: all. */
  readonly measured?: number
  /** One more round trip, of a message of the last second, that came behind all of them. */
  readonly late?: number
  readonly options?: LoadOptions
  readonly url?: string
  readonly cpu?: number
  /** Connections that were opened. Default 2. */
  readonly opened?: number
  readonly busy?: number
  readonly startedAt?: number
  readonly errors?: readonly string[]
  /** The server's process, and how many cores it had in each second. */
  readonly server?: ServerReport | undefined
  readonly badPeers?: BadPeersReport
  /** Parts that have the round trips in turns; the options say that there are some. */
  readonly classes?: readonly string[]
  /** The conditions that ended it. */
  readonly fallen?: Fallen
  /** Other times, once each. */
  readonly stages?: Readonly<Partial<Record<TimeName, readonly number[]>>>
}

export function madeReport(made: Made): LoadReport {
  const {
    seconds,
    warmUp = 0,
    octets = 0,
    lost = 0,
    options = {},
    url = 'ws://127.0.0.1:1/',
    cpu = 1,
    busy = 0.5,
    startedAt = 0,
    server,
    badPeers = {},
    classes = [],
    timed = 'rtt',
  } = made
  const measured = seconds.length - warmUp
  const all = new Tally()
  const perSecond = seconds.map((times, number) => {
    const tally = new Tally()
    const isWarmUp = number < warmUp
    const counted = isWarmUp ? tally.warmUp : tally
    for (const time of times) counted.times(timed).record(time)
    for (const [i, name] of classes.entries()) {
      const part = isWarmUp ? tally.classOf(name).warmUp : tally.classOf(name)
      const own = times.filter((_, at) => at % classes.length === i)
      for (const time of own) part.times(timed).record(time)
      Object.assign(part.counts, {
        sent: own.length,
        expected: own.length,
        received: own.length,
        receivedInTime: own.length,
      })
    }
    const planned = times.length + lost
    Object.assign(counted.counts, { planned, sent: planned, expected: planned, received: times.length, lost })
    Object.assign(counted.counts, { plannedInTime: planned, sentInTime: planned })
    Object.assign(counted.counts, { sentWireOctets: planned * octets, receivedWireOctets: times.length * octets })
    counted.counts.sentWireOctetsInTime = planned * octets
    if (number < warmUp + (made.measured ?? measured)) {
      counted.counts.receivedInTime = times.length
      counted.counts.receivedWireOctetsInTime = times.length * octets
    }
    const second = secondOf(
      tally,
      number,
      warmUp * 1000,
      server && { cores: number, memory: server.memoryMax, threads: 1 },
    )
    all.add(tally.take())
    return second
  })
  for (const [name, times] of Object.entries(made.stages ?? {})) {
    for (const time of times) all.times(name as TimeName).record(time)
  }
  if (made.late !== undefined) {
    all.times('rtt').record(made.late)
    for (const name of ['planned', 'sent', 'expected', 'received'] as const) all.counts[name]++
  }
  all.counts.opened = made.opened ?? 2
  all.closeCode(1000, 2)
  for (const kind of made.errors ?? []) all.error(kind, `of ${kind}`)
  const settings = loadSettings(url, { warmUp: warmUp * 1000, duration: Math.max(1, measured * 1000), ...options })
  return reportOn(all, {
    settings,
    connect: connectReport(settings.connect),
    madeBy: { framewright: '0.1.0', node: '22.0.0', system: 'linux x64', cores: 2 },
    startedAt: new Date(startedAt),
    seconds: made.measured ?? measured,
    interruptedBy: made.fallen && 'failIf',
    ...(made.fallen && { fallen: made.fallen }),
    generator: { threads: [{ ...madeThread(busy), seconds: made.measured ?? measured }], cpu },
    server,
    badPeers,
    perSecond,
  })
}

/** A thread that was busy for such a share of its time, and had no other trouble. */
export function madeThread(busy: number): ThreadReport {
  return { seconds: 1, busy, delayP50: 0, delayP99: 0, delayMax: 0, buffered: 0 }
}

/** So many seconds, each of so many round trips from `least` on, `step` apart. */
export function steady(seconds: number, count: number, least: number, step: number): number[][] {
  return Array.from({ length: seconds }, () => Array.from({ length: count }, (_, i) => least + i * step))
}
