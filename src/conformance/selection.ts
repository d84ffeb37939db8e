/** Which runs are meant: by profile, by patterns of ids, by Autobahn's numbers. */
import type { Case, CaseRun, Profile, TestedRole } from './case.js'
import type { Segmentation } from './segmentation.js'

/** What the command line says about it. */
export interface Selection {
  /** A proxy is put to the cases of servers too, a server of ours behind it. */
  readonly tested: TestedRole
  /** Default: `core`. */
  readonly profile?: Profile | 'all' | undefined
  /** Patterns of what to run, of all profiles then; none: everything of the profile. */
  readonly wanted?: readonly string[]
  /** Patterns of what to leave out. */
  readonly unwanted?: readonly string[]
}

/** The runs, in the order of the list of cases; the same for the same selection. */
export function selectRuns(cases: readonly Case[], selection: Selection): CaseRun[] {
  const { tested, wanted = [], unwanted = [] } = selection
  // Who asks for cases by name gets them, whatever their profile.
  const profile = selection.profile ?? (wanted.length > 0 ? 'all' : 'core')
  const runs: CaseRun[] = []
  for (const one of cases) {
    const roles = one.roles ?? ['server', 'client']
    if (!roles.includes(tested) && !(tested === 'proxy' && roles.includes('server'))) continue
    if (!isIn(one, profile)) continue
    for (const segmentation of segmentationsOf(one, profile)) {
      const run = { id: segmentation === 'whole' ? one.id : `${one.id}@${segmentation}`, case: one, segmentation }
      if (wanted.length > 0 && !wanted.some(pattern => isNamed(run, pattern))) continue
      if (!unwanted.some(pattern => isNamed(run, pattern))) runs.push(run)
    }
  }
  return runs
}

/** The ids of all runs that there can be, whoever is tested; or of those that this pattern names. */
export function idsOf(cases: readonly Case[], pattern = '*'): ReadonlySet<string> {
  const roles: readonly TestedRole[] = ['server', 'client', 'proxy', 'controlled client']
  const wanted = [pattern]
  return new Set(roles.flatMap(tested => selectRuns(cases, { tested, profile: 'all', wanted }).map(({ id }) => id)))
}

/** Whether a profile has the case: `strict` has those of `core` too. */
function isIn({ profile = 'core' }: Case, wanted: Profile | 'all'): boolean {
  return wanted === 'all' || wanted === profile || (wanted === 'strict' && profile === 'core')
}

function segmentationsOf(one: Case, profile: Profile | 'all'): readonly Segmentation[] {
  const all = one.segmentations ?? defaultSegmentations(one)
  return profile === 'strict' || profile === 'all' ? all : all.slice(0, 1)
}

function defaultSegmentations({ large, opening }: Case): readonly Segmentation[] {
  if (large === true) return ['whole', 'pieces']
  // A head is no frame, and has no neighbour.
  return opening === 'raw' ? ['whole', 'octets'] : ['whole', 'frames', 'octets', 'joined']
}

/**
 * Whether a pattern names the run: its id, the id of its case, or one of Autobahn's numbers; `*` stands for anything, `?` for
 * one character. `6455/5.5` names the section and those below it, as `7.3` does with Autobahn's.
 */
function isNamed(run: CaseRun, pattern: string): boolean {
  const expression = new RegExp(`^${escaped(pattern).replaceAll('*', '.*').replaceAll('?', '.')}$`)
  const names = [run.id, run.case.id, ...(run.case.autobahn ?? [])]
  return names.some(name => expression.test(name) || name.startsWith(`${pattern}/`) || name.startsWith(`${pattern}.`))
}

function escaped(text: string): string {
  return text.replace(/[.+^${}()|[\]\\]/g, '\\$&')
}
