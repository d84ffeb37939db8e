/** Loads that never ran, of servers whose every reply is known: by an exact clock, counted second by second as a run is. */

import { connectReport } from '../../src/load/connect-report.js'
import { type LoadOptions, loadSettings } from '../../src/load/load-options.js'
import { madeBy } from '../../src/load/made-by.js'
import { RatePlan } from '../../src/load/rate-plan.js'
import { type LoadReport, reportOn, secondOf } from '../../src/load/report.js'
import { Schedule } from '../../src/load/schedule.js'
import { Tally } from '../../src/load/tally.js'
import { madeThread } from './made-report.js'

/** A message, in milliseconds from the start of the warm-up: when it was due and left, and when its reply comes, if ever. */
export interface Message {
  readonly due: number
  readonly came: number
}

/** What becomes of the user (or message) that is due then. */
export type Server = (due: number, number: number) => readonly Message[]

/** Each message takes as long as this says. */
export function delays(delay: (number: number) => number): Server {
  return (due, number) => [{ due, came: due + delay(number) }]
}

/** One queue, of so many messages a second, behind a constant delay. */
export function queue(capacity: number, delay = 0): Server {
  let done = 0
  return due => {
    done = Math.max(done, due) + 1000 / capacity
    return [{ due, came: done + delay }]
  }
}

/** @param options - with a rate. What has not come within `drain` behind the end is unanswered. */
export function simulated(server: Server, options: LoadOptions): LoadReport {
  const settings = loadSettings('ws://127.0.0.1:1/', { warmUp: 0, ...options })
  const { segments = [], warmUp, duration, drain, arrival, seed } = settings
  const until = warmUp + duration
  const tallies = Array.from({ length: Math.ceil((until + drain) / 1000) + 1 }, () => new Tally())
  const at = (time: number) => tallies[Math.floor(time / 1000)]!
  const schedule = new Schedule(new RatePlan(segments), arrival, seed)
  for (let due = schedule.next(); due < until; due = schedule.next()) {
    for (const message of server(due, schedule.number)) count(message)
  }
  function count({ due, came }: Message): void {
    const part = (time: number) => (due < warmUp ? at(time).warmUp : at(time))
    for (const name of ['planned', 'sent', 'expected'] as const) part(due).counts[name]++
    if (due < until) for (const name of ['plannedInTime', 'sentInTime'] as const) part(due).counts[name]++
    if (came >= until + drain) {
      part(until + drain).counts.unanswered++
      return
    }
    part(came).counts.received++
    part(came)
      .times('rtt')
      .record(came - due)
    if (came >= warmUp && came < until) at(came).counts.receivedInTime++
  }
  const all = new Tally()
  const perSecond = tallies.map((tally, number) => {
    const second = secondOf(tally, number, warmUp)
    all.add(tally.take())
    return second
  })
  return reportOn(all, {
    settings,
    connect: connectReport({}),
    madeBy: madeBy(),
    startedAt: new Date(0),
    seconds: duration / 1000,
    interruptedBy: undefined,
    generator: { threads: [{ ...madeThread(0.1), seconds: duration / 1000 }], cpu: 0 },
    server: undefined,
    badPeers: {},
    // What is waited for last belongs to no second.
    perSecond: perSecond.slice(0, Math.floor(until / 1000)),
  })
}
