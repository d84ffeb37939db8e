import { Transform } from 'node:stream'

/** tap reporter: one line per file, the TAP of failing files, and a plain closing line. */
export default class Reporter extends Transform {
  #rest = ''
  #block = []
  #totals = new Map()

  _transform(chunk, _encoding, callback) {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop()
    for (const line of lines) this.#line(line)
    callback()
  }

  #line(line) {
    const totals = /^# \{ (total: .*) \}$/.exec(line)
    if (totals) {
      for (const pair of totals[1].split(', ')) {
        const [name, value] = pair.split(': ')
        this.#totals.set(name, Number(value))
      }
      return
    }
    if (/^(TAP version|1\.\.\d+$|# time=|# Subtest: )/.test(line)) return
    const point = /^(not )?ok \d+ - (.*)$/.exec(line)
    if (!point) {
      this.#block.push(line)
      return
    }
    if (point[1]) this.push(`${this.#block.join('\n')}\nFAIL ${point[2]}\n`)
    else this.push(`ok ${point[2]}\n`)
    this.#block = []
  }

  _flush(callback) {
    const { pass = 0, fail = 0, skip = 0, todo = 0 } = Object.fromEntries(this.#totals)
    const rest = this.#block.join('\n').trim()
    if (rest) this.push(`${rest}\n`)
    if (skip + todo) this.push(`${skip + todo} skipped\n`)
    this.push(`${pass} passed, ${fail} failed\n`)
    callback()
  }
}
