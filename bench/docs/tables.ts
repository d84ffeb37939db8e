/** Figures as tables of Markdown. */
import type { Figure } from '../measure.js'
import type { ScaleFigures } from '../scale/figures.js'
import { boundLine } from '../scale/report.js'
import type { Cell } from '../servers/cell.js'
import { number, percent, ratio } from '../servers/report.js'
import type { Results } from '../servers/results.js'

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}

/** Who and what was measured, in a sentence. */
export function whereAndWhen({ date, machine, node, versions, rounds, seconds }: Results): string {
  const { cpu, cores, memoryGiB, system } = machine
  const others = [...new Set(Object.values(versions))].filter(version => version !== '' && !version.startsWith('Node'))
  return (
    `Measured on ${date} on ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}; Node ${node}, ${others.join(', ')}. ` +
    `Medians of ${rounds} rounds of ${seconds} s.`
  )
}

const isDeflate = ({ point }: Cell) => point.startsWith('deflate')

/** All but compression, and the chart. */
export function serverTables(results: Results): string {
  return [
    whereAndWhen(results),
    '',
    '![How many times as much ws takes, point by point](performance.svg)',
    '',
    comparison(results.cells.filter(cell => !isDeflate(cell))),
  ].join('\n')
}

export function compressionTables(results: Results): string {
  return [whereAndWhen(results), '', comparison(results.cells.filter(isDeflate))].join('\n')
}

/** How many times as much ws takes, and under it the figures themselves. */
function comparison(cells: readonly Cell[]): string {
  const points = [...new Set(cells.map(({ point }) => point))]
  const peers = [...new Set(cells.map(({ peer }) => peer))]
  const rows = (text: (cell: Cell) => string) =>
    points.map(point => [
      point,
      ...peers.map(peer => {
        const cell = cells.find(one => one.point === point && one.peer === peer)
        return cell === undefined ? '' : text(cell)
      }),
    ])
  const mark = ({ generatorBound }: Cell) => (generatorBound ? ' †' : '')
  const unit = ({ value, point }: Cell) => (/\bidle\b/.test(point) ? number(value) : number(value / 1000))
  return [
    'How many times as much `ws` takes (higher is better):',
    '',
    table(
      ['', ...peers],
      rows(cell => `${ratio(cell.againstWs)}${mark(cell)}`),
    ),
    '',
    'The figures behind it, and their noise: microseconds of CPU for one message, delivery or handshake; octets of memory for',
    'one idle connection.',
    '',
    table(
      ['', ...peers],
      rows(cell => `${unit(cell)} ±${percent(cell.noise / 2)}`),
    ),
    '',
    '† The server had less than 0.7 of a core to do: it was waiting for the generator, and a message costs it less when there',
    'is more to do.',
  ].join('\n')
}

export interface PartAnswer {
  readonly point: string
  readonly figures: readonly Figure[]
}

/** Parts in process: nanoseconds, and how many times as many ws takes. */
export function partTable(answers: readonly PartAnswer[]): string {
  const names = [...new Set(answers.flatMap(({ figures }) => figures.map(({ contestant }) => contestant)))]
  return table(
    ['', ...names],
    answers.map(({ point, figures }) => [
      point,
      ...names.map(name => {
        const figure = figures.find(({ contestant }) => contestant === name)
        if (figure === undefined) return ''
        return `${number(figure.nanoseconds)} ns (${ratio(figure.againstWs)})`
      }),
    ]),
  )
}

const heads = {
  octet: ['octets in a message', 'ns an octet'],
  connection: ['connections', 'ns a message'],
  fragment: ['fragments of 64 octets in a message', 'ns a fragment'],
} as const

export function scaleTables({ growth, crowd, bounds }: ScaleFigures): string {
  const tables = (['octet', 'connection', 'fragment'] as const).map(item =>
    table(
      [heads[item][0], 'µs a message', heads[item][1], 'against the cheapest before'],
      growth[item].map(step => [step.name, number(step.message / 1000), number(step.item), step.growth.toFixed(2)]),
    ),
  )
  const open = `${crowd.connections.toLocaleString('en')} connections that are open`
  return [
    ...tables.flatMap(one => [one, '']),
    `${open} take ${percent(crowd.idleCpu)} of a core while nobody speaks, Pings and all, and ${percent(crowd.talkingCpu)}`,
    `with ${crowd.messagesPerSecond} messages a second in all.`,
    '',
    '```',
    ...bounds.map(boundLine),
    '```',
  ].join('\n')
}
