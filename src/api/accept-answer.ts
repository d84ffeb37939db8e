/**
 * What an accept hook answered: RFC 6455 §4.2.2 item 5 and §10.5. It guards the door, so what is misspelt there must not
 * open it.
 */
import { UsageError } from '../errors.js'
import { isObject } from '../option-table.js'
import type { Accept, Refuse } from './server-options.js'

const ofAcceptance: ReadonlySet<string> = new Set(['protocol', 'headers', 'data', 'status'])
const ofRefusal: ReadonlySet<string> = new Set(['status', 'reason', 'headers', 'body', 'head'])

/**
 * The answer, if it can be one.
 *
 * @throws UsageError WS_ACCEPT_ANSWER: no object, or with a property that neither an acceptance nor a refusal has.
 */
export function checkedAnswer<Data>(answer: Accept<Data> | Refuse | undefined): Accept<Data> | Refuse | undefined {
  if (answer === undefined) return undefined
  if (!isObject(answer)) throw unusable('accept returns an object, or nothing to accept')
  const known = answer.status === undefined ? ofAcceptance : ofRefusal
  for (const name of Object.keys(answer)) {
    if (known.has(name)) continue
    const what = known === ofRefusal ? 'a refusal' : 'an acceptance (there is no status, which would refuse)'
    throw unusable(`what accept returned has the property '${name}', which ${what} has not`)
  }
  return answer
}

function unusable(message: string): UsageError {
  return new UsageError('WS_ACCEPT_ANSWER', '4.2.2', message)
}
