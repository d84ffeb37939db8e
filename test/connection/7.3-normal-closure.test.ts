/** RFC 6455 §7.1.2, §7.1.7, §7.3: who may close when, and that nothing closes without a reason. */
import t from 'tap'
import { ConnectionTrace, roles } from './connection-trace.js'

const first = { fin: false }

t.test(
  '7.3-1 "Servers MAY close the WebSocket connection whenever desired": at any moment, with one Close',
  async t => {
    const moments: [moment: string, before: (trace: ConnectionTrace) => unknown][] = [
      ['at once', () => {}],
      ['within a message that comes in', trace => trace.receive(trace.peer.text('a', first))],
      ['within a frame that comes in', trace => trace.receive(trace.peer.header(0x82, 100), Buffer.alloc(10))],
      ['within a header', trace => trace.receive(Buffer.from([0x81]))],
      ['within a message that goes out', trace => trace.connection.sendText('a', false)],
      ['while a Ping is unanswered', trace => trace.connection.sendPing(Buffer.alloc(0), 0)],
      ['while reading is held', trace => trace.connection.pause(0)],
    ]
    for (const role of roles) {
      for (const [moment, before] of moments) {
        const trace = new ConnectionTrace(role)
        before(trace)
        trace.connection.close(1000, 'enough', 0)
        t.equal(trace.next().at(-1), '> close 1000 "enough"', moment)
        t.equal(trace.connection.state, 'closing')
      }
    }
  },
)

t.test(
  '7.1.7-8 7.2.1-3 7.3-2 "clients SHOULD NOT close the connection" without a reason: a day of a quiet peer',
  async t => {
    for (const role of roles) {
      const trace = new ConnectionTrace(role)
      while (trace.now < 24 * 3600 * 1000) {
        trace.waitUntil(trace.connection.nextDeadline()).flush()
        trace.now += 5000
        trace.receive(trace.peer.pong(trace.sent.at(-1)?.payload))
      }
      t.equal(trace.connection.state, 'open')
      t.same(new Set(trace.sent.map(frame => frame.opcode)), new Set([9]), 'nothing but Pings left')
      t.ok(trace.sent.length > 3000)
    }
  },
)

t.test(
  '7.1.2-2 both Closes: "that endpoint SHOULD Close the WebSocket Connection", by whichever came first',
  async t => {
    for (const role of roles) {
      const hangUp = role === 'server' ? 'now' : 'after peer'
      const ours = new ConnectionTrace(role)
      ours.connection.close(1000, '', 0)
      t.equal(ours.connection.hangUp, 'no', 'the answer is waited for')
      ours.receive(ours.peer.close(1000))
      t.equal(ours.connection.hangUp, hangUp)
      const theirs = new ConnectionTrace(role)
      theirs.receive(theirs.peer.close(1000))
      t.equal(theirs.connection.hangUp, hangUp)
    }
  },
)

t.test('7.1.7-1 7.1.7-3 a violation: the client, the server "MUST Close the WebSocket Connection"', async t => {
  for (const role of roles) {
    const trace = new ConnectionTrace(role)
    const { wakes } = trace
    trace.connection.nextDeadline()
    trace.receive(trace.peer.more('stray', true))
    t.ok(trace.wakes > wakes, 'the owner is told')
    t.equal(trace.connection.hangUp, role === 'server' ? 'now' : 'after peer')
    t.equal(trace.connection.nextDeadline(), 10_000, 'and by when it must be over')
    trace.waitUntil(10_000)
    t.equal(trace.connection.hangUp, 'cut')
  }
})
