/**
 * What a run must not come to, as people write it: `rtt.p99 > 20ms`, `lost > 0`, `reach < 99%`, `failed >= 1%`,
 * `rate.received < 9500/s`. Of one class of a scenario: `readers: rtt.p99 > 20ms`; of the server:
 * `server.eventLoopDelay.p99 > 50ms`. A time that was never measured meets every condition: nobody can say that it was short
 * enough.
 */
import { UsageError } from '../errors.js'
import { closest } from '../suggestion.js'
import { type ServerFigure, serverFigure, serverFigureNames } from './server/server-figure.js'
import type { ServerReport } from './server/server-report.js'
import { type CountName, countNames, type Tally, type TimeName, timeNames } from './tally.js'
import { tooSlow } from './too-slow.js'

/** What is known of a run, or of the part of it that is over. */
export interface Measured {
  readonly tally: Tally
  /** How long was measured. */
  readonly seconds: number
  /** What is known of the server, if anything. */
  readonly server?: ServerReport | undefined
}

type Unit = 'ms' | '%' | '/s' | 'octets' | ''

/** What a condition came to. Times are in milliseconds, shares in per cent, rates in messages a second. */
export interface ConditionReport {
  /** As it was written. */
  readonly text: string
  /** What was measured; undefined where there is nothing to measure. */
  readonly value: number | undefined
  /** Of the value; of what is counted there is none. */
  readonly unit: Unit
  /** The run came to what it must not come to. */
  readonly failed: boolean
  /** It ended the run: the value is that at which it fell, if any, whatever came behind it. Left out where it did not. */
  readonly endedRun?: true | undefined
  /** The server had ended before the run did, and the value is of until then: it has failed. Left out where that is not so. */
  readonly serverEnded?: true | undefined
  /** The server was restarted while it was measured, and the value is of before and behind that. Left out where that is not so. */
  readonly serverRestarted?: true | undefined
  /**
   * Another one had ended the run before this could be judged: it forbids too little, nothing of it was measured until then, or it
   * came to that only by what the end left unsent. So it has not failed. Left out where it was judged.
   */
  readonly notJudged?: true | undefined
}

/** The conditions that have ended a run, by their text, and the values at which they fell; undefined where there was none. */
export type Fallen = ReadonlyMap<string, number | undefined>

/** Understood, and ready to be judged. */
export interface Condition {
  readonly text: string
  /** It may only be judged at the end, for it may hold at the beginning of a run that comes to nothing of it: `received < 100`. */
  readonly atEnd: boolean
  /** Of the value. */
  readonly unit: Unit
  /** Of which class it is; undefined: of all. */
  readonly className: string | undefined
  /** The time that it reads, if it reads one. */
  readonly time: TimeName | undefined
  /** What it reads of the server, if anything. */
  readonly server: ServerFigure | undefined
  /** It counts what was never sent, too, of which there is more where the generator is behind when the run is ended. */
  readonly ofUnsent: boolean
  /** What it counts, or how much of it; undefined: it reads something else. */
  readonly counted: CountName | 'reach' | undefined
  /** Undefined where it was never measured. */
  value(measured: Measured): number | undefined
  /** Whether it holds of that value. */
  holds(value: number): boolean
}

/**
 * Whether a run that is not over has come to that already: what was not measured yet may still be. Where the server has ended, nothing
 * that comes makes that good.
 */
export function hasCome(condition: Condition, measured: Measured): boolean {
  const { atEnd, value, holds } = condition
  if (endedWithServer(condition, measured)) return true
  if (atEnd) return false
  const soFar = value(measured)
  return soFar !== undefined && holds(soFar)
}

/** What is not known to the end nobody can say to have been held. */
function endedWithServer({ server }: Condition, measured: Measured): boolean {
  return server?.endsWithIt === true && measured.server?.endedAfter !== undefined
}

/**
 * Judges what must not be, at the end. What has ended the run has fallen, and no later reply makes that good. Of others only what
 * has come to be until then says anything of the server: too little, or nothing at all, is what is left of every run that is cut short,
 * and what was given up then would have left a little later.
 */
export function forbid(condition: Condition, measured: Measured, fallen: Fallen = new Map()): ConditionReport {
  const { text, unit } = condition
  const ended = endedWithServer(condition, measured) && ({ serverEnded: true } as const)
  if (fallen.has(text)) return { text, value: fallen.get(text), unit, failed: true, endedRun: true, ...ended }
  const value = condition.value(measured)
  if (ended) return { text, value, unit, failed: true, ...ended }
  const serverRestarted = (condition.server?.endsWithIt && measured.server?.restarts !== undefined) || undefined
  const failed = value === undefined || condition.holds(value)
  const judged = { text, value, unit, failed, ...(serverRestarted && { serverRestarted }) }
  if (!judged.failed || fallen.size === 0) return judged
  // It had not come to that when the run was ended: else it had fallen, too.
  const isByEnd = condition.ofUnsent && measured.tally.errors.has(tooSlow)
  if (hasCome(condition, measured) && !isByEnd) return judged
  return { ...judged, failed: false, notJudged: true }
}

/** What came of it, for people: `it was 12.3 ms`. */
export function conditionText(condition: ConditionReport): string {
  const restarted = condition.serverRestarted ? ', and the server was restarted meanwhile' : ''
  const said = `it was ${measuredText(condition) ?? 'never measured'}${restarted}`
  if (condition.notJudged) return `not judged: the run was cut short; ${said}`
  if (condition.endedRun)
    return `${said}, and ended the run${condition.serverEnded ? ', for the server had ended' : ''}`
  return condition.serverEnded ? `${said}, and the server ended before the run did` : said
}

/** What was measured, for people: `12.3 ms`; undefined where nothing was. */
export function measuredText({ value, unit }: Pick<ConditionReport, 'value' | 'unit'>): string | undefined {
  if (value === undefined) return undefined
  const figure = new Intl.NumberFormat('en-GB', { maximumFractionDigits: value < 10 ? 3 : 1 }).format(value)
  return unit === '/s' || unit === '' ? `${figure}${unit}` : `${figure} ${unit}`
}

/** Of one class of a scenario. */
const ofClass = /^\s*([\w-]+)\s*:\s*(.*)$/su

const form =
  /^\s*([a-zA-Z]+)(?:\.((?:[\w.:]|\{[^}]*\})+))?\s*(<=|>=|<|>)\s*(\d+(?:\.\d+)?)\s*(ms|us|µs|s|%|\/s|[KMG]iB)?\s*$/u

const operators: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, ms: 1, s: 1000 }

/** What stands behind a number; of 0 it is nothing. */
function inMilliseconds(text: string, digits: string, unit: string | undefined): number {
  if (unit !== undefined) return milliseconds[unit] ?? unitWrong(text, unit)
  if (Number(digits) !== 0) wrong(text, `${digits} has no unit: ${digits}ms, ${digits}s or ${digits}us?`)
  return 1
}

const octets: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 }
const averages = ['count', 'min', 'mean', 'max'] as const
/** Of what was due, and what came, within the measured time. */
const rates: Readonly<Record<string, CountName>> = {
  planned: 'plannedInTime',
  sent: 'sentInTime',
  received: 'receivedInTime',
}
/** What a share of these is a share of: all attempts to connect, all that was due, all replies that were to come. */
const wholes: Readonly<Partial<Record<CountName, (counts: Tally['counts']) => number>>> = {
  opened: attempts,
  failed: attempts,
  dropped: attempts,
  unopened: counts => attempts(counts) + counts.unopened,
  planned: ({ planned }) => planned,
  sent: ({ planned }) => planned,
  plannedInTime: ({ planned }) => planned,
  sentInTime: ({ planned }) => planned,
  missed: ({ planned }) => planned,
  expected: ({ expected }) => expected,
  received: ({ expected }) => expected,
  receivedInTime: ({ expected }) => expected,
  lost: ({ expected }) => expected,
  unanswered: ({ expected }) => expected,
  wrong: ({ expected }) => expected,
}

function attempts({ opened, failed }: Tally['counts']): number {
  return opened + failed
}

/** Reads something from what was measured; undefined where it was never measured. */
type Reading = (measured: Measured) => number | undefined

/**
 * Understands a condition.
 *
 * @throws UsageError WS_INVALID_OPTION
 */
export function parseCondition(text: string): Condition {
  const [, name, rest] = ofClass.exec(text) ?? []
  if (name === undefined) return parsed(text)
  const condition = parsed(rest!)
  return {
    ...condition,
    text: text.trim(),
    className: name,
    value({ tally, seconds }) {
      const part = tally.classes.get(name)
      if (part === undefined) return undefined
      return condition.value({ tally: part, seconds })
    },
  }
}

function parsed(text: string): Condition {
  const [, name = '', part, operator = '', digits, unit] = form.exec(text) ?? []
  if (operator === '') wrong(text, "it is no condition such as 'rtt.p99 > 20ms', 'lost > 0' or 'failed > 1%'")
  const { read, time, server, counted, factor = 1, measuredIn = '' } = readingOf(text, name, part, digits!, unit)
  const limit = Number(digits) * factor
  const holds = operators[operator]!
  return {
    text: text.trim(),
    atEnd: operator.startsWith('<'),
    unit: measuredIn,
    className: undefined,
    time,
    server,
    ofUnsent: name === 'missed' || name === 'errors',
    counted,
    value: read,
    holds: value => holds(value, limit),
  }
}

/** @param unit - what stands behind the number. */
function readingOf(
  text: string,
  name: string,
  part: string | undefined,
  digits: string,
  unit: string | undefined,
): {
  readonly read: Reading
  readonly time?: TimeName
  readonly server?: ServerFigure
  readonly counted?: CountName | 'reach'
  readonly factor?: number
  readonly measuredIn?: Unit
} {
  const time = timeNames.find(one => one === name)
  if (time !== undefined) {
    if (part === undefined) wrong(text, `${time} needs a figure: ${time}.p99, .mean, .min, .max or .count`)
    const isCount = part === 'count'
    if (isCount && unit !== undefined) unitWrong(text, unit)
    const read = figureOf(text, part)
    return {
      time,
      read: ({ tally }) => (isCount || tally.times(time).count > 0 ? read(tally.times(time)) : undefined),
      factor: isCount ? 1 : inMilliseconds(text, digits, unit),
      measuredIn: isCount ? '' : 'ms',
    }
  }
  if (name === 'rate') {
    const rate = Object.hasOwn(rates, part ?? '') ? rates[part!] : undefined
    if (rate === undefined) {
      const all = Object.keys(rates).map(one => `rate.${one}`)
      wrong(text, `there are ${all.join(', ')}`)
    }
    if (unit !== undefined && unit !== '/s') unitWrong(text, unit)
    return { read: ({ tally, seconds }) => (seconds > 0 ? tally.counts[rate] / seconds : undefined), measuredIn: '/s' }
  }
  if (name === 'server') return ofServer(text, part ?? '', digits, unit)
  const counted = [...countNames, 'reach' as const].find(one => one === name)
  if (counted === undefined && name !== 'errors') {
    wrong(
      text,
      `there is no ${name}; ${instead(name, [...timeNames, ...countNames, 'reach', 'rate', 'errors', 'server'])}`,
    )
  }
  if (part !== undefined) wrong(text, `${name} has no .${part}`)
  if (counted === undefined) {
    if (unit !== undefined) unitWrong(text, unit)
    return { read: ({ tally }) => [...tally.errors.values()].reduce((sum, { count }) => sum + count, 0) }
  }
  if (counted === 'reach' && unit !== '%') wrong(text, 'reach is a share, in per cent: reach < 99%')
  if (unit === undefined) return { counted, read: ({ tally }) => tally.counts[counted as CountName] }
  const share = counted === 'reach' ? 'received' : counted
  const wholeOf = wholes[share]
  if (unit !== '%' || wholeOf === undefined) return unitWrong(text, unit)
  return {
    counted,
    measuredIn: '%',
    read({ tally: { counts } }) {
      const whole = wholeOf(counts)
      return whole === 0 ? undefined : (counts[share] * 100) / whole
    },
  }
}

/** @param name - what stands behind `server.` */
function ofServer(text: string, name: string, digits: string, unit: string | undefined) {
  const server = serverFigure(name)
  if (server === undefined) {
    const all = serverFigureNames.map(one => `server.${one}`).join(', ')
    return wrong(text, `there are ${all}, and server.METRIC.mean (.min, .max) of metrics that are asked for`)
  }
  const { measuredIn } = server
  const factors = measuredIn === 'octets' ? octets : {}
  const plain = unit === undefined ? 1 : factors[unit]
  const factor = measuredIn === 'ms' ? inMilliseconds(text, digits, unit) : plain
  if (factor === undefined) return unitWrong(text, unit)
  const read: Reading = measured => measured.server && server.read(measured.server)
  return { read, server, factor, measuredIn }
}

function figureOf(text: string, part: string): (histogram: ReturnType<Tally['times']>) => number {
  const average = averages.find(one => one === part)
  if (average !== undefined) return histogram => histogram[average]
  const percent = Number(/^p(\d+(?:\.\d+)?)$/.exec(part)?.[1])
  if (!(percent > 0 && percent <= 100))
    wrong(text, `.${part} is no figure: there are p50, p99, p99.9, …, mean, min, max, count`)
  return histogram => histogram.percentile(percent)
}

function unitWrong(text: string, unit: string | undefined): never {
  wrong(text, `${unit} is no unit of that`)
}

/** What may have been meant. */
export function instead(name: string, names: readonly string[]): string {
  const near = closest(name, names)
  return near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`
}

/** @param text - the condition. */
export function wrong(text: string, message: string): never {
  throw new UsageError('WS_INVALID_OPTION', '6.1', `${JSON.stringify(text)}: ${message}`)
}
