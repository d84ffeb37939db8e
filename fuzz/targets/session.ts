/**
 * A whole connection under a peer, a transport, an application and a clock that do what they please: src/connection. What
 * its handler is told is compared with what the peer's octets say; what leaves is read like a suspicious peer would.
 */
import { ProtocolError } from '../../src/errors.js'
import { sessions } from '../generators/session.js'
import { type NaiveConversation, type NaiveEvent, readConversation } from '../oracles/messages.js'
import { Endpoint } from '../session/endpoint.js'
import { formatSession, parseSession, type Session } from '../session/step.js'
import { judgeWire, type Sent } from '../session/wire.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

export const sessionTarget: Target<Session> = {
  name: 'session',
  about: 'a whole connection, with random cuts and random calls of its application',
  inputs: sessions,
  format: formatSession,
  parse: parseSession,
  check({ role, options, steps }) {
    const endpoint = new Endpoint(role, options)
    for (const step of steps) endpoint.step(step)
    endpoint.flow()
    const { limits, connection } = endpoint
    const expected = readConversation(Buffer.concat(endpoint.received), {
      masked: role === 'server',
      allowedRsv: 0,
      ...limits,
    })
    checkEvents(endpoint, expected)
    checkFailure(endpoint, expected)
    const whole = connection.state !== 'closed'
    if (whole) mustEqual('conservation', connection.bufferedAmount, 0, 'bufferedAmount in the end')
    const sent = judgeWire(Buffer.concat(endpoint.wire), role, limits.maxOutgoingFrameSize, whole)
    if (whole) checkSent(endpoint, sent)
    checkEnd(endpoint)
  },
}

/** Every event is one of the peer's, in order; none is left out but data once the end has begun, and what comes after it. */
function checkEvents(endpoint: Endpoint, expected: NaiveConversation): void {
  const { events, closingAt, connection } = endpoint
  let told = 0
  let skipped: NaiveEvent | undefined
  for (const event of expected.events) {
    if (event.kind === 'close') break
    const next = events[told]
    if (next !== undefined && next.kind === event.kind && next.payload.equals(event.payload)) told++
    else if ((event.kind === 'text' || event.kind === 'binary') && told >= closingAt) continue
    else {
      skipped = event
      break
    }
  }
  must(
    'twin',
    told === events.length,
    () => `told of ${describe(events[told])} where the peer said ${describe(skipped)}`,
  )
  const { received, error } = connection.closeRecord
  const heeding = connection.state !== 'closed' && received === undefined && !(error instanceof ProtocolError)
  must(
    'conservation',
    skipped === undefined || !heeding || connection.hangUp !== 'no',
    () => `not told of ${describe(skipped)}`,
  )
  if (received === undefined) return
  const close = expected.events.at(-1)
  must('twin', close?.kind === 'close', 'a Close frame that the peer did not send')
  const code = close.payload.length === 0 ? 1005 : close.payload.readUInt16BE()
  mustEqual('twin', received, { code, reason: close.payload.toString('utf8', 2) }, 'the Close frame received')
}

function describe(event: NaiveEvent | undefined): string {
  return event === undefined ? 'nothing' : `${event.kind} ${event.payload.toString('hex', 0, 40)}`
}

/** It fails when the peer's octets are wrong, with the octet that is wrong, for the right reason; else it does not. */
function checkFailure({ readings, connection }: Endpoint, { failure, inData }: NaiveConversation): void {
  const { error, sent, initiator } = connection.closeRecord
  const failed = error instanceof ProtocolError && error.code !== 'WS_MESSAGE_TIMEOUT'
  if (failure === undefined) {
    must('twin', !failed, () => `failed (${(error as Error).message}), but nothing is wrong`)
    return
  }
  const reading = readings.find(({ taken }) => taken > failure.at)
  if (reading === undefined) {
    must('twin', !failed, () => `failed (${(error as Error).message}) before the wrong octet ${failure.at}`)
    return
  }
  must(
    'twin',
    !reading.openAfter,
    () => `open after octet ${failure.at}, should fail with ${failure.codes.join(' or ')}`,
  )
  if (!reading.openBefore || !failed) return
  must(
    'twin',
    failure.codes.includes(error.statusCode),
    () => `failed with ${error.statusCode}, not ${failure.codes.join()}`,
  )
  if (initiator === 'local' && inData && sent !== undefined) return
}

/** What was accepted has left, in order; a Ping was answered by its Pong. */
function checkSent({ accepted, owedPongs, wasBlocked, connection }: Endpoint, { messages, pongs, closes }: Sent): void {
  const dropped = connection.closeRecord.octetsUnsent > 0
  const describeAll = (list: typeof accepted) => list.map(({ text, octets }) => `${text} ${octets.toString('latin1')}`)
  const expected = dropped ? accepted.slice(0, messages.length) : accepted
  mustEqual('round trip', describeAll([...messages]), describeAll(expected), 'the messages that left')
  const { sent } = connection.closeRecord
  mustEqual('output', closes.length, sent === undefined ? 0 : 1, 'Close frames that left')
  const texts = (list: readonly Buffer[]) => list.map(one => one.toString('hex'))
  if (!wasBlocked) mustEqual('output', texts(pongs), texts(owedPongs), 'the Pongs that left')
  else must('output', isSubsequence(texts(pongs), texts(owedPongs)), 'a Pong that is not owed, or out of order')
}

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0
  for (const one of whole) if (at < part.length && part[at] === one) at++
  return at === part.length
}

/** One end, and nothing after it. */
function checkEnd(endpoint: Endpoint): void {
  const { connection, events } = endpoint
  connection.transportEnded(endpoint.now)
  const { record } = endpoint
  must('once', record !== undefined, 'no end was told')
  const received = endpoint.received.reduce((sum, octets) => sum + octets.length, 0)
  mustEqual('conservation', record.octetsReceived, received, 'octets received')
  const taken = endpoint.wire.reduce((sum, octets) => sum + octets.length, 0)
  must('conservation', record.octetsSent <= taken, () => `${record.octetsSent} octets sent of ${taken} taken`)
  mustEqual('once', [connection.state, connection.hangUp], ['closed', 'no'], 'state and hangUp')
  mustEqual('once', connection.nextDeadline(), Number.POSITIVE_INFINITY, 'the next deadline')
  const told = events.length
  const calls = [
    connection.sendText('a'),
    connection.sendBinary(Buffer.alloc(1)),
    connection.sendPing(Buffer.alloc(0), 0),
  ]
  mustEqual('once', calls, ['dropped', 'dropped', false], 'calls after the end')
  connection.close(1000, '', endpoint.now)
  connection.terminate(endpoint.now)
  connection.transportEnded(endpoint.now)
  mustEqual('once', events.length, told, 'events after the end')
}
