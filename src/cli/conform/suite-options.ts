/** The options that all runs of the suite share: which cases, how, and what is written. */
import { url as debuggerUrl } from 'node:inspector'
import { type CaseRun, type Profile, profiles, type TestedRole } from '../../conformance/case.js'
import { declaredLimitCases } from '../../conformance/cases/10.4-declared-limit.js'
import { octetsCases } from '../../conformance/cases/10-robustness.js'
import { allCases } from '../../conformance/cases/all-cases.js'
import { proxyCases } from '../../conformance/cases/proxy.js'
import { defaultPatience, type Patience, scaled } from '../../conformance/patience.js'
import { idsOf, type Selection, selectRuns } from '../../conformance/selection.js'
import type { Arguments, OptionTable } from '../arguments.js'
import { CommandError } from '../command-error.js'
import { parseCount, parseSize, parseWord } from '../quantity.js'
import { type Terminal, tell } from '../terminal.js'

export const suiteOptions: OptionTable = {
  profile: {
    value: 'NAME',
    help: `core (default), strict (core and more, in every segmentation),\nlimits, deflate, robust, or all`,
  },
  case: {
    value: 'PATTERN',
    multiple: true,
    help: "only these: '6455/5.5.1', '6455/5.*', '*utf-8*', an Autobahn number ('7.3.1', '7.3');\nof all profiles, unless --profile says which; may be given more than once",
  },
  not: { value: 'PATTERN', multiple: true, help: 'not these; may be given more than once' },
  name: {
    value: 'NAME',
    help: 'of the implementation, for reports (default: its URL, or what a client calls itself)',
  },
  json: {
    value: 'FILE',
    help: "the whole report as JSON (version 1 of its schema);\n'-', for this or another FILE that is written: standard output, in the place of the text",
  },
  junit: { value: 'FILE', help: 'JUnit XML, for CI systems' },
  tap: { help: 'TAP on standard output, instead of the report' },
  html: { value: 'DIR', help: 'index.html: one page with search, filters, and what went over the wire' },
  sarif: { value: 'FILE', help: 'SARIF 2.1.0, for code scanning' },
  github: {
    help: "annotations for GitHub Actions after the report, and its job's summary;\nby itself where GITHUB_ACTIONS is 'true'",
  },
  badge: { value: 'FILE', help: 'JSON that shields.io draws a badge from' },
  pcap: { value: 'FILE', help: 'what went over the wire, as pcapng: Wireshark opens it' },
  autobahn: { value: 'DIR', help: 'index.json as Autobahn|Testsuite writes it' },
  baseline: { value: 'FILE', help: 'known failures: only what is not as listed there counts' },
  'update-baseline': { value: 'FILE', help: 'writes the failures of this run there' },
  'fail-on': { value: 'WORD', help: 'fail (default), or warn: a WARN counts as a failure, too' },
  'max-message': {
    value: 'SIZE',
    help: 'the longest message that the endpoint is said to take:\nwhat is longer has to be refused, by 1009',
  },
  'timeout-scale': {
    value: 'X',
    help: "longer (2) or shorter (0.5) patience; it only bounds failure (default 1);\n'off': wait as long as you step through the endpoint with a debugger\n(the default where framewright itself is run with --inspect)",
  },
  seed: { value: 'N', help: 'of masking-keys and payloads: the same seed sends the same octets (default 1)' },
  verbose: { short: 'v', help: 'shows the cases that pass as well, with what went over the wire' },
}

/** The parts of the help that follow from them. */
export const suiteParts: readonly (readonly [heading: string, lines: readonly string[]])[] = [
  [
    'Verdicts',
    [
      'PASS   it does what the RFC says',
      'INFO   legal, and worth knowing',
      'SKIP   the case does not apply: what it needs was not negotiated',
      'WARN   a SHOULD missed, or legal but unusual; the reason is given',
      'FAIL   a MUST broken',
      "ERROR  the tool's or the network's fault",
    ],
  ],
  [
    'Exit codes',
    [
      '0    nothing failed that was not expected to',
      '1    a FAIL or ERROR, with --fail-on warn a WARN, too; or a baseline that expects what passes now, or names no case',
      '2    no case was selected, the command line is wrong, or the endpoint cannot be reached at all',
      '130  interrupted',
    ],
  ],
]

/** What the options come to. */
export interface SuiteRun {
  readonly runs: readonly CaseRun[]
  readonly seed: number
  readonly patience: Patience
  /** The options that say which cases, for the line that runs one again. */
  readonly again: string
}

/**
 * Which cases the options name.
 *
 * @throws CommandError
 */
export function selectionOf(given: Arguments): Omit<Selection, 'tested'> {
  const profile = given.get('profile')
  return {
    profile: profile === undefined ? undefined : parseWord('--profile', profile, [...profiles, 'all'] as const),
    wanted: given.all('case'),
    unwanted: given.all('not'),
  }
}

/**
 * Reads the options.
 *
 * @throws CommandError, also where no case is selected, by one of the patterns or by all.
 */
export function suiteRun(given: Arguments, tested: TestedRole, terminal: Terminal): SuiteRun {
  const selection = { tested, ...selectionOf(given) }
  const { profile } = selection
  const limit = given.get('max-message')
  const declared = limit === undefined ? [] : declaredLimitCases(limitOf(limit), profileOf(profile))
  // The octets that a mutated session was shrunk to are a case of their own.
  const cases = [...allCases, ...proxyCases, ...declared, ...octetsCases(given.all('case'))]
  for (const pattern of given.all('case')) {
    if (selectRuns(cases, { tested, profile, wanted: [pattern] }).length === 0) {
      const where = idsOf(cases, pattern).size > 0 ? ` for a ${tested}` : ''
      throw namesNothing(`--case ${pattern}`, profile === undefined ? where : ` of the profile ${profile}${where}`)
    }
  }
  for (const pattern of given.all('not')) {
    if (idsOf(cases, pattern).size === 0) throw namesNothing(`--not ${pattern}`)
  }
  const runs = selectRuns(cases, selection)
  if (runs.length === 0) throw new CommandError('no case is selected: --not leaves none')
  const wanted = given.get('timeout-scale')
  const scale = scaleOf(wanted ?? (debuggerUrl() === undefined ? '1' : 'off'))
  if (wanted === undefined && scale !== 1) {
    tell(terminal, 'Node is being debugged: nothing times out, as with --timeout-scale off')
  }
  const seed = parseCount('--seed', given.get('seed') ?? '1', [], 0)
  const scaling = wanted === undefined || scale === 1 ? '' : ` --timeout-scale ${wanted}`
  const again = `--seed ${seed}${scaling}${limit === undefined ? '' : ` --max-message ${limit}`}`
  return { runs, seed, patience: scaled(defaultPatience, scale), again }
}

/** Those who declare a limit want to see it kept, whichever cases they run. */
function profileOf(chosen: Selection['profile']): Profile {
  return chosen === undefined || chosen === 'all' ? 'core' : chosen
}

function limitOf(text: string): number {
  const limit = parseSize('--max-message', text)
  if (limit <= mostProbed) return limit
  throw new CommandError(`--max-message ${text}: more than 256MiB is not tried`)
}

/** Messages are held in memory, some times over. */
const mostProbed = 256 * 2 ** 20

function namesNothing(option: string, where = ''): CommandError {
  const apart = option.includes(',') ? '; give the option once for each pattern' : ''
  return new CommandError(`${option} names no case${where}${apart}; framewright conform list shows them all`)
}

function scaleOf(text: string): number {
  if (text === 'off') return Number.POSITIVE_INFINITY
  const scale = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (scale > 0) return scale
  throw new CommandError(`--timeout-scale ${JSON.stringify(text)} is not a number above 0 such as 2 or 0.5, or 'off'`)
}
