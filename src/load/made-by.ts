/** What has made a report. */
import { arch, availableParallelism, platform } from 'node:os'
import { packageVersion } from './package-version.js'

/** By what a report was made; of shards, by what the first of them was. */
export interface MadeBy {
  /** The version of framewright. */
  readonly framewright: string
  /** The version of Node. */
  readonly node: string
  /** As Node calls them: `linux x64`. */
  readonly system: string
  /** How many cores this process may use. */
  readonly cores: number
}

export function madeBy(): MadeBy {
  return {
    framewright: packageVersion(),
    node: process.versions.node,
    system: `${platform()} ${arch()}`,
    cores: availableParallelism(),
  }
}
