/**
 * A whole connection under a peer, a transport, an application and a clock that do what they please: src/connection. What
 * its handler is told is compared with what the peer's octets say; what leaves is read like a suspicious peer would.
 */
import { ProtocolError } from '../../src/errors.js'
import type { CloseBody } from '../../src/framing/close-body.js'
import { sessions } from '../generators/session.js'
import { type NaiveConversation, type NaiveEvent, readConversation } from '../oracles/messages.js'
import { Endpoint } from '../session/endpoint.js'
import { formatSession, parseSession, type Session } from '../session/step.js'
import { judgeWire, mustBeSame, type Sent } from '../session/wire.js'
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
    endpoint.release()
  },
}

/** Every event is one of the peer's, in order; none is left out but data once the end has begun, and what comes after it. */
function checkEvents(endpoint: Endpoint, expected: NaiveConversation): void {
  const { events, closingAt, connection } = endpoint
  const { dataFailure } = expected
  let told = 0
  let missing: NaiveEvent | undefined
  for (const [index, event] of expected.events.entries()) {
    if (event.kind === 'close') break
    if (index === dataFailure?.after && told < closingAt) break
    const next = events[told]
    if (next !== undefined && next.kind === event.kind && next.payload.equals(event.payload)) told++
    else if ((event.kind === 'text' || event.kind === 'binary') && told >= closingAt) continue
    else {
      missing = event
      break
    }
  }
  must(
    'twin',
    told === events.length,
    () => `told of ${describe(events[told])} where the peer said ${describe(missing)}`,
  )
  must('conservation', missing === undefined || isOver(endpoint), () => `not told of ${describe(missing)}`)
  checkCloseReceived(connection.closeRecord.received, expected.events.at(-1))
}

/** Nothing is heeded any more: a Close has come, it failed, one side of the transport has ended, or it was cut. */
function isOver({ connection }: Endpoint): boolean {
  const { received, error } = connection.closeRecord
  return (
    connection.state === 'closed' ||
    received !== undefined ||
    error instanceof ProtocolError ||
    connection.hangUp !== 'no'
  )
}

function checkCloseReceived(received: CloseBody | undefined, last: NaiveEvent | undefined): void {
  if (received === undefined) return
  must('twin', last?.kind === 'close', 'a Close frame that the peer did not send')
  const code = last.payload.length === 0 ? 1005 : last.payload.readUInt16BE()
  mustEqual('twin', received, { code, reason: last.payload.toString('utf8', 2) }, 'the Close frame received')
}

function describe(event: NaiveEvent | undefined): string {
  return event === undefined ? 'nothing' : `${event.kind} ${event.payload.toString('hex', 0, 40)}`
}

/** It fails when the peer's octets are wrong, with the octet that is wrong, for the right reason; else it does not. */
function checkFailure({ readings, connection }: Endpoint, { failure, dataFailure }: NaiveConversation): void {
  const { error } = connection.closeRecord
  const failed = error instanceof ProtocolError && error.code !== 'WS_MESSAGE_TIMEOUT' ? error : undefined
  const reached = [dataFailure, failure].filter(one =>
    readings.some(({ taken }) => one !== undefined && taken > one.at),
  )
  const codes = reached.flatMap(one => one?.codes ?? [])
  must(
    'twin',
    failed === undefined || codes.includes(failed.statusCode),
    () => `failed: ${failed?.message}; should: ${codes.join()}`,
  )
  const first = reached[0]
  if (first === undefined) return
  const reading = readings.find(({ taken }) => taken > first.at)!
  must('twin', !reading.openAfter, () => `open after octet ${first.at}, should fail with ${first.codes.join(' or ')}`)
}

/** What was accepted has left, in order; a Ping was answered by its Pong. */
function checkSent({ accepted, owedPongs, wasBlocked, connection }: Endpoint, { messages, pongs, closes }: Sent): void {
  const dropped = connection.closeRecord.octetsUnsent > 0
  const expected = dropped ? accepted.slice(0, messages.length) : accepted
  mustBeSame(messages, expected, 'messages that left')
  const { sent } = connection.closeRecord
  mustEqual('output', closes.length, sent === undefined ? 0 : 1, 'Close frames that left')
  const texts = (list: readonly Buffer[]) => list.map(one => one.toString('hex'))
  if (!wasBlocked) mustEqual('output', texts(pongs), texts(owedPongs), 'the Pongs that left')
  else must('output', isPart(texts(pongs), texts(owedPongs)), 'a Pong that is not owed')
}

/** While the transport took nothing, Pongs were left out, and one that nobody asked for may have overtaken an answer. */
function isPart(part: readonly string[], whole: readonly string[]): boolean {
  const left = [...whole]
  return part.every(one => {
    const at = left.indexOf(one)
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
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
