/** A report as text: what was asked for, what came of it, and whether it can be believed. */
import { oneLine } from '../one-line.js'
import { visibleText } from '../visible-text.js'
import { absentFrom } from './absent-replies.js'
import type { BadPeerKind } from './bad-peers.js'
import { conditionText } from './condition.js'
import { count, milliseconds, rate, several, size } from './figures.js'
import type { Workload } from './load-options.js'
import type { LoadReport, TimeSummary } from './report.js'
import { headOf } from './report-head.js'
import { badPeerWords, timeWords } from './report-words.js'
import type { SamplesReport } from './sample-writer.js'
import type { ThreadReport } from './self-check.js'
import { serverLines } from './server/server-lines.js'
import type { TimeName } from './tally.js'
import { verdictWords } from './verdict-words.js'
import { wireOctetsEach } from './wire-octets-each.js'

/** How a piece of text is set off, by the names that `styleText` of `node:util` has. */
export type TextStyle = 'bold' | 'dim' | 'green' | 'red'

/** Sets a piece of text off. */
export type Paint = (style: TextStyle, text: string) => string

/** Of an error no more is told. */
const mostTold = 240

const columns = ['p50', 'p90', 'p99', 'p99.9', 'max', 'mean'] as const

/**
 * What the command prints at the end of a run, in lines for people; what a server said has its control characters shown.
 *
 * @param report - only read.
 * @param paint - sets pieces off, where it is for a terminal: `(style, text) => styleText(style, text)`. Default: plain text.
 */
export function textReport(report: LoadReport, paint: Paint = (_, text) => text): string {
  const carried = octets(report, paint)
  const blocks = [head(report, paint), messages(report, paint)]
  if (carried.length > 0) blocks.push(carried)
  blocks.push(times(report, paint))
  if (report.classes !== undefined) blocks.push(parts(report, paint))
  blocks.push(connections(report, paint))
  const bad = badPeers(report, paint)
  if (bad.length > 1) blocks.push(bad)
  if (report.errors.length > 0) blocks.push(errors(report, paint))
  if (report.server !== undefined) blocks.push(serverLines(report.server, report, paint))
  if (report.samples !== undefined) blocks.push(samples(report.samples, paint))
  blocks.push(verdict(report, paint))
  if (report.conditions.length > 0) blocks.push(conditions(report, paint))
  return blocks
    .map(lines => lines.join('\n'))
    .join('\n\n')
    .concat('\n')
}

function head(report: LoadReport, paint: Paint): string[] {
  const { asked, measured, late, ended } = headOf(report)
  const began = late === undefined ? '' : `, ${paint('red', late)}`
  const cut = ended === undefined ? '' : `, ${paint(report.interruptedBy === 'signal' ? 'bold' : 'red', ended)}`
  return [visibleText(report.url), asked, `${measured}${began}${cut}`]
}

/** What is planned and sent. */
const things: Readonly<Partial<Record<Workload, string>>> = {
  connect: 'connections asked for',
  storm: 'connections lost',
}

function messages(report: LoadReport, paint: Paint): string[] {
  const { counts, rate: rates, settings } = report
  const row = (name: 'planned' | 'sent' | 'received') =>
    `  ${name.padEnd(12)}${count(counts[name]).padStart(14)}  ${rate(rates[name]).padStart(12)}`
  const troubles = (['missed', 'lost', 'unanswered', 'wrong'] as const).map(name => {
    const line = `  ${name.padEnd(12)}${count(counts[name]).padStart(14)}`
    return counts[name] > 0 ? paint('red', line) : line
  })
  const many =
    counts.expected === counts.sent && counts.received === counts.expected
      ? ''
      : reached(counts.received, counts.expected)
  const other =
    counts.other === 0 ? [] : [`  ${'other'.padEnd(12)}${count(counts.other).padStart(14)}  nobody asked for them`]
  const title = paint('bold', things[settings.workload] ?? 'messages')
  const besides = hasWarmUp(report) ? paint('dim', '  a second with replies to the warm-up') : ''
  return [title, row('planned'), row('sent'), `${row('received')}${many}${besides}`, ...troubles, ...other]
}

/** How much of what was to come did. */
function reached(received: number, expected: number): string {
  return expected === 0 ? '' : `  ${((received * 100) / expected).toFixed(2)} % of ${count(expected)} expected`
}

/** Both ways: of the payload of messages, and as TCP carries it; none where nothing was carried. */
function octets(report: LoadReport, paint: Paint): string[] {
  const { counts, rate: rates } = report
  if (counts.sentWireOctets + counts.receivedWireOctets === 0) return []
  const row = (way: 'sent' | 'received') => {
    const [payload, wire] = ([`${way}Octets`, `${way}WireOctets`] as const).map(
      name => `${size(counts[name]).padStart(14)}  ${`${size(rates[name])}/s`.padStart(14)}`,
    )
    const each = wireOctetsEach(counts, way)?.toFixed(1) ?? ''
    return `  ${way.padEnd(10)}${payload}${wire}${each.padStart(13)}`
  }
  const besides = hasWarmUp(report) ? [paint('dim', '  received: with replies to the warm-up')] : []
  return [
    `${paint('bold', 'octets')}${'payload'.padStart(20)}${'on the wire'.padStart(34)}${'a message'.padStart(27)}`,
    row('sent'),
    row('received'),
    ...besides,
  ]
}

/** Whether of what was received enough is replies to the warm-up to be seen beside those that are counted. */
function hasWarmUp({ counts, perSecond }: LoadReport): boolean {
  const behind = perSecond.filter(({ warmUp }) => !warmUp)
  const late = behind.reduce((sum, { ofWarmUp }) => sum + (ofWarmUp?.counts.received ?? 0), 0)
  return late > counts.received / 100
}

function times(report: LoadReport, paint: Paint): string[] {
  const { times, settings } = report
  const words = timeWords(settings)
  const names = (Object.keys(words) as TimeName[]).filter(name => times[name] !== undefined)
  if (names.length === 0) return [paint('bold', 'times'), '  nothing was timed']
  const width = Math.max(...names.map(name => words[name].length)) + 2
  const title = `  ${'ms'.padEnd(width)}${columns.map(name => name.padStart(10)).join('')}${'count'.padStart(14)}`
  const rows = names.map(name => `  ${words[name].padEnd(width)}${cells(times[name]!)}`)
  const absent = absentFrom(report)
  const besides = absent === undefined ? [] : [`  ${paint('red', absent)}`]
  return [paint('bold', 'times'), paint('dim', title), ...rows, ...besides]
}

/** Phases and classes of a scenario, or parts of a mixed load, side by side. */
function parts({ phases = [], classes = {} }: LoadReport, paint: Paint): string[] {
  const all = [
    ...phases.map(phase => [phase.name, phase] as const),
    ...Object.entries(classes).map(([name, part]) => [phases.length === 0 ? name : `class ${name}`, part] as const),
  ]
  const width = Math.max(...all.map(([name]) => visibleText(name).length)) + 2
  const names = ['sent', 'received', 'missed', 'lost', 'wrong'] as const
  const head = [...names, 'p50', 'p99', 'max'].map(name => name.padStart(10)).join('')
  const rows = all.map(([name, { counts, times }]) => {
    const counted = names.map(name => count(counts[name]).padStart(10)).join('')
    const main = times.rtt ?? times.connect ?? times.reconnect
    const timed = main === undefined ? [] : [main.p50, main.p99, main.max].map(time => milliseconds(time).padStart(10))
    return `  ${visibleText(name).padEnd(width)}${counted}${timed.join('')}`
  })
  return [
    paint('bold', phases.length === 0 ? 'parts' : 'phases and classes'),
    paint('dim', `  ${' '.repeat(width)}${head}`),
    ...rows,
  ]
}

function cells(time: TimeSummary): string {
  return columns.map(name => milliseconds(time[name]).padStart(10)).join('') + count(time.count).padStart(14)
}

function connections({ counts, closeCodes }: LoadReport, paint: Paint): string[] {
  const { opened, failed, dropped, unopened } = counts
  const trouble = (name: string, value: number) => {
    const text = `${count(value)} ${name}`
    return value > 0 ? paint('red', text) : text
  }
  const line = `  ${count(opened)} opened, ${trouble('failed', failed)}, ${trouble('dropped', dropped)}`
  const rest = unopened === 0 ? '' : `, ${count(unopened)} not open yet when it was over`
  const codes = Object.entries(closeCodes).map(([code, times]) => `${code} (${count(times)})`)
  const closed = codes.length === 0 ? [] : [`  closed with ${codes.join(', ')}`]
  return [paint('bold', 'connections'), line + rest, ...closed]
}

function badPeers({ badPeers, counts }: LoadReport, paint: Paint): string[] {
  const rows = Object.entries(badPeers).map(([kind, { connections, counts, closeCodes }]) => {
    const codes = Object.entries(closeCodes).map(([code, times]) => `${code} (${count(times)})`)
    const ended = counts.dropped === 0 ? 'none' : `${count(counts.dropped)} with ${codes.join(', ')}`
    const messages = `${count(counts.sent)} sent, ${count(counts.received)} received`
    return (
      `  ${badPeerWords[kind as BadPeerKind].padEnd(14)}${several(connections, 'connection')}: opened ` +
      `${count(counts.opened)} times, ${count(counts.failed)} failed; ${messages}; the server ended ${ended}`
    )
  })
  const asked = Object.values(badPeers).reduce((sum, { counts }) => sum + counts.sent, 0)
  const beside =
    asked === 0
      ? []
      : [`  ${count(asked)} messages beside the plan of ${count(counts.planned)}: the server had both to do`]
  return [paint('bold', 'peers that do not behave, counted apart'), ...rows, ...beside]
}

function errors({ errors }: LoadReport, paint: Paint): string[] {
  const rows = errors.map(({ kind, count: times, example }) => {
    const said = example === '' ? '' : paint('dim', `  ${shortened(oneLine(example))}`)
    return `  ${count(times).padStart(10)}  ${visibleText(kind)}${said}`
  })
  return [paint('bold', 'errors'), ...rows]
}

/** The names of a certificate alone may be hundreds. */
function shortened(text: string): string {
  return text.length <= mostTold ? text : `${text.slice(0, mostTold)}…`
}

function samples({ written, dropped, error }: SamplesReport, paint: Paint): string[] {
  const line = `  ${count(written)} written`
  if (dropped === 0) return [paint('bold', 'single times'), line]
  const why = error === undefined ? 'the file was slower than the load' : oneLine(error)
  return [paint('bold', 'single times'), line, paint('red', `  ${count(dropped)} not written: ${why}`)]
}

/** Of a rate nothing: most of it is spent on being in time. */
function cpuOfEach({ generator: { cpu }, counts: { sent }, settings: { segments, workload } }: LoadReport): string {
  if (segments !== undefined || sent === 0) return ''
  const thing = things[workload] === undefined ? 'message sent' : 'connection'
  return `, ${((cpu * 1e6) / sent).toFixed(1)} µs for each ${thing}`
}

function verdict(report: LoadReport, paint: Paint): string[] {
  const { generator } = report
  const { sentence, reasons, good } = verdictWords(report, 'it')
  return [
    paint('bold', 'generator'),
    `  CPU ${generator.cpu.toFixed(2)} s${cpuOfEach(report)}`,
    ...generator.threads.map((thread, i) => `  ${threadLine(thread, i + 1)}`),
    `  ${paint(good ? 'green' : 'red', sentence)}`,
    ...reasons.map(reason => `  - ${reason}`),
  ]
}

function threadLine({ busy, cpu, waited, delayP99, delayMax, buffered }: ThreadReport, number: number): string {
  const share = (part: number) => `${Math.round(part * 100)} %`
  const ran = cpu === undefined ? '' : `, ran for ${cpu.toFixed(2)} s`
  const queued = waited === undefined ? '' : `, waited for a core for ${share(waited)} of the time`
  const held = buffered === 0 ? '' : `; at most ${size(buffered)} waited in its sockets`
  const late = `event loop late by ${milliseconds(delayP99)} ms at p99, ${milliseconds(delayMax)} at most`
  return `thread ${number}: busy for ${share(busy)} of the time${ran}${queued}; ${late}${held}`
}

function conditions({ conditions }: LoadReport, paint: Paint): string[] {
  const rows = conditions.map(condition => {
    const { text, failed, notJudged } = condition
    const fine = notJudged ? paint('dim', '–     ') : paint('green', 'ok    ')
    return `  ${failed ? paint('red', 'FAILED') : fine}  ${text}  ${paint('dim', conditionText(condition))}`
  })
  return [paint('bold', 'fail if'), ...rows]
}
