/** RFC 6455 §7.1 Definitions: all that follows from the facts of a connection, for every combination of them. */
import t from 'tap'
import { ConnectionState } from '../../src/connection/connection-state.js'
import type { CloseBody } from '../../src/framing/close-body.js'
import { roles } from './connection-trace.js'

const flags = [false, true]
const ours: CloseBody = { code: 1000, reason: 'ours' }
const theirs: (CloseBody | undefined)[] = [undefined, { code: 4000, reason: 'theirs' }, { code: 1005, reason: '' }]

/** The table of states in words: one row for each combination, the first that fits. */
function expected(role: string, state: ConnectionState): [state: string, hangUp: string, code: number] {
  const code = state.closeReceived?.code ?? 1006
  if (state.transportEnded) return ['closed', 'no', code]
  if (state.cut) return ['closing', 'cut', code]
  if (state.peerEnded) return ['closing', 'now', code]
  if (state.failed) return ['closing', role === 'server' ? 'now' : 'after peer', code]
  if (state.closeSent && state.closeReceived) return ['closing', role === 'server' ? 'now' : 'after peer', code]
  if (state.closeSent || state.closeReceived) return ['closing', 'no', code]
  return ['open', 'no', code]
}

t.test(
  '7.1.1-3 7.1.3 7.1.4 7.1.5 7.1.6 state, hang-up, code, reason and cleanness, for every combination of facts',
  async t => {
    let combinations = 0
    for (const role of roles) {
      for (const sent of flags) {
        for (const received of theirs) {
          for (const bits of Array.from({ length: 16 }, (_, i) => i)) {
            const state = new ConnectionState(role)
            state.closeSent = sent ? ours : undefined
            state.closeReceived = received
            state.failed = (bits & 1) > 0
            state.peerEnded = (bits & 2) > 0
            state.cut = (bits & 4) > 0
            state.transportEnded = (bits & 8) > 0
            combinations++
            const of = `${role}, sent ${sent}, received ${received?.code}, bits ${bits}`
            t.same([state.state, state.hangUp, state.code], expected(role, state), of)
            t.equal(state.closing, state.state !== 'open', of)
            t.equal(state.reason, received?.reason ?? '', of)
            t.equal(state.clean, sent && received !== undefined && !state.failed, of)
            t.equal(state.record.phase, sent || received !== undefined ? 'closing' : 'open', of)
            t.equal(state.record.initiator, 'transport', 'unless somebody began it')
          }
        }
      }
    }
    t.equal(combinations, 2 * 2 * 3 * 16)
  },
)

/** The six rows as they stand in the design: Close sent, received, failed, ended; state, server, client, code. */
const rows: [
  sent: boolean,
  received: boolean,
  failed: boolean,
  ended: boolean,
  state: string,
  server: string,
  client: string,
  code?: number,
][] = [
  [false, false, false, false, 'open', 'no', 'no'],
  [true, false, false, false, 'closing', 'no', 'no'],
  [true, true, false, false, 'closing', 'now', 'after peer'],
  [true, false, true, false, 'closing', 'now', 'after peer'],
  [true, true, false, true, 'closed', 'no', 'no', 4000],
  [true, false, false, true, 'closed', 'no', 'no', 1006],
  [false, false, true, true, 'closed', 'no', 'no', 1006],
  [true, true, true, true, 'closed', 'no', 'no', 4000],
]

t.test(
  '5.5.1-11 5.5.1-12 5.5.1-13 7.1.1-5 7.1.1-6 who hangs up first: "The server MUST close … immediately", the client waits',
  async t => {
    for (const [sent, received, failed, ended, expectedState, server, client, code] of rows) {
      for (const role of roles) {
        const state = new ConnectionState(role)
        if (sent) state.closeSent = ours
        if (received) state.closeReceived = theirs[1]
        state.failed = failed
        state.transportEnded = ended
        t.equal(state.state, expectedState)
        t.equal(state.hangUp, role === 'server' ? server : client)
        if (code !== undefined) t.equal(state.code, code)
      }
    }
  },
)
