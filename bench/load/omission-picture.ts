/** Coordinated omission in one picture: percentiles of the same server as two tools see them, and as they are. SVG. */

/** What one of them says: milliseconds by per cent. */
export interface Curve {
  readonly name: string
  readonly colour: string
  readonly points: readonly (readonly [percent: number, milliseconds: number])[]
}

const width = 760
const height = 400
const left = 64
const right = 44
const top = 104
const bottom = 52
const ticks = [50, 90, 99, 99.9, 99.99] as const
const highest = 160

/** Per cent on a scale on which each further nine is as wide as the one before. */
function x(percent: number): number {
  const nines = (value: number) => -Math.log10(1 - value / 100)
  const share = (nines(Math.min(percent, 99.99)) - nines(50)) / (nines(99.99) - nines(50))
  return Math.round(left + share * (width - left - right))
}

function y(milliseconds: number): number {
  return (
    Math.round(
      (height - bottom - (Math.min(milliseconds, highest * 1.1) / (highest * 1.1)) * (height - top - bottom)) * 10,
    ) / 10
  )
}

export function omissionPicture(curves: readonly Curve[]): string {
  const text = (at: string, content: string, more = '') => `<text ${at}${more}>${content}</text>`
  const grid = ticks.map(
    percent =>
      `<path d="M${x(percent)} ${top}V${height - bottom}" class="grid"/>` +
      text(`x="${x(percent)}" y="${height - bottom + 20}"`, `${percent} %`, ' text-anchor="middle"'),
  )
  const lines = [0, 40, 80, 120, 160].map(
    value =>
      `<path d="M${left} ${y(value)}H${width - right}" class="grid"/>` +
      text(`x="${left - 8}" y="${y(value) + 4}"`, String(value), ' text-anchor="end"'),
  )
  const drawn = curves.map(({ colour, points, name }, i) => {
    const path = points.map(([percent, time], i) => `${i === 0 ? 'M' : 'L'}${x(percent)} ${y(time)}`).join('')
    // The first one is wide, for the second one should lie on it.
    const stroke = i === 0 ? 'stroke-width="9" opacity="0.35"' : 'stroke-width="2.5"'
    const at = 48 + i * 18
    return (
      `<path d="${path}" fill="none" stroke="${colour}" ${stroke} stroke-linejoin="round"/>` +
      `<path d="M${left} ${at - 4}h26" stroke="${colour}" ${stroke}/>` +
      text(`x="${left + 34}" y="${at}"`, name)
    )
  })
  const title = 'A server that stalls for 100 ms once a second: latency in ms, by percentile'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">
<title>${title}</title>
<style>.grid { stroke: #d0d7de; fill: none }</style>
<rect width="100%" height="100%" fill="#ffffff"/>
${text(`x="${left}" y="24"`, title, ' font-weight="600" font-size="15"')}
${[...grid, ...lines, ...drawn].join('\n')}
${text(`x="${width - right}" y="${height - 10}"`, 'so many of all messages took no longer', ' text-anchor="end"')}
</svg>
`
}
