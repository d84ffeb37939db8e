/** What an exporter has been told until now: all that was counted, and the newest of the server. */
import { classNames } from '../class-names.js'
import type { LoadSettings } from '../load-settings.js'
import type { LoadPart } from '../report.js'
import { tallyOf } from '../reported-tally.js'
import type { ServerSecond } from '../server/server-report.js'
import { Tally } from '../tally.js'
import type { LabelledTally } from './metrics.js'

export class Gathered {
  server: ServerSecond = {}
  readonly #tally = new Tally()

  /** Classes that have come to nothing yet are known, too. */
  begin(settings: LoadSettings): void {
    for (const name of classNames(settings)) this.#tally.classOf(name)
  }

  add(part: LoadPart): void {
    this.#tally.add(tallyOf(part).take())
    if (part.server !== undefined) this.server = part.server
  }

  /** Of a load that has classes: these, and not their sum, so that whoever adds all up counts nothing twice. */
  get parts(): readonly LabelledTally[] {
    const { classes } = this.#tally
    if (classes.size === 0) return [{ labels: {}, tally: this.#tally }]
    return [...classes].map(([name, tally]) => ({ labels: { class: name }, tally }))
  }
}
