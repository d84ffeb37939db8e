/** Scenario files, and scenarios of programs, as settings of a load. */
import type { ThreadSettings } from '../thread-settings.js'
import { jsonMistake } from './json-mistake.js'
import { expected, type Located, locate, wrong } from './located.js'
import { parseLocated, type SyntaxJudge } from './parse-document.js'
import { readScenario, type ScenarioOptions } from './read-scenario.js'
import type { Scenario } from './scenario.js'
import { syntaxError } from './syntax-error.js'

/** The text of a scenario file, YAML or JSON. */
export interface ScenarioText {
  /** All of it. */
  readonly text: string
  /** For messages: `chat.yaml`. Where it ends with `.json` the text has to be JSON. */
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
  return readScenario(documentOf(scenario), url, options)
}

function documentOf(scenario: Scenario | ScenarioText): Located {
  if (typeof scenario !== 'object' || scenario === null) {
    const shown = String(JSON.stringify(scenario)).slice(0, 60)
    throw wrong(`scenario: expected an object, or the text of a file as { text, name }, got ${shown}`)
  }
  if (!('text' in scenario)) return locate(scenario, 'scenario')
  const { text, name } = scenario
  const isFile = typeof text === 'string' && typeof name === 'string'
  return isFile
    ? parseLocated(text, name, judgeOf(scenario))
    : expected(locate(scenario, 'scenario'), 'text and name of a file, both text')
}

function judgeOf({ name }: ScenarioText): SyntaxJudge {
  const yaml: SyntaxJudge = (source, faults) => (faults.length === 0 ? undefined : syntaxError(source, faults))
  return /\.json$/i.test(name) ? (source, faults) => jsonMistake(source) ?? yaml(source, faults) : yaml
}
