/** Single times, written to a stream as text: as fast as that takes them, and no faster. */
import type { Writable } from 'node:stream'
import { eventLoop, type PacerWorld } from './pacer.js'
import { rowLength } from './sample-rows.js'
import { timeNames } from './tally.js'

/** Where each single time of a load is written to. */
export interface LoadSamples {
  /** Takes the text; it is ended when the run is over, and destroyed where it takes nothing for 10 s then. */
  readonly to: Writable
  /**
   * `csv` (default): a line of names, then `at,time,ms,class`; `ndjson`: the same by these names, an object in each line.
   * `at` is when the time was known, in milliseconds since 1970: what it began with was `at - ms`.
   */
  readonly format?: 'csv' | 'ndjson' | undefined
}

/** How many single times were written. */
export interface SamplesReport {
  /** The stream has taken them. */
  readonly written: number
  /** Not written: the stream was slower than the load, or has failed. */
  readonly dropped: number
  /** What the stream has failed with, or why it was not waited for. */
  readonly error?: string | undefined
}

/** Rows that are written at a time, some 40 KiB: who takes them slowly has soon taken something. */
const few = 1024

/** Milliseconds behind the run that need no word, and those in which the stream has to take something. */
const patience = 1000
const longest = 10_000

export class SampleWriter {
  readonly #to: Writable
  readonly #line: (at: string, name: string, ms: number, part: number) => string
  readonly #after: PacerWorld['after']
  /** All that there were. */
  #count = 0
  #written = 0
  #error: string | undefined
  /** What was begun before is written first. */
  #last: Promise<void> = Promise.resolve()
  /** Something has happened to the stream. */
  #wake = () => {}
  /** The run is over: from now on the stream has to take something now and then. */
  #ending = false
  #unlimited = () => {}

  /** @param classes - names of the parts of the load, in their order. */
  constructor({ to, format = 'csv' }: LoadSamples, classes: readonly string[], { after } = eventLoop) {
    this.#to = to
    this.#after = after
    to.on('error', error => {
      this.#error ??= error.message
    })
    for (const event of ['drain', 'finish', 'close', 'error']) to.on(event, () => this.#happened())
    if (format === 'csv') {
      const names = classes.map(quoted)
      this.#line = (at, name, ms, part) => `${at},${name},${ms},${names[part] ?? ''}\n`
      to.write('at,time,ms,class\n')
    } else {
      const names = classes.map(name => `,"class":${JSON.stringify(name)}`)
      this.#line = (at, name, ms, part) => `{"at":${at},"time":"${name}","ms":${ms}${names[part] ?? ''}}\n`
    }
  }

  /**
   * Writes rows. Resolves when the stream takes more; the rows are not looked at any more then.
   *
   * @param dropped - how many were not kept before these.
   */
  write(rows: Float64Array, dropped: number): Promise<void> {
    this.#count += dropped + rows.length / rowLength
    this.#last = this.#last.then(() => this.#write(rows))
    return this.#last
  }

  /**
   * Ends the stream. Resolves when that is over, or given up.
   *
   * @param onWaiting - called when it takes longer than a second.
   */
  async end(onWaiting?: () => void): Promise<SamplesReport> {
    this.#ending = true
    this.#limit()
    const unsaid = onWaiting && this.#after(patience, onWaiting)
    await this.#last
    this.#to.end()
    while (!this.#to.writableFinished && this.#works) await this.#woken()
    unsaid?.()
    this.#ending = false
    this.#unlimited()
    const counted = { written: this.#written, dropped: this.#count - this.#written }
    return this.#error === undefined ? counted : { ...counted, error: this.#error }
  }

  /** Waits for the stream no longer: what it has not taken is dropped. */
  giveUp(why = 'it was not waited for'): void {
    this.#error ??= why
    this.#to.destroy()
    this.#wake()
  }

  async #write(rows: Float64Array): Promise<void> {
    for (let at = 0; at < rows.length && this.#works; at += few * rowLength) {
      await this.#writeFew(rows.subarray(at, at + few * rowLength))
    }
  }

  async #writeFew(rows: Float64Array): Promise<void> {
    const count = rows.length / rowLength
    let text = ''
    for (let at = 0; at < rows.length; at += rowLength) {
      const ms = Math.round(rows[at + 3]! * 1000) / 1000
      text += this.#line(rows[at]!.toFixed(3), timeNames[rows[at + 1]!]!, ms, rows[at + 2]!)
    }
    this.#to.write(text, error => {
      if (!error && this.#error === undefined) this.#written += count
    })
    while (this.#to.writableNeedDrain && this.#works) await this.#woken()
  }

  /** It takes more, or will. */
  get #works(): boolean {
    if (this.#to.destroyed && !this.#to.writableFinished) this.#error ??= 'the stream was closed before its end'
    return this.#error === undefined
  }

  #happened(): void {
    this.#limit()
    this.#wake()
  }

  /** From now on, if the run is over. */
  #limit(): void {
    this.#unlimited()
    if (this.#ending) {
      this.#unlimited = this.#after(longest, () => this.giveUp(`it took nothing for ${longest / 1000} s`))
    }
  }

  #woken(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }
}

/** RFC 4180. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
