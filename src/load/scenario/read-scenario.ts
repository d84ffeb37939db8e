/** A scenario, understood and checked; what is wrong is told with its place. */
import { createHash } from 'node:crypto'
import type { UsageError } from '../../errors.js'
import type { HeaderInit } from '../../http/field-lines.js'
import { type BadPeerShares, badPeerKinds } from '../bad-peers.js'
import { checkAbort } from '../check-abort.js'
import { checkConditions } from '../check-conditions.js'
import { most } from '../load-amounts.js'
import { checkFailIf, type LoadOptions, loadSettings } from '../load-options.js'
import { checkEnd } from '../load-times.js'
import type { RateSegment } from '../rate-plan.js'
import type { LoadClass, ThreadSettings } from '../thread-settings.js'
import { usualWarmUp } from '../usual-warm-up.js'
import { expected, fields, type Located, list, mapping, rate, scalar, text, time, whole, wrong } from './located.js'
import { StepReader } from './read-steps.js'
import { hasRate, readBadPeers, readWorkload, workloadKeys } from './read-workload.js'
import type { Script } from './step.js'

/** Those options of a load that go with a scenario; they count more than what it says. */
export type ScenarioOptions = Pick<
  LoadOptions,
  | 'threads'
  | 'seed'
  | 'drain'
  | 'warmUp'
  | 'opening'
  | 'shard'
  | 'startAt'
  | 'sourceAddresses'
  | 'failIf'
  | 'abortOnFail'
  | 'serverPid'
  | 'serverCgroup'
  | 'serverMetrics'
  | 'connect'
>

const keys = [
  'url',
  'phases',
  'classes',
  'headers',
  'protocols',
  'arrival',
  'warmUp',
  'drain',
  'threads',
  'seed',
  'failIf',
] as const
const classKeys = [
  'connections',
  'weight',
  'url',
  'headers',
  'protocols',
  'opening',
  'steps',
  'values',
  'failIf',
  ...workloadKeys,
  ...badPeerKinds,
] as const

interface Phase {
  readonly name: string
  readonly duration: number
  readonly rate: { readonly from: number; readonly to: number } | undefined
}

interface Class {
  readonly node: Located
  readonly name: string
  readonly connections: number
  readonly weight: number
  readonly url: Located | undefined
  readonly headers: readonly (readonly [string, string])[]
  readonly protocols: readonly string[] | undefined
  readonly script: Script
  /** Instead of steps. */
  readonly workload: LoadOptions | undefined
  readonly badPeers: BadPeerShares | undefined
  readonly failIf: readonly Located[]
}

/**
 * Understands a scenario.
 *
 * @param url - counts more than what the scenario says.
 * @throws UsageError WS_INVALID_OPTION: the message names the place, what was expected and what stands there.
 */
export function readScenario(document: Located, url?: string, options: ScenarioOptions = {}): ThreadSettings {
  const found = fields(document, keys)
  const { place } = document
  if (found.phases === undefined) throw wrong(`${place}: expected phases, a list, each with its duration`)
  if (found.classes === undefined) throw wrong(`${place}: expected classes, a mapping of names to what their users do`)
  const phases = phasesOf(found.phases)
  const open = phases.some(({ rate }) => rate !== undefined)
  const classes = [...mapping(found.classes, 'classes')].map(([name, node]) => classOf(name, node, open))
  if (classes.length === 0) expected(found.classes, 'at least one class')
  const total = classes.reduce((sum, one) => sum + (isStill(one) ? 0 : one.weight), 0)
  if (open && total === 0)
    throw wrong(`${found.classes.place}: expected a class with steps or a workload for the rates`)
  const duration = phases.reduce((sum, { duration }) => sum + duration, 0)
  const shared: LoadOptions = {
    warmUp: found.warmUp === undefined ? usualWarmUp(open) : time(found.warmUp),
    drain: found.drain && time(found.drain),
    threads: found.threads && whole(found.threads, 1, most.threads),
    ...given(options),
  }
  placed(found.phases, () => checkEnd({ startAt: 0, warmUp: 0, duration }))
  const seed = options.seed ?? (found.seed === undefined ? 1 : whole(found.seed, 0))
  const common = { headers: headersOf(found.headers), protocols: protocolsOf(found.protocols) }
  const arrival = found.arrival && arrivalOf(found.arrival)
  const asked = options.connect?.protocols ?? []
  const settings = classes.map((one, i): LoadClass => {
    const still = isStill(one)
    const segments = open && !still ? segmentsOf(phases, one.weight / total) : undefined
    const connect = {
      ...options.connect,
      headers: [...common.headers, ...one.headers, ...pairsOf(options.connect?.headers ?? {})],
      protocols: asked.length > 0 ? asked : (one.protocols ?? common.protocols),
    }
    const where = url ?? (one.url ?? found.url)?.value
    if (typeof where !== 'string') throw wrong(`${one.node.place}: expected a url, here or of the whole scenario`)
    const told: LoadOptions = {
      ...shared,
      // What must not be, and whether that ends the run, is a matter of all classes together.
      failIf: [],
      ...(options.abortOnFail === true && { abortOnFail: false }),
      connections: one.connections,
      badPeers: one.badPeers,
      workload: still ? 'idle' : 'echo',
      ...given(one.workload ?? {}),
      ...(segments === undefined ? { duration } : { rate: segments, arrival }),
      seed: seed + i,
      connect,
    }
    const at = url === undefined ? (one.url ?? found.url)! : one.node
    const made = placed(at, () => loadSettings(where, told), given(options))
    return {
      name: one.name,
      settings: { ...made, ...(!still && !one.workload && { workload: 'steps' }), script: one.script },
    }
  })
  const threads = Math.min(...settings.map(({ settings }) => settings.threads))
  const conditions = [
    ...conditionsOf(found.failIf).map(node => ({ node, condition: text(node) })),
    ...classes.flatMap(({ name, failIf }) => failIf.map(node => ({ node, condition: `${name}: ${text(node)}` }))),
  ]
  const first = settings[0]!.settings
  const [workload, ...others] = new Set(settings.map(({ settings }) => settings.workload))
  const scenario = {
    phases: phases.map(({ name, duration }) => ({ name, duration })),
    classes: classes.map(({ name }) => name),
    digest: digestOf(
      classes.map(({ name, weight, connections, script, workload, badPeers, headers, protocols }) => {
        // Values of fields and names of subprotocols may be secret, and other ones in each run.
        const names = headers.map(([name]) => name.toLowerCase()).sort()
        return [name, weight, connections, script, workload, badPeers, phases, names, protocols?.length]
      }),
    ),
  }
  const all: ThreadSettings = {
    ...first,
    // What only holds connections, or has them come back, is about these.
    workload: total === 0 && others.length === 0 ? workload! : 'steps',
    script: { opening: [], steps: [], values: [] },
    badPeers: {},
    connections: settings.reduce((sum, { settings }) => sum + settings.connections, 0),
    segments: open ? withWarmUp(segmentsOf(phases, 1), first.warmUp) : undefined,
    duration,
    seed,
    threads,
    failIf: options.failIf ?? [],
    abortOnFail: options.abortOnFail ?? false,
    classes: settings.map(({ name, settings }) => ({ name, settings: { ...settings, threads, scenario } })),
    scenario,
  }
  checkFailIf(all)
  for (const { node, condition } of conditions) placed(node, () => checkConditions([condition], all))
  const judged = { ...all, failIf: [...conditions.map(({ condition }) => condition), ...all.failIf] }
  checkAbort(judged)
  return judged
}

/** Nothing of it is ever due. */
function isStill({ script, workload }: Class): boolean {
  return workload === undefined ? script.steps.length === 0 : !hasRate(workload.workload)
}

function given<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options
}

/**
 * What cannot be said of one value is said of the place where it belongs.
 *
 * @param beside - options that stand at no place: a message that begins with one of them is left as it is.
 */
function placed<Result>({ place }: Located, make: () => Result, beside: ScenarioOptions = {}): Result {
  try {
    return make()
  } catch (error) {
    const { message } = error as UsageError
    if (Object.hasOwn(beside, message.replace(/^\W*(\w+).*$/s, '$1'))) throw error
    throw wrong(`${place}: ${message}`)
  }
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}

function phasesOf(node: Located): Phase[] {
  const phases = list(node, 'phases, each with its duration').map((phase, i): Phase => {
    const found = fields(phase, ['name', 'duration', 'rate'])
    if (found.duration === undefined) throw wrong(`${phase.place}: expected a duration, such as 30s`)
    return {
      name: found.name === undefined ? `phase ${i + 1}` : text(found.name),
      duration: time(found.duration, 1),
      rate: found.rate && rate(found.rate),
    }
  })
  const rates = phases.filter(({ rate }) => rate !== undefined)
  if (rates.length > 0 && rates.length < phases.length) {
    throw wrong(`${node.place}: expected a rate in each phase, or in none`)
  }
  if (rates.length > 0 && rates.every(({ rate }) => rate!.from + rate!.to === 0)) {
    throw wrong(`${node.place}: expected a rate above 0 in one phase at least`)
  }
  return phases
}

function segmentsOf(phases: readonly Phase[], share: number): RateSegment[] {
  return phases.map(({ duration, rate }) => ({ from: rate!.from * share, to: rate!.to * share, duration }))
}

function withWarmUp(segments: readonly RateSegment[], warmUp: number): RateSegment[] {
  const { from } = segments[0]!
  return warmUp === 0 ? [...segments] : [{ from, to: from, duration: warmUp }, ...segments]
}

function classOf(name: string, node: Located, open: boolean): Class {
  const found = fields(node, classKeys)
  if (!/^[\w-]+$/.test(name)) throw wrong(`${node.place}: expected a name of letters, digits, - and _`)
  const values =
    found.values === undefined ? new Map<string, Located>() : mapping(found.values, 'names, each with a list of values')
  const lists = [...values].map(([name, one]) => [name, list(one, 'values').map(scalar)] as const)
  const steps = new StepReader(values)
  const script = { opening: steps.read(found.opening, false), steps: steps.read(found.steps, true), values: lists }
  const [first] = script.steps
  if (first !== undefined && first.kind !== 'send')
    throw wrong(`${found.steps!.place}: expected a first step that sends`)
  if (first !== undefined && !open && script.steps.every(({ kind }) => kind === 'send')) {
    throw wrong(
      `${found.steps!.place}: expected a step that receives or thinks, for nothing else says when to send again`,
    )
  }
  return {
    node,
    name,
    connections: found.connections === undefined ? 10 : whole(found.connections, 1, most.connections),
    weight: found.weight === undefined ? 1 : whole(found.weight, 1),
    url: found.url,
    headers: headersOf(found.headers),
    protocols: found.protocols && protocolsOf(found.protocols),
    script,
    workload: readWorkload(found),
    badPeers: readBadPeers(found),
    failIf: conditionsOf(found.failIf),
  }
}

function pairsOf(headers: HeaderInit): (readonly string[])[] {
  if (Symbol.iterator in headers) return [...(headers as Iterable<readonly string[]>)]
  return Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map(one => [name, one]))
}

function headersOf(node: Located | undefined): [string, string][] {
  return node === undefined ? [] : [...mapping(node, 'header fields')].map(([name, value]) => [name, scalar(value)])
}

function protocolsOf(node: Located | undefined): string[] {
  return node === undefined ? [] : list(node, 'subprotocols').map(text)
}

function conditionsOf(node: Located | undefined): readonly Located[] {
  return node === undefined ? [] : list(node, "conditions such as 'rtt.p99 > 20ms'")
}

function arrivalOf(node: Located): 'constant' | 'poisson' {
  return node.value === 'constant' || node.value === 'poisson' ? node.value : expected(node, 'constant or poisson')
}
