/** What the classes of a load are called, whoever has them: a scenario, or a mixed load, whose parts these are. */
import type { LoadSettings } from './load-settings.js'
import { partName } from './mix.js'

/** None where the load is one. */
export function classNames({ scenario, mix = [] }: Pick<LoadSettings, 'scenario' | 'mix'>): readonly string[] {
  return scenario?.classes ?? mix.map(partName)
}
