// Giving up while connecting, by an AbortSignal: RFC 6455 §4.1 leaves to the client how long it tries. That nothing is left,
// stage by stage: test/transport/4.1-dial.test.ts.
import { getEventListeners } from 'node:events'
import t, { type Test } from 'tap'
import { connect } from '../../src/api/client.js'
import { answering, listening, type Script, switching } from '../transport/scripted-server.js'

async function urlOf(t: Test, script: Script): Promise<string> {
  const { port } = await listening(t, script)
  return `ws://127.0.0.1:${port}/`
}

t.test('one signal for many connections at a time: no warning, and no listener is left', async t => {
  const url = await urlOf(t, answering(switching))
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  t.teardown(() => process.off('warning', onWarning))
  const { signal } = new AbortController()
  const connections = await Promise.all(Array.from({ length: 30 }, () => connect(url, { signal })))
  t.same(warnings, [])
  t.equal(getEventListeners(signal, 'abort').length, 0)
  for (const connection of connections) connection.terminate()
})

t.test("a signal of another class than Node's", async t => {
  const url = await urlOf(t, socket => socket.resume())
  const target = new EventTarget()
  const reason = new Error('enough')
  const signal = Object.assign(target, { aborted: false, reason }) as unknown as AbortSignal
  const rejected = t.rejects(connect(url, { signal }), reason)
  target.dispatchEvent(new Event('abort'))
  await rejected
  t.equal(getEventListeners(target, 'abort').length, 0)
})
