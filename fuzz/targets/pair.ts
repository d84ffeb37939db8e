/**
 * Two connections back to back: src/connection, both ways. Every message arrives, in order and unchanged, however the
 * octets are cut; then either of them closes, and both ends are clean.
 */
import { type Pair, type PairStep, pairs, type Side } from '../generators/pair.js'
import { Endpoint } from '../session/endpoint.js'
import { formatLine } from '../session/step.js'
import { judgeWire, mustBeSame, type SentMessage } from '../session/wire.js'
import type { Target } from '../target.js'
import { must, mustEqual } from '../violation.js'

export const pairTarget: Target<Pair> = {
  name: 'pair',
  about: 'two connections back to back',
  inputs: pairs,
  format: ({ client, server, steps }) => [formatLine(['pair', client, server]), ...steps.map(formatLine)],
  parse(lines) {
    const [first, ...steps] = lines.map(line => JSON.parse(line) as unknown)
    const [pair, client, server] = first as ['pair', Pair['client'], Pair['server']]
    if (pair !== 'pair') throw new Error('a pair begins with ["pair", options, options]')
    return { client, server, steps: steps as PairStep[] }
  },
  check({ client, server, steps }) {
    const ends = { client: new Endpoint('client', client), server: new Endpoint('server', server) }
    const wire = new Wire(ends)
    for (const step of steps) {
      if (step[0] === 'flow') wire.flow(step[1], step[2])
      else ends[step[0]].step(step[1])
    }
    wire.flowAll()
    checkDelivered(ends.client, ends.server)
    checkDelivered(ends.server, ends.client)
    // Whoever did more closes.
    const first: Side = ends.client.accepted.length > ends.server.accepted.length ? 'client' : 'server'
    ends[first].step(['close', 1000, 'done'])
    wire.flowAll()
    for (const role of ['client', 'server'] as const) checkClean(ends[role], role, first)
    for (const end of [ends.client, ends.server]) end.release()
  },
}

/** What either side has sent and the other has not been given. */
class Wire {
  readonly #ends: Readonly<Record<Side, Endpoint>>
  readonly #given = { client: 0, server: 0 }

  constructor(ends: Readonly<Record<Side, Endpoint>>) {
    this.#ends = ends
  }

  /** Returns how many octets arrived. */
  flow(from: Side, most: number): number {
    const sender = this.#ends[from]
    sender.step(['take'])
    sender.step(['drain', Number.MAX_SAFE_INTEGER, false])
    const sent = Buffer.concat(sender.wire)
    const octets = sent.subarray(this.#given[from], this.#given[from] + most)
    this.#given[from] += octets.length
    if (octets.length > 0) this.#ends[from === 'client' ? 'server' : 'client'].receive(octets)
    return octets.length
  }

  /** Until nothing moves. */
  flowAll(): void {
    const { client, server } = this.#ends
    for (let round = 0; round < 10_000; round++) {
      client.flow()
      server.flow()
      if (this.flow('client', Number.MAX_SAFE_INTEGER) + this.flow('server', Number.MAX_SAFE_INTEGER) === 0) return
    }
    must('conservation', false, 'octets without end')
  }
}

function checkDelivered(sender: Endpoint, receiver: Endpoint): void {
  const messages: SentMessage[] = receiver.events
    .filter(({ kind }) => kind === 'text' || kind === 'binary')
    .map(({ kind, payload }) => ({ text: kind === 'text', octets: payload }))
  const { state, closeRecord } = receiver.connection
  mustEqual('round trip', state, 'open', `${(closeRecord.error as Error | undefined)?.message}; the state`)
  mustBeSame(messages, sender.accepted, 'messages that arrived')
  const pongs = sender.events.filter(({ kind }) => kind === 'pong').length
  mustEqual('round trip', pongs, receiver.owedPongs.length, 'the Pongs that arrived')
}

function checkClean(endpoint: Endpoint, role: Side, first: Side): void {
  endpoint.connection.transportEnded(endpoint.now)
  const { record } = endpoint
  must('once', record !== undefined, 'no end was told')
  mustEqual('once', [record.code, record.reason, record.clean], [1000, role === first ? '' : 'done', true], 'the end')
  mustEqual('once', record.initiator, role === first ? 'local' : 'peer', 'who began it')
  const octets = Buffer.concat(endpoint.wire)
  mustEqual('conservation', [record.octetsSent, record.octetsUnsent], [octets.length, 0], 'octets sent and unsent')
  judgeWire(octets, role, endpoint.limits.maxOutgoingFrameSize, true)
}
