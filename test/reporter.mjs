import { Transform } from 'node:stream'

/** So many lines the closing list of failures may have, and one failure in it. */
const maxListLines = 60
const maxFailureLines = 9

/** A failed assertion: the names of the tests around it and its own, and its diagnostics as they came. */
class Failure {
  lines = []

  constructor(path) {
    this.path = path
  }

  /** What is worth repeating of the diagnostics: where it was, and what was found; not the source and the calls. */
  digest() {
    const kept = []
    let leftOut
    for (const line of this.lines) {
      const [, indent, key] = /^( *)(?:(\w+):)?/.exec(line)
      if (leftOut !== undefined && (indent.length > leftOut || line.trim() === '')) continue
      leftOut = ['stack', 'source', 'at'].includes(key) ? indent.length : undefined
      if (leftOut === undefined && !/^ *(---|\.\.\.)$/.test(line)) kept.push(line.trimStart())
    }
    const more = kept.length > maxFailureLines ? ['…'] : []
    return [...this.#place(), ...kept.slice(0, maxFailureLines), ...more].map(line => `    ${line}`)
  }

  #place() {
    const [file, line] = ['fileName', 'lineNumber'].map(key =>
      this.lines.map(text => new RegExp(`^ *${key}: (.*)$`).exec(text)?.[1]).find(value => value !== undefined),
    )
    return file === undefined ? [] : [`at ${file}:${line}`]
  }
}

/** The TAP of one file, reduced to what its reader needs. */
class FileReport {
  /** Failures, and between them the lines that are not TAP. */
  failures = []
  skipped = []
  asserts = 0
  /** Names of the tests around the current line, by depth. */
  #around = []
  /** By depth: whether a failure inside the test that ends next at that depth has been told already. */
  #told = []
  /** The indent of the diagnostics being copied or left out; undefined outside. */
  #diagnosticsEnd
  #copies = false

  line(line) {
    if (this.#diagnosticsEnd !== undefined) {
      if (this.#copies) this.failures.at(-1).lines.push(line)
      if (line === this.#diagnosticsEnd) this.#diagnosticsEnd = undefined
      return
    }
    const [, indent, rest] = /^( *)(.*)$/.exec(line)
    const depth = indent.length / 4
    const subtest = /^# Subtest: (.*)$/.exec(rest)
    const point = /^(not )?ok \d+ - (.*?)( # SKIP.*| # TODO.*)?$/.exec(rest)
    if (subtest) this.#open(depth, subtest[1])
    else if (point) this.#point(depth, point[1] === undefined, point[2], point[3])
    else if (rest === '---') this.#startDiagnostics(line, indent)
    else if (rest !== '' && !/^(1\.\.\d+|# time=)/.test(rest)) this.failures.push(line)
  }

  #open(depth, name) {
    this.#around.length = depth
    this.#around[depth] = name
    this.#told[depth] = false
  }

  #point(depth, ok, name, directive) {
    const endsSubtest = this.#around.length > depth
    const path = [...this.#around.slice(1, depth), name.replace(/ # time=\S+$/, '')].join(' > ')
    if (!endsSubtest) this.asserts += 1
    if (directive !== undefined) this.skipped.push({ path, reason: directive.replace(/^ # (SKIP|TODO) ?/, '') })
    this.#copies = !ok && directive === undefined && !(endsSubtest && this.#told[depth])
    if (this.#copies) {
      this.failures.push(new Failure(path))
      this.#told = this.#told.map((told, level) => told || level < depth)
    }
    this.#around.length = Math.min(this.#around.length, depth)
  }

  #startDiagnostics(line, indent) {
    this.#diagnosticsEnd = `${indent}...`
    if (this.#copies) this.failures.at(-1).lines.push(line)
  }
}

/**
 * tap reporter: a line of progress per test file; of a failing file each failure whole, under the names of the tests
 * around it, without the many lines that passed; what was skipped, by its reason; all failures again, shortened, for a
 * log that is read from its end; and the closing line `N passed, N failed`. A shortfall of coverage is printed before it
 * and fails the run without changing it: trust the exit status.
 */
export default class Reporter extends Transform {
  #rest = ''
  #files = 0
  #finished = 0
  /** The file whose lines are being gathered. */
  #report = new FileReport()
  /** A failed file whose own diagnostics are still to come. */
  #failed
  /** Whether that file failed without a failed test: its process died, or left tests unfinished. */
  #endedBadly = false
  /** The lines that list all failures in short. */
  #list = []
  /** Tests that were skipped, by the reason. */
  #skipped = new Map()
  #totals = {}

  _transform(chunk, _encoding, callback) {
    const lines = (this.#rest + chunk).split('\n')
    this.#rest = lines.pop()
    for (const line of lines) this.#line(line)
    callback()
  }

  #line(line) {
    if (this.#failed !== undefined && !/^(ok|not ok|#|1\.\.)/.test(line)) {
      this.#failed.push(line)
      if (this.#endedBadly && /^ *(exitCode|signal|timeout|error):/.test(line)) this.#list.push(`    ${line.trim()}`)
      if (line === '  ...') this.#printFailed()
      return
    }
    this.#printFailed()
    const totals = /^# \{ (total: .*) \}$/.exec(line)
    const plan = /^1\.\.(\d+)/.exec(line)
    const point = /^(not )?ok \d+ - (.*?)(?: # time=(\S+))?$/.exec(line)
    if (totals) this.#totals = Object.fromEntries(totals[1].split(', ').map(pair => pair.split(': ')))
    else if (plan) this.#files = Number(plan[1])
    else if (point) this.#endOfFile(point[1] !== undefined, point[2], point[3])
    else if (!/^(TAP version|# time=|# Subtest: |# bail)/.test(line)) this.#report.line(line)
  }

  #endOfFile(failed, name, time = '') {
    const { failures, skipped, asserts } = this.#report
    this.#report = new FileReport()
    this.#finished += 1
    const count = `${String(this.#finished).padStart(String(this.#files).length)}/${this.#files}`
    const title = name.replace(/^build\/test\//, '')
    for (const { path, reason } of skipped) {
      this.#skipped.set(reason, [...(this.#skipped.get(reason) ?? []), `${title} > ${path}`])
    }
    if (!failed) {
      this.push(`[${count}] ok   ${title} (${asserts} assertions, ${time})\n`)
      return
    }
    const told = failures.map(part => (part instanceof Failure ? [`  not ok: ${part.path}`, ...part.lines] : [part]))
    this.#failed = [`[${count}] FAIL ${title} (${time})`, ...told.flat()]
    const listed = failures.filter(part => part instanceof Failure)
    for (const failure of listed) this.#list.push(`${title}: ${failure.path}`, ...failure.digest())
    if (listed.length === 0) this.#list.push(`${title}: no test of it failed, it ended badly`)
    this.#endedBadly = listed.length === 0
  }

  #printFailed() {
    if (this.#failed === undefined) return
    this.push(`${this.#failed.join('\n')}\n`)
    this.#failed = undefined
  }

  #printList() {
    if (this.#list.length === 0) return
    const left = this.#list.length - maxListLines
    this.push(`failed:\n${this.#list.slice(0, maxListLines).join('\n')}\n`)
    if (left > 0) this.push(`… and ${left} more lines: see above\n`)
  }

  _flush(callback) {
    this.#printFailed()
    const { pass = 0, fail = 0, skip = 0, todo = 0 } = this.#totals
    for (const [reason, [first, ...others]] of this.#skipped) {
      this.push(`skipped: ${others.length > 0 ? `${others.length + 1} tests` : first}: ${reason}\n`)
    }
    if (Number(skip) + Number(todo) > 0) this.push(`${Number(skip) + Number(todo)} skipped\n`)
    this.#printList()
    this.push(`${pass} passed, ${fail} failed\n`)
    callback()
  }
}
