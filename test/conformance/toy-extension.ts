/** An extension that leaves payloads as they are, for tests of how one is offered, answered and agreed on. */
import type { RawExtension } from '../../src/conformance/raw-extension.js'

const same = (payload: Buffer) => payload
const side = { takeover: true, bits: 15 }

export const toyExtension: RawExtension = {
  name: 'toy',
  offer: 'toy; really',
  answer: offered => (offered === '' ? undefined : 'toy'),
  agree: answered => (answered === 'toy' ? { rsv: 4, open: same, close: same, own: side, theirs: side } : undefined),
}
