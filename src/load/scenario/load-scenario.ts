/** Loads a server by a scenario, and reports what came of it. */
import { must, type OptionTable, readOptions } from '../../option-table.js'
import { loadOptionTable } from '../load-option-table.js'
import type { LoadOptions } from '../load-options.js'
import type { LoadReport } from '../report.js'
import { runLoad } from '../run-load.js'
import { serverOptionTable } from '../server/server-options.js'
import { type ScenarioText, scenarioSettings } from './parse-scenario.js'
import type { ScenarioOptions } from './read-scenario.js'
import type { Scenario } from './scenario.js'

/** Options of `loadScenario`: those of `load` that go with a scenario. What they say counts more than what that says. */
export interface LoadScenarioOptions
  extends ScenarioOptions,
    Pick<LoadOptions, 'exporters' | 'onSecond' | 'samples' | 'signal'> {
  /** Where to, instead of what the scenario says. */
  readonly url?: string | undefined
}

const section = '6.1'
const { threads, seed, drain, warmUp, opening, shard, startAt, sourceAddresses, connect } = loadOptionTable
const { failIf, abortOnFail, exporters, onSecond, samples, signal } = loadOptionTable
const table: OptionTable<LoadScenarioOptions> = {
  url: must(url => typeof url === 'string', section, 'text'),
  threads,
  seed,
  drain,
  warmUp,
  opening,
  shard,
  startAt,
  sourceAddresses,
  connect,
  failIf,
  abortOnFail,
  exporters,
  onSecond,
  samples,
  signal,
  ...serverOptionTable,
}

/**
 * Loads a server by a scenario: phases, and classes of users who go through steps.
 *
 * @param scenario - data, or the text of a file in YAML or JSON.
 * @returns the report; `classes` and `phases` say what each has of it. Rejects as `load` does; for a scenario that is wrong
 * with a UsageError, whose message begins with file, line and column, or else with the name of the value.
 */
export async function loadScenario(
  scenario: Scenario | ScenarioText,
  options: LoadScenarioOptions = {},
): Promise<LoadReport> {
  const { url, exporters, onSecond, samples, signal, ...rest } = readOptions('options', options, table, section)
  const { serverMetrics } = rest
  return await runLoad(scenarioSettings(scenario, rest, url), { exporters, onSecond, samples, signal, serverMetrics })
}
