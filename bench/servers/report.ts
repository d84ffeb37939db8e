/** Cells as text: a block for each point, and at the end the ratios of all of them. */
import { styleText } from 'node:util'
import { median } from '../statistics.js'
import type { Cell, Failure } from './cell.js'
import type { Point } from './point.js'

const columns = [36, 11, 8, 9, 13, 10, 10, 7]

/** The lines of one point. */
export function blockOf(point: Point, cells: readonly (Cell | Failure)[]): string {
  const unit = point.compared === 'memory' ? 'octets' : 'µs'
  const head = row([point.name, unit, 'noise', 'ws / it', 'a second', 'p50 ms', 'p99 ms', 'core'])
  return [bold(head), ...cells.map(cell => lineOf(point, cell))].join('\n')
}

function lineOf(point: Point, cell: Cell | Failure): string {
  if ('error' in cell) return `  ${cell.peer.padEnd(34)}failed: ${cell.error}`
  const { peer, value, noise, againstWs, perSecond, p50, p99, share, generatorBound } = cell
  if (point.compared === 'memory') return row([`  ${peer}`, number(value), percent(noise), ratio(againstWs)])
  const line = row([
    `  ${peer}`,
    number(value / 1000),
    percent(noise),
    ratio(againstWs),
    perSecond.toLocaleString('en', { maximumFractionDigits: 0 }),
    number(p50),
    number(p99),
    share.toFixed(2),
  ])
  return generatorBound ? `${line} *` : line
}

/** Under the tables, where a line is marked. */
export const generatorBoundNote =
  '* less than 0.7 of a core: it was waiting for the generator, and costs less for a message when there is more to do; at a rate: the generator was late'

/** What has to be said of all figures on a machine that had much else to do. */
export function busyNotes(cells: readonly Cell[]): string[] {
  const waited = cells.length === 0 ? 0 : median(cells.map(cell => cell.waited))
  if (waited < 0.1) return []
  return [
    `others had the cores for ${percent(waited)} of the time that the servers could have run: not a quiet machine`,
  ]
}

/** How many times as much ws takes, points by peers. */
export function summaryOf(cells: readonly (Cell | Failure)[]): string {
  const points = [...new Set(cells.map(({ point }) => point))]
  const peers = [...new Set(cells.map(({ peer }) => peer))]
  const line = (name: string, values: readonly string[]) =>
    name.padEnd(36) + values.map((value, i) => value.padStart(Math.max(9, peers[i]!.length + 2))).join('')
  const lines = points.map(point =>
    line(
      point,
      peers.map(peer => {
        const cell = cells.find(one => one.point === point && one.peer === peer)
        if (cell === undefined) return ''
        return 'error' in cell ? 'failed' : ratio(cell.againstWs) + (cell.generatorBound ? '*' : '')
      }),
    ),
  )
  return [bold(line('ws / it', peers)), ...lines].join('\n')
}

function row(values: readonly string[]): string {
  return values.map((value, i) => (i === 0 ? value.padEnd(columns[i]!) : value.padStart(columns[i]!))).join('')
}

/** In percent: two digits, as far as they go. */
export function percent(value: number): string {
  const percents = value * 100
  return `${percents < 9.95 && percents > 0 ? percents.toPrecision(2) : percents.toFixed(0)} %`
}

/** Three digits, as far as they go. */
export function number(value: number | undefined): string {
  if (value === undefined) return ''
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3)
}

export function ratio(value: number | undefined): string {
  return value === undefined ? '' : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export function bold(text: string): string {
  return process.stdout.isTTY && process.stdout.hasColors() ? styleText('bold', text) : text
}
