/** How figures are written for people. */

const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })

/** `50,012`. */
export function count(value: number): string {
  return whole.format(value)
}

/** `49,998/s`, and of a slow rate one decimal: `2.5/s`. */
export function rate(perSecond: number): string {
  return `${perSecond < 100 && !Number.isInteger(perSecond) ? perSecond.toFixed(1) : count(perSecond)}/s`
}

/** Milliseconds with three significant digits at least: `0.123`, `1.23`, `12.3`, `1,234`. */
export function milliseconds(value: number): string {
  if (value >= 100) return count(value)
  return value >= 10 ? value.toFixed(1) : value >= 1 ? value.toFixed(2) : value.toFixed(3)
}

/** `500 ms`, `10 s`, `90 s`. */
export function period(ms: number): string {
  return ms < 1000 ? `${count(ms)} ms` : `${Math.round(ms / 100) / 10} s`
}

const units = ['octets', 'KiB', 'MiB', 'GiB'] as const

/** `512 octets`, `5.3 KiB`, `120 MiB`. */
export function size(octets: number): string {
  const unit = octets < 1024 ? 0 : octets < 2 ** 20 ? 1 : octets < 2 ** 30 ? 2 : 3
  const value = octets / 1024 ** unit
  return `${unit === 0 || value >= 100 ? count(value) : value.toFixed(1)} ${units[unit]}`
}

/** `1 thread`, `2 threads`. */
export function several(number: number, thing: string): string {
  return `${count(number)} ${thing}${number === 1 ? '' : 's'}`
}

const bars = '▁▂▃▄▅▆▇█'

/** A bar for each figure, the highest one full. */
export function sparkline(values: readonly number[]): string {
  const highest = Math.max(...values)
  return values.map(value => bars[highest === 0 ? 0 : Math.round((value / highest) * (bars.length - 1))]).join('')
}
