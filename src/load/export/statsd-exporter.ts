/**
 * Sends the figures of each second to StatsD by UDP: counters of what was counted in it, gauges of the percentiles of what
 * was timed in it, in milliseconds, and of what is known of the server. Nobody acknowledges them: what is lost on the way is lost.
 */
import { createSocket, type Socket } from 'node:dgram'
import type { LoadPart } from '../report.js'
import { countNames, timeNames } from '../tally.js'
import { gaugesOf } from './gauges.js'
import type { LoadExporter } from './load-exporter.js'

/** Options of {@link statsdExporter}. */
export interface StatsdOptions {
  /** Name or address. Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** Default 8125. */
  readonly port?: number | undefined
  /** Before each name. Default `framewright.load.` */
  readonly prefix?: string | undefined
  /** Called for the first thing that goes wrong, with a sentence. The load goes on. */
  readonly onTrouble?: ((message: string) => void) | undefined
}

/** Octets: what an Ethernet takes in one piece, as StatsD's own documentation advises. */
const longestDatagram = 1432
/** Datagrams that wait to be sent; what comes then is left out. */
const mostWaiting = 64
/** Milliseconds that the last ones are waited for. */
const patience = 1000

const figures = ['p50', 'p90', 'p99', 'p99.9', 'max', 'mean'] as const

/**
 * Sends the figures of a load to StatsD.
 *
 * @returns an exporter for one load.
 */
export function statsdExporter({
  host = '127.0.0.1',
  port = 8125,
  prefix = 'framewright.load.',
  onTrouble,
}: StatsdOptions = {}): LoadExporter {
  let socket: Socket | undefined
  let connected = false
  let waiting = 0
  let troubled = false
  let done = () => {}
  const trouble = (error: Error | null) => {
    if (error === null || troubled) return
    troubled = true
    onTrouble?.(`the figures cannot be sent to StatsD at ${host}:${port}: ${error.message}`)
  }
  const send = (datagram: string) => {
    if (!connected || waiting >= mostWaiting) return
    waiting++
    socket!.send(datagram, error => {
      trouble(error)
      if (--waiting === 0) done()
    })
  }
  return {
    async begin() {
      const created = createSocket(host.includes(':') ? 'udp6' : 'udp4')
      // A socket that is connected is told when nobody listens there.
      created.on('error', trouble)
      socket = created
      await new Promise<void>(resolve => {
        created.connect(port, host, (...[error]: Error[]) => {
          connected = error === undefined
          if (error !== undefined) trouble(error)
          resolve()
        })
      })
    },
    add(part) {
      for (const datagram of datagramsOf(linesOf(part, prefix))) send(datagram)
    },
    async end() {
      if (waiting > 0) {
        await new Promise<void>(resolve => {
          const timer = setTimeout(resolve, patience)
          done = () => {
            clearTimeout(timer)
            resolve()
          }
        })
      }
      await new Promise<void>(resolve => socket!.close(() => resolve()))
    },
  }
}

function linesOf(part: LoadPart, prefix: string): string[] {
  const { classes = {}, server = {} } = part
  const told = gaugesOf(server).flatMap(({ name, unit, values }) =>
    values.map(({ labels, value }) => {
      const named = [name, ...Object.values(labels).map(nodeOf)].join('.')
      return gauge(`${prefix}${named}`, unit === 's' ? value * 1000 : value)
    }),
  )
  // Percentiles of classes cannot be put together: all of them have theirs, by a name of its own.
  const ofClasses = Object.entries(classes).flatMap(([name, one]) => countedLines(one, prefix, `.${nodeOf(name)}`))
  return [...countedLines(part, prefix, ''), ...ofClasses, ...told]
}

/** What begins with a sign is added to what the gauge was, so that has to be 0: in the same datagram, which comes in order. */
function gauge(name: string, value: number): string {
  return `${value < 0 ? `${name}:0|g\n` : ''}${name}:${value}|g`
}

/** What a label says, as the last part of a name, for StatsD has no labels. */
function nodeOf(label: string): string {
  return label.replaceAll(/[^\w.-]/g, '_')
}

/** @param which - at the end of each name. */
function countedLines({ counts, times }: LoadPart, prefix: string, which: string): string[] {
  const counters = countNames.filter(name => counts[name] > 0).map(name => `${prefix}${name}${which}:${counts[name]}|c`)
  const gauges = timeNames.flatMap(name => {
    const time = times[name]
    // A dot stands between the parts of a name.
    return time === undefined
      ? []
      : figures.map(figure => `${prefix}${name}.${figure.replace('.', '_')}${which}:${time[figure]}|g`)
  })
  return [...counters, ...gauges]
}

function datagramsOf(lines: readonly string[]): string[] {
  const datagrams: string[] = []
  for (const line of lines) {
    const last = datagrams.at(-1)
    if (last === undefined || last.length + 1 + line.length > longestDatagram) datagrams.push(line)
    else datagrams[datagrams.length - 1] = `${last}\n${line}`
  }
  return datagrams
}
