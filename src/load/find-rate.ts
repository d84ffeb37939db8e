/** The highest rate at which a server still does what is asked of it: short runs at rates that close in on it. */
import { UsageError } from '../errors.js'
import { checkedWhereUsed, isFunction, must, type OptionTable, readOptions } from '../option-table.js'
import { backlogText } from './backlog.js'
import { type Condition, type Measured, measuredText, parseCondition } from './condition.js'
import { load } from './load.js'
import { loadOptionTable } from './load-option-table.js'
import { checkFailIf, type LoadOptions, loadSettings } from './load-options.js'
import { fastest } from './rate-plan.js'
import type { LoadReport } from './report.js'
import { tallyOf } from './reported-tally.js'

/** Options of `findRate`: those of each run, and where to look. */
export interface FindRateOptions
  extends Omit<
    LoadOptions,
    'rate' | 'perConnection' | 'failIf' | 'abortOnFail' | 'pipeline' | 'burst' | 'replyTimeout' | 'samples'
  > {
  /**
   * What has to hold, as in `failIf`, but the other way round: `rtt.p99 < 10ms`. At least one. Besides, for what has no reply
   * is in no percentile, `missed <= 0.5%`, `lost <= 0.1%`, `unanswered <= 0.1%`, `wrong <= 0.1%` and `failed <= 0.1%`: each
   * unless it is said here how much of that may be (of the replies also by `received` or `reach`). And the server must not be
   * behind at the end: see `backlog` of the report.
   */
  readonly slo: readonly string[]
  /** The rate of the first run, in messages a second. Default 1000, or `to` where that is less. */
  readonly from?: number | undefined
  /** No rate above this is tried. Default 10 million, which is the most. */
  readonly to?: number | undefined
  /** How near to come, as a share of the rate, from 0.001 to below 1. Default 0.05. */
  readonly precision?: number | undefined
  /** Called behind each run. */
  readonly onStep?: ((step: RateStep) => void) | undefined
}

const section = '6.1'
const {
  rate: _,
  perConnection: _c,
  failIf: _f,
  abortOnFail: _a,
  pipeline: _p,
  burst: _b,
  replyTimeout: _r,
  samples: _s,
  ...ofRuns
} = loadOptionTable
const table: OptionTable<FindRateOptions> = {
  ...ofRuns,
  slo: checkedWhereUsed,
  from: checkedWhereUsed,
  to: checkedWhereUsed,
  precision: checkedWhereUsed,
  onStep: must(isFunction, section, 'a function'),
}

/** One run of the search. */
export interface RateStep {
  /** Messages a second. */
  readonly rate: number
  /**
   * All that was asked for did hold, every message was sent and answered in time (see {@link FindRateOptions.slo}), and the
   * generator kept up; or it did not, and all held in spite of that: its delay is part of all times that count from the plan. Not
   * so where it was late by half a per cent of the run, which is another rate; where anything is asked for that counts from
   * anything else, or is the server's own; and of Poisson arrivals, whose bursts come as a stream from who is late. Why it did not
   * keep up says the `verdict` of the report.
   */
  readonly holds: boolean
  /** Why it does not, a sentence each. */
  readonly reasons: readonly string[]
  /** Of the run; its `conditions` are none, for what has to hold is not what must not be. */
  readonly report: LoadReport
}

/** What a search has come to. */
export interface FoundRate {
  /** The highest rate that held, in messages a second; 0 where none did. */
  readonly rate: number
  /**
   * What ended the search: `server`, it does not hold more; `generator`, more could not be sent in time, so the server may
   * hold more, and where nothing has held (`rate` is 0) nothing can be said of it; `maximum`, no more was to be tried;
   * `unreachable`, not one connection could be opened, or the server that was watched has ended; `interrupted`, by the signal.
   */
  readonly limit: 'server' | 'generator' | 'maximum' | 'unreachable' | 'interrupted'
  /** All runs, in their order. A rate that did not hold where the generator did not keep up is tried a second time. */
  readonly steps: readonly RateStep[]
}

/**
 * What has to hold whatever was asked for: percentiles are of those messages only that were answered, and a server that answers
 * the fewer the more it is asked would hold any rate. Less than half a per cent of the plan may be missing without the rate being
 * another one; without their replies may be no more than what p99.9 would not show.
 */
const always = ['missed <= 0.5%', 'lost <= 0.1%', 'unanswered <= 0.1%', 'wrong <= 0.1%', 'failed <= 0.1%']
/** Who says how much of all replies has to come says it of all that may become of them. */
const replies: readonly Condition['counted'][] = ['lost', 'unanswered', 'wrong']
const ofReplies: readonly Condition['counted'][] = ['received', 'reach']
/** Where nothing holds, so many rates that the generator has spoilt say enough: lower ones would be spoilt, too. */
const mostBound = 2
/** What may hold it up in one run may be over in the next. */
const mostTries = 2
/** What no generator makes of a server, however late it is. */
const ofServer: readonly Condition['counted'][] = ['wrong', 'failed']
/** What counts from the plan has in it whatever the generator was late by. */
const fromPlan: ReadonlySet<Condition['time']> = new Set([
  undefined,
  'firstMessage',
  'rtt',
  'lateness',
  'firstReply',
  'firstOctet',
  'lastReceiver',
  'connect',
  'iteration',
] as const)
/** Later by such a share of the run it makes another rate of it; as many as may be missed. */
const mostLate = 0.005

/**
 * Looks for the highest rate that holds.
 *
 * @param url - `ws:` or `wss:`.
 * @param options - what has to hold, and the options of each run: `duration` is 5 s by default.
 * @returns the rate, and all runs that led there. Rejects with a UsageError for options that cannot be.
 */
export async function findRate(url: string | URL, options: FindRateOptions): Promise<FoundRate> {
  return await findRateOf(url, run => load(url, run), options)
}

/** The same, of whatever runs a load. */
export async function findRateOf(
  url: string | URL,
  loaded: (options: LoadOptions) => Promise<LoadReport>,
  options: FindRateOptions,
): Promise<FoundRate> {
  const given = readOptions('options', options, table, section)
  const { slo, to = fastest, from = Math.min(1000, to), precision = 0.05, onStep, duration = 5000, ...others } = given
  const run = { ...others, duration }
  const conditions = checked(slo, from, to, precision)
  // The runs are not told: to them a condition is what must not be.
  checkFailIf({ ...loadSettings(url, { ...run, rate: from }), failIf: slo }, 'slo')
  const faults = [...conditions, ...besides(conditions)].filter(({ counted }) => ofServer.includes(counted))
  const isBound = ({ holds, report }: RateStep) => !holds && report.verdict.generatorBound && !hasAny(faults, report)
  const steps: RateStep[] = []
  const found = (limit: FoundRate['limit']): FoundRate => ({ rate: highest(steps), limit, steps })
  const rates = search(from, to, precision)
  let next = rates.next()
  while (next.done !== true) {
    const rate = next.value
    const report = await loaded({ ...run, rate })
    if (report.interrupted && report.interruptedBy !== 'disconnected') return found('interrupted')
    const reasons = reasonsOf(report, conditions)
    const step = { rate, holds: reasons.length === 0, reasons, report }
    steps.push(step)
    onStep?.(step)
    if (report.counts.opened === 0 || report.server?.endedAfter !== undefined) return found('unreachable')
    if (isBound(step) && steps.filter(step => step.rate === rate).length < mostTries) continue
    const bound = new Set(steps.filter(isBound).map(({ rate }) => rate))
    if (highest(steps) === 0 && bound.size === mostBound) return found('generator')
    next = rates.next(step.holds)
  }
  if (highest(steps) === to) return found('maximum')
  // What holds no more is the lowest of those that did not, when it was tried last.
  const failed = steps.filter(({ rate }) => rate > highest(steps)).sort((a, b) => b.rate - a.rate)
  return found(isBound(failed.at(-1)!) ? 'generator' : 'server')
}

/** @param faults - conditions that have to hold. */
function hasAny(faults: readonly Condition[], report: LoadReport): boolean {
  const measured = measuredIn(report)
  return faults.some(condition => {
    const value = condition.value(measured)
    return value !== undefined && !condition.holds(value)
  })
}

function measuredIn(report: LoadReport): Measured {
  return { tally: tallyOf(report), seconds: report.seconds, server: report.server }
}

/** Rates to try, each told whether it holds: doubled until one does not (or halved until one does), then closing in. */
export function* search(from: number, to: number, precision: number): Generator<number, void, boolean> {
  let good = 0
  let bad = Number.POSITIVE_INFINITY
  let rate = from
  while (good !== to && bad > 1 && !(good > 0 && bad / good <= 1 + precision)) {
    if (yield rate) good = rate
    else bad = rate
    if (good === 0) rate = Math.max(1, bad / 2)
    else if (bad === Number.POSITIVE_INFINITY) rate = Math.min(to, good * 2)
    else rate = Math.sqrt(good * bad)
  }
}

function highest(steps: readonly RateStep[]): number {
  return Math.max(0, ...steps.filter(({ holds }) => holds).map(({ rate }) => rate))
}

function reasonsOf(report: LoadReport, conditions: readonly Condition[]): string[] {
  const { backlog, counts, verdict } = report
  if (counts.opened === 0) return ['not one connection could be opened']
  const measured = measuredIn(report)
  const reasons = conditions.flatMap(condition => unmet(condition, condition.value(measured)))
  for (const condition of besides(conditions)) {
    const value = condition.value(measured)
    // Where nothing was to come nothing is missing.
    if (value !== undefined) reasons.push(...unmet(condition, value))
  }
  if (report.interruptedBy === 'disconnected') reasons.push('all connections were lost')
  if (report.server?.endedAfter !== undefined) reasons.push('the server has ended')
  if (verdict.generatorBound) {
    // What the generator has not read is no fault of the server's.
    const inSpite = reasons.length === 0 && backlog === undefined && isWithin(conditions, report, measured)
    return inSpite ? [] : [...reasons, ...verdict.reasons]
  }
  if (backlog !== undefined) reasons.push(`the server did not keep up: ${backlogText(backlog)}`)
  return reasons
}

/** Whatever the generator was late by is part of what was asked for, and has made no other rate of it, nor another kind of load. */
function isWithin(conditions: readonly Condition[], { settings }: LoadReport, { tally, seconds }: Measured): boolean {
  return (
    settings.arrival === 'constant' &&
    conditions.every(({ time, server }) => server === undefined && fromPlan.has(time)) &&
    [tally, ...tally.classes.values()].every(
      part =>
        part.times('lateness').percentile(99) <= seconds * 1000 * mostLate &&
        part.counts.missed <= part.counts.planned * mostLate,
    )
  )
}

/** @param value - of the condition. */
function unmet({ text, unit, holds }: Condition, value: number | undefined): string[] {
  if (value !== undefined && holds(value)) return []
  return [`${text} does not hold: it was ${measuredText({ value, unit }) ?? 'never measured'}`]
}

/** Those that go without saying, and of which nothing was said. */
function besides(conditions: readonly Condition[]): readonly Condition[] {
  const said = new Set(conditions.filter(({ className }) => className === undefined).map(({ counted }) => counted))
  const all = ofReplies.some(name => said.has(name))
  return always.map(parseCondition).filter(({ counted }) => !said.has(counted) && !(all && replies.includes(counted)))
}

function checked(slo: readonly string[], from: number, to: number, precision: number): Condition[] {
  const refuse = (message: string): never => {
    throw new UsageError('WS_INVALID_OPTION', section, message)
  }
  if (!Array.isArray(slo) || slo.length === 0) refuse('`slo` is a list of conditions, at least one')
  if (!(from >= 1 && from <= to && to <= fastest))
    refuse(`\`from\` and \`to\` are rates from 1 to ${fastest}, the lower one first`)
  if (!(precision >= 0.001 && precision < 1)) refuse('`precision` is a share from 0.001 to below 1')
  try {
    return slo.map(parseCondition)
  } catch (error) {
    return refuse(`\`slo\` ${(error as UsageError).message}`)
  }
}
