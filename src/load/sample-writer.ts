/** Single times, written to a stream as text: as fast as that takes them, and no faster. */
import type { Writable } from 'node:stream'
import { rowLength } from './sample-rows.js'
import { timeNames } from './tally.js'

/** Where each single time of a load is written to. */
export interface LoadSamples {
  /** Takes the text; it is ended when the run is over. */
  readonly to: Writable
  /**
   * `csv` (default): a line of names, then `at,time,ms,class`; `ndjson`: the same by these names, an object in each line.
   * `at` is when the time was known, in milliseconds since 1970: what it began with was `at - ms`.
   */
  readonly format?: 'csv' | 'ndjson' | undefined
}

/** How many single times were written. */
export interface SamplesReport {
  /** Handed to the stream. */
  readonly written: number
  /** Not written: the stream was slower than the load, or has failed. */
  readonly dropped: number
  /** What the stream has failed with. */
  readonly error?: string | undefined
}

export class SampleWriter {
  readonly #to: Writable
  readonly #line: (at: string, name: string, ms: number, part: number) => string
  #written = 0
  #dropped = 0
  #error: string | undefined
  /** What was begun before is written first. */
  #last: Promise<void> = Promise.resolve()
  /** Something has happened to the stream. */
  #wake = () => {}

  /** @param classes - names of the parts of the load, in their order. */
  constructor({ to, format = 'csv' }: LoadSamples, classes: readonly string[]) {
    this.#to = to
    to.on('error', error => {
      this.#error ??= error.message
    })
    for (const event of ['drain', 'finish', 'close', 'error']) to.on(event, () => this.#wake())
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
    this.#dropped += dropped
    this.#last = this.#last.then(() => this.#write(rows))
    return this.#last
  }

  /** Ends the stream. Resolves when that is over. */
  async end(): Promise<SamplesReport> {
    await this.#last
    this.#to.end()
    while (!this.#to.writableFinished && this.#works) await this.#woken()
    const counted = { written: this.#written, dropped: this.#dropped }
    return this.#error === undefined ? counted : { ...counted, error: this.#error }
  }

  async #write(rows: Float64Array): Promise<void> {
    const count = rows.length / rowLength
    if (!this.#works) {
      this.#dropped += count
      return
    }
    let text = ''
    for (let at = 0; at < rows.length; at += rowLength) {
      const ms = Math.round(rows[at + 3]! * 1000) / 1000
      text += this.#line(rows[at]!.toFixed(3), timeNames[rows[at + 1]!]!, ms, rows[at + 2]!)
    }
    this.#written += count
    this.#to.write(text)
    while (this.#to.writableNeedDrain && this.#works) await this.#woken()
  }

  /** It takes more, or will. */
  get #works(): boolean {
    if (this.#to.destroyed && !this.#to.writableFinished) this.#error ??= 'the stream was closed before its end'
    return this.#error === undefined
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
