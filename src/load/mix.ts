/** Loads that are made of several: each has a share of the connections, and of the rate. */
import { UsageError } from '../errors.js'
import type { LoadOptions } from './load-options.js'
import type { RateSegment } from './rate-plan.js'
import type { RequestTemplate } from './request-messages.js'
import type { ThreadSettings } from './thread-settings.js'

const workloads = ['echo', 'request', 'upload', 'download'] as const

/** A part of a mixed load. */
export interface MixedPart {
  /**
   * How much of it, beside the shares of the others: of 80 and 20 the first has four of five messages of a rate, and four of
   * five connections, as near as whole ones can be; each part has one at least.
   */
  readonly share: number
  /** What goes to and fro. */
  readonly workload: (typeof workloads)[number]
  /** Names it in the report: letters, digits, `-` and `_`. Default: its workload. */
  readonly name?: string | undefined
  /** As of a load that is not mixed. */
  readonly size?: number | undefined
  /** As of a load that is not mixed. */
  readonly text?: boolean | undefined
  /** As of a load that is not mixed. */
  readonly request?: RequestTemplate | undefined
}

export function isMix(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false
  const parts = value.map(part => Object(part) as MixedPart)
  const valid = parts.every(
    ({ share, workload, name = workload }) =>
      share > 0 && share < Infinity && workloads.includes(workload) && /^[\w-]+$/.test(name),
  )
  return valid && new Set(parts.map(partName)).size === parts.length
}

/**
 * What each part is asked for: all that the load is asked for, but of connections and messages its share.
 *
 * @param mix - see {@link isMix}.
 */
export function partsOf(
  mix: readonly MixedPart[],
  options: LoadOptions & { readonly connections: number },
): { readonly name: string; readonly options: LoadOptions & { readonly connections: number } }[] {
  const { mix: _, rate, connections, seed = 1, ...others } = options
  const all = mix.reduce((sum, { share }) => sum + share, 0)
  const divided = connectionsOf(mix, connections)
  return mix.map((part, i) => {
    const { workload, size, text, request } = part
    return {
      name: partName(part),
      options: {
        ...others,
        workload,
        size: size ?? (workload === 'upload' ? undefined : options.size),
        randomness: workload === 'echo' || workload === 'upload' ? options.randomness : undefined,
        text: text ?? options.text,
        request,
        connections: divided[i]!,
        // What each connection has is the same, however many there are.
        rate: options.perConnection ? rate : shareOf(rate, part.share / all),
        // Poisson arrivals of one are independent of those of the others.
        seed: seed + i,
      },
    }
  })
}

/**
 * What a mixed load comes to: a class for each part.
 *
 * @param settingsOf - understands what is asked of one.
 * @throws UsageError WS_INVALID_OPTION
 */
export function mixed(options: LoadOptions, settingsOf: (options: LoadOptions) => ThreadSettings): ThreadSettings {
  const { mix = [] } = options
  const whole = settingsOf({ ...options, workload: undefined, mix: undefined })
  const { connections } = whole
  if (connections < mix.length) {
    const message = `a mix of ${mix.length} parts needs as many \`connections\`, and there are ${connections}`
    throw new UsageError('WS_INVALID_OPTION', '6.1', message)
  }
  const classes = partsOf(mix, { ...options, connections }).map(({ name, options }) => {
    // Whether there are too few for the shares of those that do not behave was asked of the whole.
    const own = { ...options, failIf: [], badPeers: undefined }
    return { name, settings: { ...settingsOf(own), badPeers: whole.badPeers } }
  })
  const threads = Math.min(whole.threads, ...classes.map(({ settings }) => settings.threads))
  return {
    ...whole,
    workload: 'mixed',
    mix,
    threads,
    classes: classes.map(({ name, settings }) => ({ name, settings: { ...settings, threads } })),
  }
}

/**
 * What cannot be divided by the shares, for people: connections, where the load of a part goes by how many it has.
 *
 * @returns undefined where it can, or the rate is divided instead.
 */
export function undivided(settings: ThreadSettings): string | undefined {
  const { mix, classes, connections, segments, perConnection } = settings
  if (mix === undefined || (segments !== undefined && !perConnection)) return undefined
  const all = mix.reduce((sum, { share }) => sum + share, 0)
  const wanted = mix.map(({ share }) => (share / all) * connections)
  if (classes.every(({ settings }, i) => Math.abs(settings.connections - wanted[i]!) <= wanted[i]! / 100))
    return undefined
  const parts = classes.map(({ name, settings }) => `${name} has ${settings.connections}`)
  return `${connections} connections cannot be shared out ${mix.map(({ share }) => share).join(' to ')}: ${parts.join(', ')}`
}

/** As near to the shares as can be, and at least one for each part; those that have the most go without. */
function connectionsOf(mix: readonly MixedPart[], connections: number): readonly number[] {
  const all = mix.reduce((sum, { share }) => sum + share, 0)
  let until = 0
  const divided = mix.map(({ share }) => {
    const from = Math.round((until / all) * connections)
    until += share
    return Math.round((until / all) * connections) - from
  })
  for (const [i, own] of divided.entries()) {
    if (own > 0) continue
    divided[divided.indexOf(Math.max(...divided))]! -= 1
    divided[i] = 1
  }
  return divided
}

/** What it is called in the report. */
export function partName({ name, workload }: MixedPart): string {
  return name ?? workload
}

function shareOf(rate: LoadOptions['rate'], share: number): LoadOptions['rate'] {
  if (typeof rate !== 'object') return rate === undefined ? undefined : rate * share
  return rate.map(({ from, to, duration }: RateSegment) => ({ from: from * share, to: to * share, duration }))
}
