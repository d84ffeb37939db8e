/** What was counted and timed in the form that monitoring systems take: counters, and histograms with fixed bounds. */
import type { Histogram } from '../histogram.js'
import { type CountName, countNames, type Tally, type TimeName, timeNames } from '../tally.js'

/** Upper bounds of the buckets in seconds: from a server on this machine to one that is out of order. */
export const bounds = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const

/** What tells the values of a metric apart. */
export type Labels = Readonly<Record<string, string>>

/** All of a load, or one of its classes. */
export interface LabelledTally {
  readonly labels: Labels
  readonly tally: Tally
}

/** Only grows while a load runs. */
export interface CounterMetric {
  /** As in the report. */
  readonly name: CountName | 'errors'
  readonly help: string
  /** They add up to what the load has come to. */
  readonly values: readonly { readonly labels: Labels; readonly value: number }[]
}

/** Times in seconds. */
export interface HistogramMetric {
  /** As in the report. */
  readonly name: TimeName
  readonly help: string
  /** Likewise. */
  readonly values: readonly Distribution[]
}

export interface Distribution {
  readonly labels: Labels
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
  /** How many there are up to each bound and above the one before; the last of those above all bounds. */
  readonly buckets: readonly number[]
}

const counted: Readonly<Record<CountName, string>> = {
  opened: 'Connections that were opened.',
  failed: 'Connections that could not be opened.',
  dropped: 'Connections that ended before the end of the run.',
  unopened: 'Connections that were neither open nor had failed when the run was over.',
  planned: 'Messages that were due.',
  sent: 'Messages that were sent.',
  missed: 'Messages that could not be sent when they were due.',
  expected: 'Replies that were expected to the messages sent.',
  received: 'Replies that came.',
  lost: 'Replies that never came though later ones did, or whose connection ended.',
  unanswered: 'Replies that had not come at the end.',
  wrong: 'Replies in the place of which something else came.',
  other: 'Messages that came and that nobody had asked for.',
  sentOctets: 'Octets of payload in messages that were sent.',
  receivedOctets: 'Octets of payload in messages that came.',
  sentWireOctets: 'Octets that TCP carried to the server: frames, handshakes, TLS.',
  receivedWireOctets: 'Octets that TCP carried from the server: frames, handshakes, TLS.',
  plannedInTime: 'Messages that were due before the measured time was over.',
  sentInTime: 'Messages that were sent of those that were due before the measured time was over.',
  sentOctetsInTime: 'Octets of payload in messages that were sent of those due before the measured time was over.',
  sentWireOctetsInTime: 'Octets that TCP carried to the server before the measured time was over.',
  receivedInTime: 'Replies that came before the measured time was over.',
  receivedOctetsInTime: 'Octets of payload in messages that came before the measured time was over.',
  receivedWireOctetsInTime: 'Octets that TCP carried from the server before the measured time was over.',
}

const timed: Readonly<Record<TimeName, string>> = {
  dns: 'Time to resolve the name.',
  tcp: 'Time to connect.',
  tls: 'Time of the TLS handshake.',
  upgrade: 'Time of the Opening Handshake.',
  firstMessage: 'First round trip of each connection.',
  rtt: 'Round trip from when the message was due; in the closed model from when it left.',
  rttFromSend: 'Round trip from when the message left.',
  lateness: 'How long after it was due a message left.',
  ping: 'From a Ping to its Pong.',
  close: 'Closing Handshake and end of TCP.',
  firstReply: 'From when the message was due to the first of its replies.',
  lastReceiver: 'From when the message was due until the last receiver had it.',
  connect: 'From when a connection was due until it was open.',
  reconnect: 'From the end of a connection until it was open again.',
  firstOctet: 'From when the message was due to the first octets of its reply.',
  iteration: 'All steps of a user of a scenario, from when it was due.',
}

/** All counters. */
export function countersOf(parts: readonly LabelledTally[]): CounterMetric[] {
  const errors = parts.flatMap(({ labels, tally }) =>
    [...tally.errors].map(([kind, { count }]) => ({ labels: { ...labels, kind }, value: count })),
  )
  return [
    ...countNames.map(name => ({
      name,
      help: counted[name],
      values: parts.map(({ labels, tally }) => ({ labels, value: tally.counts[name] })),
    })),
    { name: 'errors', help: 'What went wrong, by kind.', values: errors },
  ]
}

/** A histogram of whatever was timed. */
export function histogramsOf(parts: readonly LabelledTally[]): HistogramMetric[] {
  const all = timeNames.map(name => ({
    name,
    help: timed[name],
    values: parts.flatMap(({ labels, tally }) => distributionOf(labels, tally.times(name))),
  }))
  return all.filter(({ values }) => values.length > 0)
}

/** None of what was not timed. */
function distributionOf(labels: Labels, histogram: Histogram): Distribution[] {
  if (histogram.count === 0) return []
  const buckets = [...bounds.map(() => 0), 0]
  let at = 0
  for (const [time, count] of histogram.buckets()) {
    while (at < bounds.length && time / 1000 > bounds[at]!) at++
    buckets[at]! += count
  }
  const { count, mean, min, max } = histogram
  return [{ labels, count, sum: (mean * count) / 1000, min: min / 1000, max: max / 1000, buckets }]
}
