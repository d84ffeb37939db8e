/** Progress of a run of the suite, in one line that is written over; on a terminal only, and none that cannot. */
import type { CaseResult } from '../../conformance/run-case.js'
import { type Verdict, verdicts } from '../../conformance/verdict.js'
import { type Terminal, writesOver } from '../terminal.js'
import { paintFor } from './paint.js'

/** How often the line is written, in ms. */
const interval = 80

export class Progress {
  readonly #terminal: Terminal
  readonly #total: number
  readonly #counts = new Map<Verdict, number>()
  #done = 0
  #last = 0

  constructor(terminal: Terminal, total: number) {
    this.#terminal = terminal
    this.#total = total
  }

  /** A run has ended. */
  add({ verdict, run }: CaseResult): void {
    this.#done++
    this.#counts.set(verdict, (this.#counts.get(verdict) ?? 0) + 1)
    if (!writesOver(this.#terminal) || performance.now() - this.#last < interval) return
    this.#last = performance.now()
    const paint = paintFor(this.#terminal, 'stderr')
    const sums = verdicts.filter(one => this.#counts.has(one)).map(one => paint(one, `${one} ${this.#counts.get(one)}`))
    this.#write(`${this.#done}/${this.#total}  ${sums.join(', ')}  ${paint('dim', run.id.slice(0, 60))}`)
  }

  /** Takes the line away. */
  end(): void {
    if (this.#last > 0) this.#write('')
  }

  #write(text: string): void {
    this.#terminal.stderr.write(`\r\x1b[K${text}`)
  }
}
