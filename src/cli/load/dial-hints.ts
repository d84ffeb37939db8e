/** What to do about connections that could not be opened, in options of the command: a report knows none. */
import type { LoadReport } from '../../load/report.js'
import { certificateHint } from '../certificate-hint.js'

/** One for each kind of error that has one. */
export function dialHints({ errors }: LoadReport): string[] {
  return errors.flatMap(({ kind }) => {
    const [, code] = /^tls (\S+)$/.exec(kind) ?? []
    const hint = certificateHint(code)
    return hint === undefined ? [] : [`${kind}: ${hint}`]
  })
}
