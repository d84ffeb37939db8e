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
  /** Its tests took so many milliseconds. */
  time = 0
  /** Names of the tests around the current line, by depth. */
  #around = []
  /** By depth: whether a failure inside the test that ends next at that depth has been told already. */
  #told = []
  /** The indent of the diagnostics being copied or left out; undefined outside. */
  #diagnosticsEnd
  #copies = false

  constructor(title) {
    this.title = title
  }

  get failed() {
    return this.failures.filter(part => part instanceof Failure)
  }

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
    if (depth === 1) this.time += Number(/ # time=([\d.]+)ms$/.exec(name)?.[1] ?? 0)
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

/** How a file is called here. */
function titleOf(path) {
  return path.replace(/^build\/test\//, '')
}

/**
 * tap reporter: a line of progress per test file, also for each of those that one process runs together, which it tells apart
 * by comments with their paths; of a failing file each failure whole, under the names of the tests around it, without the many
 * lines that passed; what was skipped, by its reason; all failures again, shortened, for a log that is read from its end; and
 * the closing line `N passed, N failed`. A shortfall of coverage is printed before it and fails the run without changing it:
 * trust the exit status.
 */
export default class Reporter extends Transform {
  #rest = ''
  #files = 0
  #finished = 0
  /** The process whose lines are being gathered: what belongs to it as a whole, then each file that it names. */
  #reports = [new FileReport()]
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
    const file = /^ {4}# (build\/test\/\S+\.test\.js)$/.exec(line)
    if (totals) this.#totals = Object.fromEntries(totals[1].split(', ').map(pair => pair.split(': ')))
    else if (plan) this.#files = Number(plan[1])
    else if (point) this.#endOfFile(point[1] !== undefined, point[2], point[3])
    else if (file) this.#reports.push(new FileReport(titleOf(file[1])))
    else if (!/^(TAP version|# time=|# Subtest: |# bail)/.test(line)) this.#reports.at(-1).line(line)
  }

  #endOfFile(failed, name, time = '') {
    const reports = this.#reports
    this.#reports = [new FileReport()]
    reports[0].title = titleOf(name)
    this.#finished += 1
    const count = `${String(this.#finished).padStart(String(this.#files).length)}/${this.#files}`
    this.#keepSkipped(reports)
    if (failed) this.#keepFailed(reports, `[${count}] FAIL ${reports[0].title} (${time})`)
    else this.#printPassed(reports, count, time)
  }

  #keepSkipped(reports) {
    for (const { title, skipped } of reports) {
      for (const { path, reason } of skipped) {
        this.#skipped.set(reason, [...(this.#skipped.get(reason) ?? []), `${title} > ${path}`])
      }
    }
  }

  #printPassed([whole, ...files], count, time) {
    const asserts = files.reduce((sum, file) => sum + file.asserts, whole.asserts)
    this.push(`[${count}] ok   ${whole.title} (${asserts} assertions, ${time})\n`)
    for (const file of files) {
      this.push(`  ${file.title} (${file.asserts} assertions, ${Math.round(file.time)}ms)\n`)
    }
  }

  #keepFailed(reports, head) {
    const [whole, ...files] = reports
    const bad = reports.filter(({ failed }) => failed.length > 0)
    this.#endedBadly = bad.length === 0
    const parts = (this.#endedBadly ? reports : bad).flatMap(({ failures }) => failures)
    const told = parts.map(part => (part instanceof Failure ? [`  not ok: ${part.path}`, ...part.lines] : [part]))
    this.#failed = [head, ...told.flat()]
    for (const { title, failed } of bad) {
      for (const failure of failed) this.#list.push(`${title}: ${failure.path}`, ...failure.digest())
    }
    const last = files.length > 0 ? ` at ${files.at(-1).title}` : ''
    if (this.#endedBadly) this.#list.push(`${whole.title}: no test of it failed, it ended badly${last}`)
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
