/** What an exporter has been told until now: all that was counted, and the newest of the server. */
import type { LoadPart } from '../report.js'
import { tallyOf } from '../reported-tally.js'
import type { ServerSecond } from '../server/server-report.js'
import { Tally } from '../tally.js'

export class Gathered {
  readonly tally = new Tally()
  server: ServerSecond = {}

  add(part: LoadPart): void {
    this.tally.add(tallyOf(part).take())
    if (part.server !== undefined) this.server = part.server
  }
}
