/** What threads are told: what the load was told, and besides, what the users of a scenario do. */
import type { LoadSettings } from './load-settings.js'
import type { Script } from './scenario/step.js'

/** All that a thread has to know; can be sent to it. */
export interface ThreadSettings extends LoadSettings {
  /** Of the workload `steps`. */
  readonly script: Script
  /** Of a scenario: what is done is what these do. Else none. */
  readonly classes: readonly LoadClass[]
}

/** One class of a scenario. */
export interface LoadClass {
  readonly name: string
  readonly settings: ThreadSettings
}
