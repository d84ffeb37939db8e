/** Scenario files, and scenarios of programs, as settings of a load. */
import type { ThreadSettings } from '../thread-settings.js'
import { locate } from './located.js'
import { parseLocated } from './parse-document.js'
import { readScenario, type ScenarioOptions } from './read-scenario.js'
import type { Scenario } from './scenario.js'
import { syntaxError } from './syntax-error.js'

/** The text of a scenario file, YAML or JSON. */
export interface ScenarioText {
  /** All of it. */
  readonly text: string
  /** For messages: `chat.yaml`. */
  readonly name: string
}

/**
 * Understands a scenario.
 *
 * @param url - where to, instead of what it says.
 * @throws UsageError WS_INVALID_OPTION: the message names file, line and column, or else the value, and what was expected.
 */
export function scenarioSettings(
  scenario: Scenario | ScenarioText,
  options: ScenarioOptions,
  url?: string,
): ThreadSettings {
  const document =
    'text' in scenario ? parseLocated(scenario.text, scenario.name, syntaxError) : locate(scenario, 'scenario')
  return readScenario(document, url, options)
}
