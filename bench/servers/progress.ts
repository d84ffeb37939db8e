/** Who is having a turn: one line of stderr that is written over, where somebody is looking. */
export class Progress {
  readonly #total: number
  #number = 0
  #point = ''

  constructor(total: number) {
    this.#total = total
  }

  /** The next point begins. */
  begin(point: string): void {
    this.#number++
    this.#point = point
    if (!process.stderr.isTTY) console.error(`${this.#number} of ${this.#total}: ${point}`)
  }

  tell(text: string): void {
    if (!process.stderr.isTTY) return
    process.stderr.write(`\r\x1b[K${this.#number} of ${this.#total}: ${this.#point}: ${text}`)
  }

  /** Makes room for what is to stay. */
  clear(): void {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  }
}
