/** What to do about connections that could not be opened or kept, in options of the command: a report knows none. */
import type { LoadReport } from '../../load/report.js'
import { certificateHint } from '../certificate-hint.js'

/** What our side says of a message that it does not take. */
const tooLong = /^ProtocolError: .* over the limit of \d+ octets/

/** One for each kind of error that has one. */
export function dialHints({ errors }: LoadReport): string[] {
  return errors.flatMap(({ kind, example }) => {
    // With TLS 1.3 the server looks at our certificate when the handshake is over for us.
    const [, code] = /^(?:tls|upgrade) (\S+)$/.exec(kind) ?? []
    const hint = tooLong.test(example) ? '--max-message SIZE takes more' : certificateHint(code)
    return hint === undefined ? [] : [`${kind}: ${hint}`]
  })
}
