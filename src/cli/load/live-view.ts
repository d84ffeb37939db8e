/**
 * What is seen of a load while it runs: on a terminal a few lines that are written over each second, elsewhere a line now
 * and then. It is told once a second what has come, and has no part in the measuring.
 */

import { stripVTControlCharacters } from 'node:util'
import { count, milliseconds, period, rate, several, size, sparkline } from '../../load/figures.js'
import type { LoadSettings } from '../../load/load-settings.js'
import type { LoadSecond, TimeSummary } from '../../load/report.js'
import type { ServerSecond } from '../../load/server/server-report.js'
import { shownOf } from '../../load/shown-second.js'
import { shownUrl } from '../../load/shown-url.js'
import { type Style, styled, type Terminal, tell, writesOver } from '../terminal.js'

type Shown = ReturnType<typeof shownOf>

/** Seconds in the picture of the latency, and steps of the bar. */
const width = 30
/** Plain lines there are at most, about. */
const plainLines = 20

export class LiveView {
  readonly #terminal: Terminal
  readonly #settings: Pick<LoadSettings, 'duration' | 'warmUp'>
  readonly #p99: number[] = []
  /** Lines on the screen that are to be written over, as they are seen. */
  #lines: readonly string[] = []

  constructor(terminal: Terminal, settings: Pick<LoadSettings, 'duration' | 'warmUp'>) {
    this.#terminal = terminal
    this.#settings = settings
  }

  /** A second is over. */
  add(second: LoadSecond): void {
    if (writesOver(this.#terminal)) this.#draw(second)
    else this.#print(second)
  }

  /** Something has to be said, above the lines. */
  note(text: string): void {
    this.#write([])
    tell(this.#terminal, text)
  }

  /** Takes the lines away. */
  end(): void {
    this.#write([])
  }

  #draw(second: LoadSecond): void {
    const { number, warmUp } = second
    const shown = shownOf(second, warmUp)
    const seconds = Math.ceil((this.#settings.warmUp + this.#settings.duration) / 1000)
    const done = Math.min(width, Math.round(((number + 1) / seconds) * width))
    this.#p99.push(mainTime(shown)?.p99 ?? 0)
    if (this.#p99.length > width) this.#p99.shift()
    const bar = `${'█'.repeat(done)}${this.#paint('dim', '░'.repeat(width - done))}`
    const phase = warmUp ? this.#paint('dim', 'warming up') : this.#behind(second)
    const about = [phase, this.#troubles(shown)].filter(Boolean).join('  ')
    this.#write([
      `${bar} ${number + 1} of ${seconds} s  ${about}`.trimEnd(),
      ratesLine(shown),
      timeLine(shown),
      ...(second.server === undefined ? [] : [serverLine(second.server)]),
      `${sparkline(this.#p99)} p99 of each second`,
    ])
  }

  #print(second: LoadSecond): void {
    const { number, warmUp } = second
    const shown = shownOf(second, warmUp)
    const every = Math.ceil((this.#settings.warmUp + this.#settings.duration) / 1000 / plainLines)
    if ((number + 1) % every !== 0) return
    const server = second.server === undefined ? '' : serverLine(second.server)
    const phase = warmUp ? 'warming up' : this.#behind(second)
    const about = [ratesLine(shown), timeLine(shown), server, phase, this.#troubles(shown)]
    tell(this.#terminal, `${number + 1} s  ${about.filter(Boolean).join('  ')}`)
  }

  /** In red what leaves late of the warm-up where that is more than what was due behind it: else nothing seems to go on. */
  #behind({ counts, ofWarmUp }: LoadSecond): string {
    if (ofWarmUp === undefined || ofWarmUp.counts.sent <= counts.sent) return ''
    return this.#paint('red', `behind the plan: still sends the warm-up's, ${ratesLine(ofWarmUp)}`)
  }

  /** What should not be, in red. */
  #troubles({ counts }: Shown): string {
    const found = (['failed', 'dropped', 'missed', 'lost', 'wrong'] as const).filter(name => counts[name] > 0)
    return this.#paint('red', found.map(name => `${name} ${count(counts[name])}`).join('  '))
  }

  #paint(style: Style, text: string): string {
    return text === '' ? '' : styled(this.#terminal, 'stderr', style, text)
  }

  #write(lines: readonly string[]): void {
    const { columns = Number.POSITIVE_INFINITY } = this.#terminal.stderr
    // A terminal that is narrower than a line has it in several rows; one that was made narrower since, too.
    const rows = this.#lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0)
    const up = rows === 0 ? '' : `\x1b[${rows}A\x1b[J`
    this.#lines = lines.map(stripVTControlCharacters)
    if (up !== '' || lines.length > 0) this.#terminal.stderr.write(up + lines.map(line => `${line}\n`).join(''))
  }
}

function ratesLine({ counts }: Pick<Shown, 'counts'>): string {
  return `sent ${rate(counts.sent)}  received ${rate(counts.received)}`
}

/** What the workload is about. */
function mainTime({ times }: Shown): TimeSummary | undefined {
  return times.rtt ?? times.connect ?? times.reconnect
}

function timeLine(shown: Shown): string {
  const time = mainTime(shown)
  if (time === undefined) return 'no replies'
  const { p50, p99, max } = time
  const name = shown.times.rtt === undefined ? 'connected' : 'rtt'
  return `${name} p50 ${milliseconds(p50)}  p99 ${milliseconds(p99)}  max ${milliseconds(max)} ms`
}

function serverLine({ cores, memory, eventLoopDelay = {} }: ServerSecond): string {
  const late = eventLoopDelay.p99 ?? eventLoopDelay.max ?? eventLoopDelay.now
  const parts = [
    ...(cores === undefined ? [] : [`${cores.toFixed(2)} cores`]),
    ...(memory === undefined ? [] : [size(memory)]),
    ...(late === undefined ? [] : [`event loop late by ${milliseconds(late)} ms`]),
  ]
  return `server ${parts.length === 0 ? 'told nothing of its process' : parts.join(', ')}`
}

/** What is about to be done, for those who wait. */
export function announcement({ url, connections, shard, duration, warmUp }: LoadSettings): string {
  const share = shard.count === 1 ? '' : ` (share ${shard.index + 1} of ${shard.count})`
  const warm = warmUp === 0 ? '' : ` after ${period(warmUp)} of warm-up`
  return `opening ${several(connections, 'connection')} to ${shownUrl(url)}${share}; then ${period(duration)}${warm}`
}
